//! Speech worker: whisper.cpp behind stdin and stdout.
fn main() {}
