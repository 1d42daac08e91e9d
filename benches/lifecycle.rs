//! lifecycle
fn main() {}
