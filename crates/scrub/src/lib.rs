//! Findings from a claim and a rule book.
