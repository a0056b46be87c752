//! `Phi<T>`: a value that identifies a patient or quotes a dictation, which cannot reach a log.
//!
//! It has no `Display` and no `Serialize`; `Debug` prints a placeholder. A shape that must carry it (the
//! claim a coder asked for, a row on its way into the encrypted store) says so field by field with
//! `#[serde(serialize_with = "iambilly_claim::phi::disclose")]`, which a reviewer can search for.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// Protected health information. Reading it takes the explicit word [`Phi::expose`].
#[derive(Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Marks a value as protected.
    pub const fn new(value: T) -> Self {
        Self(value)
    }
    /// The value itself; never hand it to a log, an error message or a panic.
    pub const fn expose(&self) -> &T {
        &self.0
    }
    /// The value itself, by move.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[PHI]")
    }
}

impl<T> From<T> for Phi<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Phi<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Phi<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Phi<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<T>()
    }
}

/// Serialises the protected value: for `serialize_with`, where a shape is meant to carry it.
///
/// # Errors
/// Those of the serialiser.
pub fn disclose<T: Serialize, S: Serializer>(value: &Phi<T>, serializer: S) -> Result<S::Ok, S::Error> {
    value.0.serialize(serializer)
}

/// Whether nothing is there: for `skip_serializing_if`.
#[must_use]
pub const fn is_none<T>(value: &Phi<Option<T>>) -> bool {
    value.0.is_none()
}

#[cfg(test)]
mod tests {
    use super::Phi;

    #[test]
    fn debug_is_redacted() {
        let name: Phi<String> = "Exampleby".into();
        assert_eq!(format!("{name:?} {:?}", Some(&name)), "[PHI] Some([PHI])");
    }
}
