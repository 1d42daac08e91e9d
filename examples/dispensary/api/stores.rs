//! What belongs to a store: menu, prices, placing and finding orders.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State as Shared};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use order_core::access::Permission;
use order_core::flow::FlowError;
use order_core::model::{Policy, StoreId};
use order_core::rules::{OrderDraft, Problems, codes, read_draft};
use serde_json::json;

use super::input::{Body, Segment, command_of, fields, ids_of, key_of, query_of, store_of};
use super::views::{BatchEntry, QuoteView};
use super::{Problem, State};
use crate::auth::Authenticated;

/// The longest a kiosk may wait for the POS.
const MAX_WAIT_MS: u64 = 30_000;

/// `GET /api/v1/stores/{store}/products`: the menu with stock.
pub(crate) async fn products(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
) -> Result<Response, Problem> {
    let store = store_of(store)?;
    let setup = state.flow.store_for(&caller, Permission::Menu, &store)?;
    let products = setup.catalog.menu(&store).await.map_err(FlowError::from)?;
    Ok(Json(json!({ "products": products, "currency": setup.store.currency })).into_response())
}

/// `POST /api/v1/stores/{store}/quote`: what a basket costs.
pub(crate) async fn quote(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
    Body(body): Body,
) -> Result<Json<QuoteView>, Problem> {
    let store = store_of(store)?;
    let policy = state.flow.store_for(&caller, Permission::Quote, &store)?.store.policy.clone();
    let draft = draft_of(&state, &store, &policy, &body)?;
    Ok(Json(state.flow.quote(&caller, &store, &draft).await?.into()))
}

/// `POST /api/v1/stores/{store}/orders`: place an order; 201 when new, 200 for a repeat.
pub(crate) async fn submit(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    store: Segment,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let store = store_of(store)?;
    let policy = state.flow.store_for(&caller, Permission::Submit, &store)?.store.policy.clone();
    let mut problems = Problems::new();
    let key = key_of(&headers).map_err(|more| problems.extend(more)).ok();
    let wait = wait_of(&pairs).map_err(|more| problems.extend(more)).ok().flatten();
    let draft = draft_of(&state, &store, &policy, &body).map_err(|more| problems.extend(more)).ok();
    let (Some(key), Some(draft), true) = (key, draft, problems.is_empty()) else {
        return Err(problems.into());
    };
    let submitted = state.flow.submit(&caller, &store, &draft, &key, wait).await?;
    let status = if submitted.replayed { StatusCode::OK } else { StatusCode::CREATED };
    let location = format!("/api/v1/orders/{}", submitted.order.id);
    Ok((status, [(LOCATION, location)], Json(submitted.order)).into_response())
}

/// `GET /api/v1/stores/{store}/orders`: find orders.
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

/// `POST /api/v1/stores/{store}/orders/batch`: one action on many orders.
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
    let command = command_of(fields, &mut problems);
    let (Some(command), true) = (command, problems.is_empty()) else { return Err(problems.into()) };
    let results = state.flow.batch(&caller, &store, &ids, &command).await?;
    Ok(Json(results.into_iter().map(BatchEntry::from).collect()))
}

fn draft_of(
    state: &State,
    store: &StoreId,
    policy: &Policy,
    body: &serde_json::Value,
) -> Result<OrderDraft, Problems> {
    let zone = state.flow.store(store).map(|setup| setup.store.time_zone).unwrap_or_default();
    read_draft(body, policy, state.flow.now().with_timezone(&zone).date_naive())
}

fn wait_of(pairs: &[(String, String)]) -> Result<Option<Duration>, Problems> {
    let Some((_, value)) = pairs.iter().find(|(name, _)| name == "wait_ms") else { return Ok(None) };
    match value.parse::<u64>() {
        Ok(wait) => Ok(Some(Duration::from_millis(wait.min(MAX_WAIT_MS)))),
        Err(_) => Err(Problems::one(codes::WRONG_TYPE, "wait_ms", "expected milliseconds as a whole number")),
    }
}
