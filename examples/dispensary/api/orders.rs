//! What is done to one order.

use axum::Json;
use axum::extract::State as Shared;
use order_core::lifecycle::Command;
use order_core::model::Order;
use order_core::rules::{Problems, read_lines};

use super::input::{Body, Segment, command_of, fields, note_of, order_of, pos_link_of, version_of};
use super::views::TimelineEntry;
use super::{Problem, State};
use crate::auth::Authenticated;

/// `GET /api/v1/orders/{id}`.
pub(crate) async fn get(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    id: Segment,
) -> Result<Json<Order>, Problem> {
    Ok(Json(state.flow.order(&caller, order_of(id)?).await?))
}

/// `GET /api/v1/orders/{id}/history`: the timeline.
pub(crate) async fn history(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    id: Segment,
) -> Result<Json<Vec<TimelineEntry>>, Problem> {
    let history = state.flow.history(&caller, order_of(id)?).await?;
    Ok(Json(history.into_iter().map(TimelineEntry::from).collect()))
}

/// `POST /api/v1/orders/{id}/actions`.
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
    let command = command_of(fields, &mut problems);
    let (Some(command), true) = (command, problems.is_empty()) else { return Err(problems.into()) };
    Ok(Json(state.flow.act(&caller, id, &Command { version, ..command }).await?))
}

/// `PATCH /api/v1/orders/{id}/items`: make the lines exactly these.
pub(crate) async fn items(
    Shared(state): Shared<State>,
    Authenticated(caller): Authenticated,
    id: Segment,
    Body(body): Body,
) -> Result<Json<Order>, Problem> {
    let id = order_of(id)?;
    let order = state.flow.order(&caller, id).await?;
    let setup = state.flow.store(&order.store).ok_or_else(|| Problem::not_found("no such store"))?;
    let fields = fields(&body)?;
    let mut problems = Problems::new();
    let version = version_of(fields, &mut problems);
    let note = note_of(fields, &mut problems);
    let lines =
        read_lines(fields.get("items"), &setup.store.policy).map_err(|more| problems.extend(more)).ok();
    let (Some(version), Some(lines), true) = (version, lines, problems.is_empty()) else {
        return Err(problems.into());
    };
    Ok(Json(state.flow.amend(&caller, id, version, &lines, note).await?))
}

/// `POST /api/v1/orders/{id}/pos`: retry, link or enter by hand.
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
