//! Use cases, the durable job pipeline and its events.
