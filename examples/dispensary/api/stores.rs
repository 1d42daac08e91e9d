//! What belongs to a store: menu, prices, placing and finding orders.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State as Shared};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use order_core::access::Permission;
use order_core::flow::FlowError;
use order_core::model::Pause;
use order_core::ports::Coupon;
use order_core::rules::{Problems, codes, read_draft};
use serde_json::{Value, json};

use super::input::{Body, Segment, command_of, fields, ids_of, key_of, moment_of, only, query_of, store_of};
use super::schema::refusals::{Forbidden, Invalid, Malformed, NotFound, TooLarge, Unauthorized, Unavailable};
use super::schema::{self, ProblemDocument};
use super::views::{BatchEntry, QuoteView, StoreInfo};
use super::{Problem, State};
use crate::auth::Authenticated;

/// The longest a kiosk may wait for the POS.
const MAX_WAIT_MS: u64 = 30_000;

/// The menu with stock.
#[utoipa::path(get, path = "/api/v1/stores/{store}/products", tag = "stores",
    params(("store" = String, Path, description = "The store's id.")),
    responses(
        (status = 200, description = "The menu with stock.", body = schema::Menu),
        Unauthorized, Forbidden, NotFound, Unavailable,
    ))]
pub(crate) async fn products(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
) -> Result<Response, Problem> {
    let store = store_of(store)?;
    let setup = state.flow.store_for(&caller, Permission::Menu, &store)?;
    let products = setup.catalog.menu(&store).await.map_err(FlowError::from)?;
    let paused = state.flow.paused(&caller, &store).await?.is_some();
    let info = StoreInfo::new(setup, paused);
    Ok(Json(json!({ "products": products, "currency": setup.store.currency, "store": info })).into_response())
}

/// What a basket costs.
#[utoipa::path(post, path = "/api/v1/stores/{store}/quote", tag = "stores",
    params(("store" = String, Path, description = "The store's id.")),
    request_body = schema::OrderDraft,
    responses(
        (status = 200, description = "What the basket costs. Nothing is stored.", body = schema::Quote),
        Malformed, Unauthorized, Forbidden, NotFound, TooLarge,
        (status = 422, description = "Everything that stands against the basket, with what it would cost.", body = schema::QuoteProblem, content_type = "application/problem+json"),
        Unavailable,
    ))]
pub(crate) async fn quote(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
    Body(body): Body,
) -> Result<Json<QuoteView>, Problem> {
    let store = store_of(store)?;
    let policy = &state.flow.store_for(&caller, Permission::Quote, &store)?.store.policy;
    let draft = read_draft(&body, policy);
    let quote = state.flow.quote(&caller, &store, &draft).await?;
    if quote.problems.is_empty() { Ok(Json(quote.into())) } else { Err(Problem::of_quote(quote.into())) }
}

/// Place an order; 201 when new, 200 for a repeat.
#[utoipa::path(post, path = "/api/v1/stores/{store}/orders", tag = "stores",
    params(("store" = String, Path, description = "The store's id."),
        ("Idempotency-Key" = String, Header, description = "A key of the caller's own, the same for every repeat."),
        ("wait_ms" = Option<u64>, Query, description = "How long to wait for the POS, at most 30000.")),
    request_body = schema::OrderDraft,
    responses(
        (status = 201, description = "The order, placed.", body = schema::Order),
        (status = 200, description = "The order that this key placed before.", body = schema::Order),
        Malformed, Unauthorized, Forbidden, NotFound,
        (status = 409, description = "The key belongs to another order.", body = ProblemDocument, content_type = "application/problem+json"),
        TooLarge, Invalid, Unavailable,
    ))]
pub(crate) async fn submit(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let store = store_of(store)?;
    let policy = &state.flow.store_for(&caller, Permission::Submit, &store)?.store.policy;
    let mut draft = read_draft(&body, policy);
    let key = key_of(&headers).map_err(|more| draft.unread.extend(more)).ok();
    let wait = wait_of(&pairs).map_err(|more| draft.unread.extend(more)).ok().flatten();
    let Some(key) = key else {
        // Nothing can be placed; what else is wrong is told all the same.
        return Err(state.flow.quote(&caller, &store, &draft).await?.problems.into());
    };
    let submitted = state.flow.submit(&caller, &store, &draft, &key, wait).await?;
    let status = if submitted.replayed { StatusCode::OK } else { StatusCode::CREATED };
    let location = format!("/api/v1/orders/{}", submitted.order.id);
    Ok((status, [(LOCATION, location)], Json(submitted.order)).into_response())
}

/// Find orders.
#[utoipa::path(get, path = "/api/v1/stores/{store}/orders", tag = "stores",
    params(("store" = String, Path, description = "The store's id."),
        ("status" = Option<String>, Query, description = "Statuses, with commas between."),
        ("pos" = Option<String>, Query, description = "POS states, with commas between."),
        ("attention" = Option<bool>, Query, description = "Only orders that need a person, or only the others."),
        ("q" = Option<String>, Query, description = "Code, name, phone, POS number, or a part of one."),
        ("from" = Option<DateTime<Utc>>, Query, description = "Placed at or after."),
        ("to" = Option<DateTime<Utc>>, Query, description = "Placed before."),
        ("sort" = Option<String>, Query, description = "newest, oldest or updated."),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before."),
        ("limit" = Option<u32>, Query, description = "1 to 500; 50 when not given.")),
    responses(
        (status = 200, description = "A page of orders.", body = schema::OrderPage),
        Unauthorized, Forbidden, NotFound, Invalid, Unavailable,
    ))]
pub(crate) async fn list(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
    filters: Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let store = store_of(store)?;
    state.flow.store_for(&caller, Permission::ListOrders, &store)?;
    let page = state.search.search(&query_of(store, filters)?).await?;
    let mut answer = json!({ "orders": page.orders, "counts": page.counts });
    if let Some(next) = page.next {
        answer["next_cursor"] = next.to_string().into();
    }
    Ok(Json(answer).into_response())
}

/// One action on many orders.
#[utoipa::path(post, path = "/api/v1/stores/{store}/orders/batch", tag = "stores",
    params(("store" = String, Path, description = "The store's id.")),
    request_body = schema::BatchRequest,
    responses(
        (status = 200, description = "A result for each order.", body = Vec<schema::BatchEntry>),
        Malformed, Unauthorized, Forbidden, NotFound, TooLarge, Invalid, Unavailable,
    ))]
pub(crate) async fn batch(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
    Body(body): Body,
) -> Result<Json<Vec<BatchEntry>>, Problem> {
    let store = store_of(store)?;
    state.flow.store_for(&caller, Permission::ReadOrder, &store)?;
    let fields = fields(&body)?;
    let mut problems = Problems::new();
    let ids = ids_of(fields, &mut problems);
    let command = command_of(fields, "ids", &mut problems);
    let (Some(command), true) = (command, problems.is_empty()) else { return Err(problems.into()) };
    let results = state.flow.batch(&caller, &store, &ids, &command).await?;
    Ok(Json(results.into_iter().map(BatchEntry::from).collect()))
}

/// What the POS knows about a coupon.
#[utoipa::path(get, path = "/api/v1/stores/{store}/discounts/{code}", tag = "stores",
    params(("store" = String, Path, description = "The store's id."),
        ("code" = String, Path, description = "The coupon's code.")),
    responses(
        (status = 200, description = "The coupon.", body = schema::Coupon),
        Unauthorized, Forbidden,
        (status = 404, description = "There is no such coupon, or the POS has no coupon look-up (`/problems/not-offered`).", body = ProblemDocument, content_type = "application/problem+json"),
        Unavailable,
    ))]
pub(crate) async fn discount(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    Segment((store, code)): Segment<(String, String)>,
) -> Result<Json<Coupon>, Problem> {
    let coupon = state.flow.coupon(&caller, &store_of(Segment(store))?, &code).await?;
    coupon.map(Json).ok_or_else(|| Problem::not_found("no such coupon"))
}

/// The pick-up times that may be chosen now.
#[utoipa::path(get, path = "/api/v1/stores/{store}/slots", tag = "stores",
    params(("store" = String, Path, description = "The store's id.")),
    responses(
        (status = 200, description = "The times with a place left, earliest first; empty where the store offers none.", body = schema::PickupTimes),
        Unauthorized, Forbidden, NotFound, Unavailable,
    ))]
pub(crate) async fn slots(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
) -> Result<Json<Value>, Problem> {
    let times = state.flow.pickup_times(&caller, &store_of(store)?).await?;
    Ok(Json(json!({ "slots": times })))
}

/// Whether the store takes no orders now.
#[utoipa::path(get, path = "/api/v1/stores/{store}/pause", tag = "stores",
    params(("store" = String, Path, description = "The store's id.")),
    responses(
        (status = 200, description = "Whether, since when and until when.", body = schema::Paused),
        Unauthorized, Forbidden, NotFound, Unavailable,
    ))]
pub(crate) async fn paused(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
) -> Result<Json<Value>, Problem> {
    let pause = state.flow.paused(&caller, &store_of(store)?).await?;
    Ok(Json(paused_view(pause.as_ref())))
}

/// Have kiosks be refused for a while.
#[utoipa::path(post, path = "/api/v1/stores/{store}/pause", tag = "stores",
    params(("store" = String, Path, description = "The store's id.")),
    request_body = schema::PauseRequest,
    responses(
        (status = 200, description = "Kiosks are refused.", body = schema::Paused),
        Malformed, Unauthorized, Forbidden, NotFound, TooLarge, Invalid, Unavailable,
    ))]
pub(crate) async fn pause(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
    Body(body): Body,
) -> Result<Json<Value>, Problem> {
    let store = store_of(store)?;
    state.flow.store_for(&caller, Permission::Pause, &store)?;
    let fields = fields(&body)?;
    let mut problems = Problems::new();
    only(fields, &["until"], &mut problems);
    let until = moment_of(fields, "until", &mut problems);
    if until.is_some_and(|until| until <= state.flow.now()) {
        problems.add(codes::INVALID_DATE, "until", "that moment is over");
    }
    problems.into_result()?;
    let pause = state.flow.pause(&caller, &store, until).await?;
    Ok(Json(paused_view(Some(&pause))))
}

/// Have kiosks be served again.
#[utoipa::path(delete, path = "/api/v1/stores/{store}/pause", tag = "stores",
    params(("store" = String, Path, description = "The store's id.")),
    responses(
        (status = 200, description = "Kiosks are served.", body = schema::Paused),
        Unauthorized, Forbidden, NotFound, Unavailable,
    ))]
pub(crate) async fn resume(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
) -> Result<Json<Value>, Problem> {
    state.flow.resume(&caller, &store_of(store)?).await?;
    Ok(Json(paused_view(None)))
}

fn paused_view(pause: Option<&Pause>) -> Value {
    match pause {
        None => json!({ "paused": false }),
        Some(Pause { since, until }) => json!({ "paused": true, "since": since, "until": until }),
    }
}

fn wait_of(pairs: &[(String, String)]) -> Result<Option<Duration>, Problems> {
    let Some((_, value)) = pairs.iter().find(|(name, _)| name == "wait_ms") else { return Ok(None) };
    match value.parse::<u64>() {
        Ok(wait) => Ok(Some(Duration::from_millis(wait.min(MAX_WAIT_MS)))),
        Err(_) => Err(Problems::one(codes::WRONG_TYPE, "wait_ms", "expected milliseconds as a whole number")),
    }
}
