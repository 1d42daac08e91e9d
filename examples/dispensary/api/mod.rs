//! The HTTP face of the flow. Every answer that is not a success is a problem document (RFC 9457).

mod health;
mod input;
mod json;
mod openapi;
mod orders;
mod problem;
pub(crate) mod schema;
mod stores;
mod track;
mod views;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use order_core::flow::OrderFlow;
use order_core::ports::OrderSearch;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use problem::Problem;

use crate::auth::Tokens;
use crate::pages;

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

/// Every route, and the document that describes them: one list, so that neither can be without the other.
fn described() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(stores::products))
        .routes(routes!(stores::quote))
        .routes(routes!(stores::discount))
        .routes(routes!(stores::list, stores::submit))
        .routes(routes!(stores::batch))
        .routes(routes!(stores::slots))
        .routes(routes!(stores::paused, stores::pause, stores::resume))
        .routes(routes!(orders::get))
        .routes(routes!(orders::history))
        .routes(routes!(orders::items, orders::add_items))
        .routes(routes!(orders::act))
        .routes(routes!(orders::pos))
        .routes(routes!(track::get))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(openapi::document))
        .routes(routes!(pages::kiosk))
        .routes(routes!(pages::staff))
        .routes(routes!(pages::track))
        .routes(routes!(pages::asset))
}

/// The host's HTTP service.
pub(crate) fn router(state: State) -> Router {
    let (router, _) = described().split_for_parts();
    router
        .fallback(|| async { Problem::not_found("there is nothing at this address") })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state)
}
