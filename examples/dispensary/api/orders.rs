//! What is done to one order.

use axum::Json;
use axum::extract::State as Shared;
use order_core::access::Caller;
use order_core::flow::Words;
use order_core::lifecycle::Command;
use order_core::model::{Order, OrderId, Version};
use order_core::rules::{DraftLine, Problems, read_lines};
use serde_json::Value;

use super::input::{
    Body, Segment, command_of, fields, note_of, only, order_of, pos_link_of, version_of, words_of,
};
use super::schema;
use super::schema::refusals::{
    Forbidden, Invalid, Malformed, NotFound, TooLarge, Unauthorized, Unavailable, WrongState,
};
use super::views::{OrderView, TimelineEntry};
use super::{Problem, State};
use crate::auth::Authenticated;

/// One order, with what the caller may do next.
#[utoipa::path(get, path = "/api/v1/orders/{id}", tag = "orders", operation_id = "order",
    params(("id" = Uuid, Path, description = "The order's id.")),
    responses(
        (status = 200, description = "The order, and what may be done next.", body = schema::Order),
        Unauthorized, Forbidden, NotFound, Unavailable,
    ))]
pub(crate) async fn get(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    id: Segment,
) -> Result<Json<OrderView>, Problem> {
    let order = state.flow.order(&caller, order_of(id)?).await?;
    Ok(Json(OrderView::new(order, caller.actor.role)))
}

/// The timeline.
#[utoipa::path(get, path = "/api/v1/orders/{id}/history", tag = "orders",
    params(("id" = Uuid, Path, description = "The order's id.")),
    responses(
        (status = 200, description = "The timeline, oldest first.", body = Vec<schema::TimelineEntry>),
        Unauthorized, Forbidden, NotFound, Unavailable,
    ))]
pub(crate) async fn history(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    id: Segment,
) -> Result<Json<Vec<TimelineEntry>>, Problem> {
    let history = state.flow.history(&caller, order_of(id)?).await?;
    Ok(Json(history.into_iter().map(TimelineEntry::from).collect()))
}

/// Does one thing to an order.
#[utoipa::path(post, path = "/api/v1/orders/{id}/actions", tag = "orders",
    params(("id" = Uuid, Path, description = "The order's id.")),
    request_body = schema::ActionRequest,
    responses(
        (status = 200, description = "The order after it.", body = schema::Order),
        Malformed, Unauthorized, Forbidden, NotFound, WrongState, TooLarge, Invalid, Unavailable,
    ))]
pub(crate) async fn act(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    id: Segment,
    Body(body): Body,
) -> Result<Json<Order>, Problem> {
    let id = order_of(id)?;
    // Whose order it is comes before what is wrong with the request.
    state.flow.order(&caller, id).await?;
    let fields = fields(&body)?;
    let mut problems = Problems::new();
    let version = version_of(fields, &mut problems);
    let command = command_of(fields, "version", &mut problems);
    let (Some(command), true) = (command, problems.is_empty()) else { return Err(problems.into()) };
    Ok(Json(state.flow.act(&caller, id, &Command { version, ..command }).await?))
}

/// Make the lines exactly these.
#[utoipa::path(patch, path = "/api/v1/orders/{id}/items", tag = "orders",
    params(("id" = Uuid, Path, description = "The order's id.")),
    request_body = schema::ItemsChange,
    responses(
        (status = 200, description = "The order after it.", body = schema::Order),
        Malformed, Unauthorized, Forbidden, NotFound, WrongState, TooLarge, Invalid, Unavailable,
    ))]
pub(crate) async fn items(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    id: Segment,
    Body(body): Body,
) -> Result<Json<Order>, Problem> {
    let (id, change) = lines_of(&state, &caller, id, &body).await?;
    Ok(Json(state.flow.amend(&caller, id, change.version, &change.lines, change.words).await?))
}

/// Add lines; the same product in the same size adds up.
#[utoipa::path(post, path = "/api/v1/orders/{id}/items", tag = "orders",
    params(("id" = Uuid, Path, description = "The order's id.")),
    request_body = schema::ItemsChange,
    responses(
        (status = 200, description = "The order after it.", body = schema::Order),
        Malformed, Unauthorized, Forbidden, NotFound, WrongState, TooLarge, Invalid, Unavailable,
    ))]
pub(crate) async fn add_items(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    id: Segment,
    Body(body): Body,
) -> Result<Json<Order>, Problem> {
    let (id, change) = lines_of(&state, &caller, id, &body).await?;
    Ok(Json(state.flow.merge(&caller, id, change.version, &change.lines, change.words).await?))
}

/// A change of lines, read.
struct LinesChange {
    version: Version,
    lines: Vec<DraftLine>,
    words: Words,
}

async fn lines_of(
    state: &State,
    caller: &Caller,
    id: Segment,
    body: &Value,
) -> Result<(OrderId, LinesChange), Problem> {
    let id = order_of(id)?;
    // Whose order it is comes before what is wrong with the request.
    let order = state.flow.order(caller, id).await?;
    let setup = state.flow.store(&order.store).ok_or_else(|| Problem::not_found("no such store"))?;
    let fields = fields(body)?;
    let mut problems = Problems::new();
    only(fields, &["version", "items", "note", "override"], &mut problems);
    let version = version_of(fields, &mut problems);
    let words = words_of(fields, &mut problems);
    let lines =
        read_lines(fields.get("items"), &setup.store.policy).map_err(|more| problems.extend(more)).ok();
    match (version, lines, problems.is_empty()) {
        (Some(version), Some(lines), true) => Ok((id, LinesChange { version, lines, words })),
        _ => Err(problems.into()),
    }
}

/// Retry, link or enter by hand.
#[utoipa::path(post, path = "/api/v1/orders/{id}/pos", tag = "orders",
    params(("id" = Uuid, Path, description = "The order's id.")),
    request_body = schema::PosRequest,
    responses(
        (status = 200, description = "The order after it.", body = schema::Order),
        Malformed, Unauthorized, Forbidden, NotFound, WrongState, TooLarge, Invalid, Unavailable,
    ))]
pub(crate) async fn pos(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    id: Segment,
    Body(body): Body,
) -> Result<Json<Order>, Problem> {
    let id = order_of(id)?;
    state.flow.order(&caller, id).await?;
    let fields = fields(&body)?;
    let mut problems = Problems::new();
    let note = note_of(fields, &mut problems);
    let link = pos_link_of(fields, &mut problems);
    let (Some(link), true) = (link, problems.is_empty()) else { return Err(problems.into()) };
    Ok(Json(state.flow.pos_link(&caller, id, link, note).await?))
}
