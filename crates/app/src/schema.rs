//! JSON Schemas of the shapes in `docs/contract.md`.

use iambilly_claim::{Claim, Coding, Fault, FaultKind, Findings, Transcript};
use serde_json::Value;

/// Version of the shapes: the first number rises when a field is lost, renamed or means something else, the second when one
/// is added. `docs/contract.md` keeps the same promise in words.
pub const VERSION: &str = "1.0";

/// Names that [`schema`] knows.
pub const NAMES: [&str; 4] = ["transcript", "coding", "claim", "findings"];

/// The JSON Schema of a shape, with its version in `$id`.
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
    let mut schema = schema.to_value();
    if let Some(members) = schema.as_object_mut() {
        members.insert("$id".to_owned(), format!("urn:iambilly:schema:{name}:{VERSION}").into());
    }
    Ok(schema)
}

#[cfg(test)]
mod tests {
    use super::{NAMES, schema};

    #[test]
    fn every_name_has_a_schema_that_says_its_version_and_what_its_members_are() {
        for name in NAMES {
            let schema = schema(name).unwrap();
            assert_eq!(schema["$id"], format!("urn:iambilly:schema:{name}:1.0"));
            assert!(schema["$schema"].as_str().is_some_and(|s| s.contains("2020-12")), "{name}");
            let members = schema["properties"].as_object().unwrap();
            assert!(members.len() > 1, "{name}");
        }
        assert_eq!(schema("claims").unwrap_err().code, "schema_unknown");
    }

    /// The schemas of this version as they were published: a difference is a new version.
    #[test]
    fn the_published_schemas_are_what_is_printed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
        for name in NAMES {
            let file = folder.join(format!("{name}.json"));
            let printed = schema(name).unwrap();
            if std::env::var_os("IAMBILLY_WRITE_SNAPSHOTS").is_some() {
                std::fs::write(&file, serde_json::to_string_pretty(&printed).unwrap() + "\n").unwrap();
            }
            let kept: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            assert_eq!(kept, printed, "{name}: raise VERSION, then write docs/schemas anew");
        }
    }
}
