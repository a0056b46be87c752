//! The headless program: parse, call, show.
fn main() {}
