//! dispensary
fn main() {}
