//! JSON Schemas of the shapes in `docs/contract.md`.

use iambilly_claim::{Claim, Coding, Fault, FaultKind, Findings, Transcript};
use serde_json::Value;

/// Names that [`schema`] knows.
pub const NAMES: [&str; 4] = ["transcript", "coding", "claim", "findings"];

/// The JSON Schema of a shape.
///
/// # Errors
/// `schema_unknown` for a name that is not in [`NAMES`].
pub fn schema(name: &str) -> Result<Value, Fault> {
    let schema = match name {
        "transcript" => schemars::schema_for!(Transcript),
        "coding" => schemars::schema_for!(Coding),
        "claim" => schemars::schema_for!(Claim),
        "findings" => schemars::schema_for!(Findings),
        _ => {
            return Err(Fault::new(
                FaultKind::Usage,
                "schema_unknown",
                "There is no schema of that name.",
                format!("Ask for one of: {}.", NAMES.join(", ")),
            ));
        }
    };
    Ok(schema.to_value())
}
