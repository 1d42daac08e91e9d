//! The HTTP face of the flow. Every answer that is not a success is a problem document (RFC 9457).

mod health;
mod input;
mod json;
mod orders;
mod problem;
mod stores;
mod track;
mod views;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, patch, post};
use order_core::flow::OrderFlow;
use order_core::ports::OrderSearch;

pub(crate) use problem::Problem;

use crate::auth::Tokens;

/// The largest body taken, in bytes: fifty lines with long notes fit many times over.
const MAX_BODY: usize = 256 * 1024;

/// What every handler may use.
#[derive(Clone)]
pub(crate) struct State {
    /// The use cases.
    pub flow: OrderFlow,
    /// The reading side.
    pub search: Arc<dyn OrderSearch>,
    /// Who may call.
    pub tokens: Tokens,
}

/// Every route.
pub(crate) fn router(state: State) -> Router {
    Router::new()
        .route("/api/v1/stores/{store}/products", get(stores::products))
        .route("/api/v1/stores/{store}/quote", post(stores::quote))
        .route("/api/v1/stores/{store}/orders", get(stores::list).post(stores::submit))
        .route("/api/v1/stores/{store}/orders/batch", post(stores::batch))
        .route("/api/v1/orders/{id}", get(orders::get))
        .route("/api/v1/orders/{id}/history", get(orders::history))
        .route("/api/v1/orders/{id}/items", patch(orders::items))
        .route("/api/v1/orders/{id}/actions", post(orders::act))
        .route("/api/v1/orders/{id}/pos", post(orders::pos))
        .route("/api/v1/track/{code}", get(track::get))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(|| async { Problem::not_found("there is nothing at this address") })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state)
}
