//! Tests that cross rooms; this crate holds nothing else.
