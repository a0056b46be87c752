//! Refusals in our words: FHIR's OperationOutcome with Epic's codes, and athenahealth's error objects.
//!
//! Codes: Epic's published error lists for R4 (4100 to 4135, 59102 to 59189), as of May 2026.

use crate::error::{EmrError, Trouble};
use crate::transport::Answer;
use serde_json::Value;

/// Epic's code → what it means.
const EPIC: &[(&str, Trouble)] = &[
    ("4100", Trouble::Refused),
    ("4101", Trouble::NotFound),
    ("4110", Trouble::Refused),
    ("4111", Trouble::Refused),
    ("4113", Trouble::PagingExpired),
    ("4118", Trouble::Forbidden),
    ("4127", Trouble::TooMany),
    ("59133", Trouble::TooMany),
    ("4130", Trouble::BreakTheGlass),
    ("4131", Trouble::BreakTheGlass),
    ("4134", Trouble::BreakTheGlass),
    ("4135", Trouble::DocumentCeiling),
    ("59011", Trouble::NotCertain),
    ("59012", Trouble::NotProvisional),
    ("59013", Trouble::NotCertain),
    ("59141", Trouble::Duplicate),
    ("59189", Trouble::Duplicate),
    ("59177", Trouble::ServerFault),
];

/// What a refusal means.
pub(crate) fn of(answer: &Answer) -> EmrError {
    let said = answer.json().ok();
    let codes = said.as_ref().map(codes).unwrap_or_default();
    let known = codes.iter().find_map(|c| EPIC.iter().find(|(code, _)| code == c));
    let empty = answer.body.as_ref().is_ok_and(|b| b.expose().is_empty());
    let trouble = match (known, answer.status) {
        // A server that fails after all may have stored it, whatever else it says.
        (Some((_, trouble)), status) if status < 500 => *trouble,
        (_, 401) => Trouble::TokenRefused,
        (_, 403) if empty => Trouble::NotGranted,
        (_, 403) => Trouble::Forbidden,
        (_, 404 | 410) => Trouble::NotFound,
        (_, 408) => Trouble::TimedOut,
        (_, 409) => Trouble::Duplicate,
        (_, 429) => Trouble::Busy,
        (_, 503) => Trouble::Unavailable,
        (_, 500..) => Trouble::ServerFault,
        _ => Trouble::Refused,
    };
    let mut error = EmrError::from(trouble).status(answer.status);
    error.retry_after = answer.retry_after;
    match known.map(|(code, _)| (*code).to_owned()).or_else(|| codes.into_iter().next()) {
        Some(code) => error.vendor_code(&code),
        None => error,
    }
}

/// The trouble that an outcome inside a successful answer tells (a warning of a search, a list that was cut).
pub(crate) fn within(resource: &Value) -> Option<EmrError> {
    let codes = codes(resource);
    let (code, trouble) = codes.iter().find_map(|c| EPIC.iter().find(|(code, _)| code == c))?;
    Some(EmrError::from(*trouble).vendor_code(code))
}

/// Every code of an OperationOutcome, the vendor's before FHIR's own.
fn codes(value: &Value) -> Vec<String> {
    let issues = value.get("issue").and_then(Value::as_array).into_iter().flatten();
    let (mut own, mut general) = (vec![], vec![]);
    for issue in issues {
        let codings = issue.pointer("/details/coding").and_then(Value::as_array).into_iter().flatten();
        own.extend(codings.filter_map(|c| c.get("code")).filter_map(text));
        general.extend(issue.get("code").and_then(text));
    }
    own.extend(general);
    own
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::error::Trouble;
    use crate::transport::Answer;
    use iambilly_claim::Phi;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            location: None,
            retry_after: None,
            date: None,
            body: Ok(Phi::new(body.as_bytes().to_vec())),
        }
    }

    fn epic(code: &str) -> String {
        format!(
            r#"{{"resourceType":"OperationOutcome","issue":[{{"severity":"fatal","code":"processing",
            "details":{{"coding":[{{"system":"urn:oid:1.2.840.114350.1.13.0.1.7.2.657369","code":"{code}"}}],
            "text":"for patient Exampleby"}}}}]}}"#
        )
    }

    #[test]
    fn each_refusal_has_its_meaning() {
        let cases = [
            (401, String::new(), Trouble::TokenRefused),
            (403, String::new(), Trouble::NotGranted),
            (403, epic("4118"), Trouble::Forbidden),
            (403, epic("4130"), Trouble::BreakTheGlass),
            (400, epic("4127"), Trouble::TooMany),
            (422, epic("59012"), Trouble::NotProvisional),
            (422, epic("59108"), Trouble::Refused),
            (400, epic("4113"), Trouble::PagingExpired),
            (409, r#"{"error":"conflict"}"#.to_owned(), Trouble::Duplicate),
            (429, String::new(), Trouble::Busy),
            (503, String::new(), Trouble::Unavailable),
            (500, epic("59012"), Trouble::ServerFault),
            (502, "<html>bad gateway</html>".to_owned(), Trouble::ServerFault),
            (400, "not json".to_owned(), Trouble::Refused),
        ];
        for (status, body, trouble) in cases {
            let error = of(&answer(status, &body));
            assert_eq!((error.trouble, error.status), (trouble, Some(status)), "{status} {body}");
            assert!(!format!("{error:?} {}", error.fault()).contains("Exampleby"));
        }
        assert_eq!(of(&answer(422, &epic("59108"))).vendor_code.as_deref(), Some("59108"));
    }
}
