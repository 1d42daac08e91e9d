//! What the browser tests stand on: a running host, and a browser.

pub(crate) mod browser;
pub(crate) mod host;
