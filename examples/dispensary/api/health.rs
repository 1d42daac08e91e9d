//! Whether the host is alive, and whether it can do its work.

use axum::Json;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use super::State;

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// `GET /readyz`: the order store answers; with it, how much work waits and since when.
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
