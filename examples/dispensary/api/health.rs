//! Whether the host is alive, and whether it can do its work.

use axum::Json;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use super::State;
use super::schema;

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "host", security(()),
    responses(
        (status = 200, description = "It answers.", body = schema::Health),
    ))]
pub(crate) async fn alive() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// The order store answers; with it, how much work waits and since when.
#[utoipa::path(get, path = "/readyz", tag = "host", security(()),
    responses(
        (status = 200, description = "It can do its work.", body = schema::Readiness),
        (status = 503, description = "It cannot.", body = schema::Readiness),
    ))]
pub(crate) async fn ready(Shared(state): Shared<State>) -> Response {
    match state.search.backlog(state.flow.now()).await {
        Ok(backlog) => Json(json!({
            "status": "ok",
            "outbox": {
                "waiting": backlog.waiting,
                "due": backlog.due,
                "oldest_due": backlog.oldest_due,
            },
        }))
        .into_response(),
        Err(error) => {
            tracing::error!(%error, "the order store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "order store unavailable" })))
                .into_response()
        }
    }
}
