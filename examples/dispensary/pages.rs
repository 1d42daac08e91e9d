//! The pages: static files, compiled in. They hold no data; what they show they ask the API for, with the
//! token of whoever sits in front of them.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue};

use crate::api::Problem;

/// Own files and own API only: no inline script or style, no frame, no other host. Trusted types make the browser
/// itself refuse to read markup out of a text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// A page is asked for anew each time, so that a kiosk that runs for months shows what the host serves.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// Every file the pages are made of.
const ASSETS: &[(&str, &str, &str)] = &[
    ("base.css", CSS, include_str!("pages/base.css")),
    ("base.js", JS, include_str!("pages/base.js")),
    ("icon.svg", "image/svg+xml", include_str!("pages/icon.svg")),
    ("kiosk.css", CSS, include_str!("pages/kiosk.css")),
    ("kiosk.js", JS, include_str!("pages/kiosk.js")),
    ("kiosk-order.js", JS, include_str!("pages/kiosk-order.js")),
    ("kiosk-rules.js", JS, include_str!("pages/kiosk-rules.js")),
    ("staff.css", CSS, include_str!("pages/staff.css")),
    ("staff.js", JS, include_str!("pages/staff.js")),
    ("staff-ask.js", JS, include_str!("pages/staff-ask.js")),
    ("staff-detail.js", JS, include_str!("pages/staff-detail.js")),
    ("staff-pause.js", JS, include_str!("pages/staff-pause.js")),
    ("track.css", CSS, include_str!("pages/track.css")),
    ("track.js", JS, include_str!("pages/track.js")),
    ("words.js", JS, include_str!("pages/words.js")),
];

fn file(kind: &'static str, text: &'static str) -> Response {
    (HEADERS, [(CONTENT_TYPE, kind)], text).into_response()
}

/// The kiosk: menu, basket, order.
#[utoipa::path(get, operation_id = "kiosk_page", path = "/kiosk/{store}", tag = "pages", security(()),
    params(("store" = String, Path, description = "The store's id.")),
    responses((status = 200, description = "The page.", content_type = "text/html", body = String)))]
pub(crate) async fn kiosk() -> Response {
    file(HTML, include_str!("pages/kiosk.html"))
}

/// The staff board.
#[utoipa::path(get, operation_id = "staff_page", path = "/staff/{store}", tag = "pages", security(()),
    params(("store" = String, Path, description = "The store's id.")),
    responses((status = 200, description = "The page.", content_type = "text/html", body = String)))]
pub(crate) async fn staff() -> Response {
    file(HTML, include_str!("pages/staff.html"))
}

/// The customer's page.
#[utoipa::path(get, operation_id = "track_page", path = "/track/{code}", tag = "pages", security(()),
    params(("code" = String, Path, description = "The order's code.")),
    responses((status = 200, description = "The page.", content_type = "text/html", body = String)))]
pub(crate) async fn track() -> Response {
    file(HTML, include_str!("pages/track.html"))
}

/// A style, script or picture of the pages.
#[utoipa::path(get, path = "/assets/{file}", tag = "pages", security(()),
    params(("file" = String, Path, description = "The file's name.")),
    responses(
        (status = 200, description = "The file.", content(
            (String = "text/css"), (String = "text/javascript"), (String = "image/svg+xml"))),
        (status = 404, description = "There is no such file.", body = crate::api::schema::ProblemDocument,
            content_type = "application/problem+json"),
    ))]
pub(crate) async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    ASSETS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, kind, text)| file(kind, text))
        .ok_or_else(|| Problem::not_found("there is no such file"))
}
