//! The OpenAPI document. Its paths come with the routes, its shapes from [`super::schema`].

use std::sync::LazyLock;

use axum::Json;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::Tag;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};

use super::described;

/// The name of the one security scheme.
const BEARER: &str = "bearer";

/// The document without paths: what it is about, and how to be let in.
pub(super) fn frame() -> OpenApi {
    let mut http = Http::new(HttpAuthScheme::Bearer);
    http.bearer_format = Some("JWT".to_owned());
    http.description = Some("A token with role, stores and expiry.".to_owned());
    let tag = |name: &str, text: &str| {
        let mut tag = Tag::new(name);
        tag.description = Some(text.to_owned());
        tag
    };
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Dispensary orders")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "Kiosk and staff API. Every answer that is not a success is a problem document.",
                ))
                .build(),
        )
        .tags(Some([
            tag("stores", "What belongs to a store: menu, prices, placing and finding orders."),
            tag("orders", "What is done to one order."),
            tag("customers", "What customers may see."),
            tag("host", "The host itself."),
            tag("pages", "Pages for people."),
        ]))
        .components(Some(
            ComponentsBuilder::new().security_scheme(BEARER, SecurityScheme::Http(http)).build(),
        ))
        .security(Some([SecurityRequirement::new(BEARER, Vec::<String>::new())]))
        .build()
}

/// The whole document, made once.
static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(|| described().split_for_parts().1);

/// What this host offers.
#[utoipa::path(get, path = "/openapi.json", tag = "host", security(()),
    responses((status = 200, description = "This document.", body = serde_json::Value)))]
pub(crate) async fn document() -> Json<&'static OpenApi> {
    Json(&DOCUMENT)
}
