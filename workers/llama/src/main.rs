//! Language worker: llama.cpp behind stdin and stdout.
fn main() {}
