//! Tests that cross rooms, and the simulators they need.

pub mod emr;
