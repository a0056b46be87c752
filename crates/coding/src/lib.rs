//! Transcript to entities with spans to codes, each with its proof.
