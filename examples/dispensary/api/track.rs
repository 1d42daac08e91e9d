//! The customer's own order, by its code.

use axum::Json;
use axum::extract::State as Shared;
use order_core::model::CustomerOrder;

use super::input::Segment;
use super::schema;
use super::schema::refusals::{NotFound, Unavailable};
use super::{Problem, State};

/// No token; whoever knows the code sees as much as is called out in the store.
#[utoipa::path(get, path = "/api/v1/track/{code}", tag = "customers", operation_id = "track_order", security(()),
    params(("code" = String, Path, description = "The order's code, however it was written down.")),
    responses(
        (status = 200, description = "The order, as far as it is called out in the store.", body = schema::CustomerOrder),
        NotFound, Unavailable,
    ))]
pub(crate) async fn get(
    Shared(state): Shared<State>,
    Segment(code): Segment,
) -> Result<Json<CustomerOrder>, Problem> {
    let code = code.parse().map_err(|_| Problem::not_found("no such order"))?;
    Ok(Json(state.flow.track(code).await?))
}
