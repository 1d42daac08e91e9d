//! The customer's own order, by its code.

use axum::Json;
use axum::extract::State as Shared;
use order_core::model::CustomerOrder;

use super::input::Segment;
use super::{Problem, State};

/// `GET /api/v1/track/{code}`: no token; whoever knows the code sees as much as is called out in the store.
pub(crate) async fn get(
    Shared(state): Shared<State>,
    Segment(code): Segment,
) -> Result<Json<CustomerOrder>, Problem> {
    let code = code.parse().map_err(|_| Problem::not_found("no such order"))?;
    Ok(Json(state.flow.track(code).await?))
}
