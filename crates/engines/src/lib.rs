//! Model manifest, fetch and verify; supervisor of the model workers.
