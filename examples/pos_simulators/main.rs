//! pos_simulators
fn main() {}
