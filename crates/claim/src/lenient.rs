//! Reading a claim that may be wrong in every way: what is missing or malformed becomes empty, so that the
//! scrubber can say so, instead of a parse error that stops at the first mistake.

use crate::coding::Laterality;
use crate::level::{Interspace, Level, Vertebra};
use crate::phi::Phi;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// `null` reads as the type's empty value.
pub(crate) fn default_for_null<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(
    d: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

/// Units as a number or its text; anything else is 0, which the scrubber reports as missing.
pub(crate) fn units<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::Number(n) => n.as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        Value::String(text) => text.trim().parse().unwrap_or(0),
        _ => 0,
    })
}

/// An amount or a number that names something, as text or, from careless senders, as a number.
pub(crate) fn amount<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::String(text) => Some(text),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    })
}

/// A part that cannot be read is left out.
pub(crate) fn or_none<'de, T: serde::de::DeserializeOwned, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(d)?).unwrap_or_default())
}

/// A text that identifies somebody, or a number for it; anything else is left out.
pub(crate) fn private<'de, D: Deserializer<'de>>(d: D) -> Result<Phi<Option<String>>, D::Error> {
    amount(d).map(Phi::new)
}

/// A part that identifies somebody; one that cannot be read is left out.
pub(crate) fn private_part<'de, T: serde::de::DeserializeOwned, D: Deserializer<'de>>(
    d: D,
) -> Result<Phi<Option<T>>, D::Error> {
    or_none(d).map(Phi::new)
}

/// Yes or no, also as `Y`, `no` or 1; anything else says neither.
pub(crate) fn yes_no<'de, D: Deserializer<'de>>(d: D) -> Result<Option<bool>, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::Bool(said) => Some(said),
        Value::Number(n) => n.as_u64().filter(|n| *n < 2).map(|n| n == 1),
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "y" | "yes" | "true" | "1" => Some(true),
            "n" | "no" | "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    })
}

/// A side; an unknown word is no side.
pub(crate) fn side<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Laterality>, D::Error> {
    let value = Value::deserialize(d)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// Levels; a range (`L3-S1`) is the interspaces it spans, a joint's long name its short one, and a text that
/// names no level is left out: the claim then does not say where.
pub(crate) fn levels<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Level>, D::Error> {
    let Value::Array(list) = Value::deserialize(d)? else { return Ok(vec![]) };
    Ok(list.iter().filter_map(Value::as_str).flat_map(level).collect())
}

fn level(text: &str) -> Vec<Level> {
    let text = text.trim();
    if let Ok(level) = text.parse() {
        return vec![level];
    }
    let lower = text.to_lowercase();
    if lower.starts_with("si") || lower.contains("sacroiliac") {
        return vec![Level::SacroiliacJoint];
    }
    if lower == "pelvis" || lower.contains("iliac") || lower == "ilium" {
        return vec![Level::Pelvis];
    }
    let ends =
        text.split_once('-').map(|(a, b)| (a.trim().parse::<Vertebra>(), b.trim().parse::<Vertebra>()));
    match ends {
        Some((Ok(a), Ok(b))) => Interspace::spanning(a, b).map(Level::Interspace).collect(),
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use crate::Claim;

    #[test]
    fn a_claim_wrong_in_every_way_is_still_a_claim() {
        let claim: Claim = serde_json::from_str(
            r#"{"payer": null, "diagnoses": null, "history": null, "claim_id": null, "total_charge": 12.5,
                "lines": [{"number": null, "code": null, "units": "2", "charge": 8200, "modifiers": null,
                           "levels": ["L3-S1", "SI joint", "somewhere", "T12"], "laterality": "upside down",
                           "documented": null}, {"units": -1, "levels": null}]}"#,
        )
        .unwrap();
        let line = &claim.lines[0];
        let levels: Vec<String> = line.levels.iter().map(ToString::to_string).collect();
        assert_eq!(levels, ["L3-L4", "L4-L5", "L5-S1", "SI", "T12"]);
        assert_eq!((line.units, claim.lines[1].units, line.laterality), (2, 0, None));
        assert_eq!((line.charge.as_deref(), claim.total_charge.as_deref()), (Some("8200"), Some("12.5")));
    }
}
