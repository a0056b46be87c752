//! What is different between two revisions of a claim, or between a claim and the one it replaces: lines, diagnoses,
//! everything beside them, and the words of the transcript.

use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Claim, Phi, ServiceLine, phi};
use iambilly_store::{ClaimRevision, StoreError, TranscriptRow};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeMap;

/// A revision in the list of a claim's revisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RevisionView {
    /// Its number.
    pub number: u32,
    /// Who made it: `rules`, names of models, or a person.
    pub drafted_by: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
}

/// What became of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// As it was.
    Same,
    /// There before and after, with differences.
    Changed,
    /// Not there before.
    Added,
    /// Not there any more.
    Removed,
}

/// A service line before and after.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineChange {
    /// What became of it.
    pub change: Change,
    /// Before.
    pub was: Option<ServiceLine>,
    /// After.
    pub now: Option<ServiceLine>,
    /// Names of what is different.
    pub fields: Vec<&'static str>,
}

/// A diagnosis before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiagnosisChange {
    /// What became of it; changed where it stands at another place.
    pub change: Change,
    /// The code.
    pub code: String,
    /// Letter before.
    pub was: Option<char>,
    /// Letter after.
    pub now: Option<char>,
}

/// Something beside lines and diagnoses that is different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// Where in the claim, e.g. `patient.last`.
    pub place: String,
    /// Before; empty where there was nothing.
    #[serde(serialize_with = "phi::disclose")]
    pub was: Phi<String>,
    /// After.
    #[serde(serialize_with = "phi::disclose")]
    pub now: Phi<String>,
}

/// A stretch of the transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TextPiece {
    /// What became of it.
    pub change: Change,
    /// The words.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
}

/// Two revisions beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The earlier one.
    pub from: RevisionView,
    /// The later one.
    pub to: RevisionView,
    /// Every line of either.
    pub lines: Vec<LineChange>,
    /// Every diagnosis of either.
    pub diagnoses: Vec<DiagnosisChange>,
    /// What is different beside them.
    pub fields: Vec<FieldChange>,
    /// Total charge before and after.
    pub charges: (String, String),
    /// The transcript, as far as it is different; empty where it is the same.
    pub text: Vec<TextPiece>,
}

impl Session {
    /// The revisions of a claim, oldest first.
    ///
    /// # Errors
    /// Not found; those of the store.
    pub async fn revisions(&self, id: ClaimId) -> Result<Vec<RevisionView>, AppError> {
        self.allow(Action::ViewClaims).await?;
        let rows = self
            .store(move |s| {
                s.read(|r| {
                    r.claim(id)?.ok_or(StoreError::NotFound { what: "claim" })?;
                    r.revisions(id)
                })
            })
            .await?;
        Ok(rows
            .into_iter()
            .map(|(number, drafted_by, at)| RevisionView { number, drafted_by, at: at.to_string() })
            .collect())
    }

    /// What is different between two revisions of a claim; `from` of an `older` claim where one is given.
    ///
    /// # Errors
    /// Not found; those of the store.
    pub async fn difference(
        &self,
        id: ClaimId,
        (older, from): (Option<ClaimId>, Option<u32>),
        to: Option<u32>,
    ) -> Result<Difference, AppError> {
        self.allow(Action::ViewClaims).await?;
        let missing = |what| StoreError::NotFound { what };
        let (before, after) = self
            .store(move |s| {
                s.read(|r| {
                    let both = |claim: ClaimId, number: Option<u32>| {
                        let row = r.claim(claim)?.ok_or(missing("claim"))?;
                        let revision = r.revision(claim, number)?.ok_or(missing("claim revision"))?;
                        let transcript = match revision.transcript {
                            Some(t) => r.transcript(t)?,
                            None => r.latest_transcript(row.dictation)?,
                        };
                        Ok::<_, StoreError>((revision, transcript))
                    };
                    Ok((both(older.unwrap_or(id), from)?, both(id, to)?))
                })
            })
            .await?;
        blocking(move || Ok(compared(&before, &after))).await
    }
}

type Kept = (ClaimRevision, Option<TranscriptRow>);

fn compared((before, was): &Kept, (after, now): &Kept) -> Difference {
    let view = |r: &ClaimRevision| RevisionView {
        number: r.number,
        drafted_by: r.drafted_by.clone(),
        at: r.created_at.to_string(),
    };
    let text = |t: &Option<TranscriptRow>| {
        t.as_ref().map(|t| t.transcript.text.expose().clone()).unwrap_or_default()
    };
    let charge = |c: &Claim| {
        let amounts =
            c.lines.iter().filter_map(|l| l.charge.as_deref()?.parse::<iambilly_claim::Cents>().ok());
        amounts.sum::<iambilly_claim::Cents>().to_string()
    };
    Difference {
        from: view(before),
        to: view(after),
        lines: lines(&before.claim.lines, &after.claim.lines),
        diagnoses: diagnoses(&before.claim.diagnoses, &after.claim.diagnoses),
        fields: fields(&before.claim, &after.claim),
        charges: (charge(&before.claim), charge(&after.claim)),
        text: words(&text(was), &text(now)),
    }
}

/// Lines set against each other: the same service first, then the same code, then the same place.
fn lines(before: &[ServiceLine], after: &[ServiceLine]) -> Vec<LineChange> {
    let mut free: Vec<Option<&ServiceLine>> = before.iter().map(Some).collect();
    let mut partner: Vec<Option<&ServiceLine>> = after.iter().map(|_| None).collect();
    let same: [fn(&ServiceLine, &ServiceLine) -> bool; 3] = [
        |a, b| a.code == b.code && a.levels == b.levels && a.laterality == b.laterality,
        |a, b| a.code == b.code,
        |a, b| a.number == b.number,
    ];
    for fits in same {
        for (line, partner) in after.iter().zip(&mut partner) {
            if partner.is_none() {
                *partner = free.iter_mut().find(|f| f.is_some_and(|f| fits(f, line))).and_then(Option::take);
            }
        }
    }
    let mut all: Vec<LineChange> = after
        .iter()
        .zip(partner)
        .map(|(line, partner)| match partner {
            None => LineChange { change: Change::Added, was: None, now: Some(line.clone()), fields: vec![] },
            Some(was) => {
                let fields = different(was, line);
                let change = if fields.is_empty() { Change::Same } else { Change::Changed };
                LineChange { change, was: Some(was.clone()), now: Some(line.clone()), fields }
            }
        })
        .collect();
    all.extend(free.into_iter().flatten().map(|was| LineChange {
        change: Change::Removed,
        was: Some(was.clone()),
        now: None,
        fields: vec![],
    }));
    all
}

fn different(a: &ServiceLine, b: &ServiceLine) -> Vec<&'static str> {
    let all = [
        ("code", a.code != b.code),
        ("units", a.units != b.units),
        ("modifiers", a.modifiers != b.modifiers),
        ("pointers", a.pointers != b.pointers),
        ("levels", a.levels != b.levels),
        ("side", a.laterality != b.laterality),
        ("charge", a.charge != b.charge),
        ("date of service", a.dos != b.dos || a.dos_to != b.dos_to),
        ("place", a.pos != b.pos),
        ("emergency", a.emergency != b.emergency),
        ("rendering provider", a.rendering_provider != b.rendering_provider),
        ("supplement", a.supplement != b.supplement),
        ("number", a.number != b.number),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

fn diagnoses(before: &[String], after: &[String]) -> Vec<DiagnosisChange> {
    let letter = |at: usize| char::from_u32(u32::try_from(at).ok()? + u32::from(b'A'));
    let place = |all: &[String], code: &str| all.iter().position(|c| c == code).and_then(letter);
    let mut all: Vec<DiagnosisChange> = after
        .iter()
        .map(|code| {
            let (was, now) = (place(before, code), place(after, code));
            let change = match was {
                None => Change::Added,
                Some(_) if was == now => Change::Same,
                Some(_) => Change::Changed,
            };
            DiagnosisChange { change, code: code.clone(), was, now }
        })
        .collect();
    all.extend(before.iter().filter(|code| !after.contains(code)).map(|code| DiagnosisChange {
        change: Change::Removed,
        code: code.clone(),
        was: place(before, code),
        now: None,
    }));
    all
}

/// Everything beside lines and diagnoses, by its place.
fn fields(before: &Claim, after: &Claim) -> Vec<FieldChange> {
    let (was, now) = (flat(before), flat(after));
    let mut places: Vec<&String> = was.keys().chain(now.keys()).collect();
    places.sort();
    places.dedup();
    let text = |all: &BTreeMap<String, String>, place: &str| all.get(place).cloned().unwrap_or_default();
    places
        .into_iter()
        .filter(|place| was.get(*place) != now.get(*place))
        .map(|place| FieldChange {
            place: place.clone(),
            was: Phi::new(text(&was, place)),
            now: Phi::new(text(&now, place)),
        })
        .collect()
}

fn flat(claim: &Claim) -> BTreeMap<String, String> {
    let mut value = serde_json::to_value(claim).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        for own in ["lines", "diagnoses", "history", "claim_id", "total_charge"] {
            object.remove(own);
        }
    }
    let mut all = BTreeMap::new();
    flatten(&value, String::new(), &mut all);
    all
}

fn flatten(value: &serde_json::Value, place: String, into: &mut BTreeMap<String, String>) {
    use serde_json::Value;
    let under = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match value {
        Value::Null => {}
        Value::Object(object) => object.iter().for_each(|(name, v)| flatten(v, under(name), into)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, v)| flatten(v, under(&(at + 1).to_string()), into));
        }
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => drop(into.insert(place, text.clone())),
        other => drop(into.insert(place, other.to_string())),
    }
}

/// Words that are different, with some around them; the rest is left out.
fn words(before: &str, after: &str) -> Vec<TextPiece> {
    /// Words kept on either side of a difference.
    const AROUND: usize = 12;
    if before == after {
        return vec![];
    }
    let diff = TextDiff::from_words(before, after);
    let mut pieces: Vec<(Change, String)> = vec![];
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => Change::Same,
            ChangeTag::Delete => Change::Removed,
            ChangeTag::Insert => Change::Added,
        };
        match pieces.last_mut() {
            Some((last, text)) if *last == kind => text.push_str(change.value()),
            _ => pieces.push((kind, change.value().to_owned())),
        }
    }
    let end = pieces.len().saturating_sub(1);
    let shortened = pieces.into_iter().enumerate().map(|(at, (change, text))| {
        let tokens: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
        let (head, tail) = (if at == 0 { 0 } else { AROUND }, if at == end { 0 } else { AROUND });
        let text = if change == Change::Same && tokens.len() > head + tail + 4 {
            let left = tokens.get(..head).unwrap_or_default().concat();
            let right = tokens.get(tokens.len() - tail..).unwrap_or_default().concat();
            format!("{left} … {right}")
        } else {
            text
        };
        TextPiece { change, text: Phi::new(text) }
    });
    shortened.collect()
}

#[cfg(test)]
mod tests {
    use super::{Change, diagnoses, fields, lines, words};
    use iambilly_claim::{Claim, ServiceLine};
    use serde_json::json;

    fn line(number: u32, code: &str, units: u32) -> ServiceLine {
        ServiceLine { number, code: code.to_owned(), units, ..ServiceLine::default() }
    }

    #[test]
    fn lines_are_set_against_the_same_service_whatever_their_place() {
        let before = [line(1, "22633", 1), line(2, "63047", 1), line(3, "22840", 1)];
        let after = [line(1, "63047", 2), line(2, "22633", 1), line(3, "22842", 1), line(4, "20930", 1)];
        let found: Vec<_> = lines(&before, &after).into_iter().map(|l| (l.change, l.fields)).collect();
        assert_eq!(
            found,
            [
                (Change::Changed, vec!["units", "number"]),
                (Change::Changed, vec!["number"]),
                (Change::Changed, vec!["code"]),
                (Change::Added, vec![]),
            ]
        );
        let gone = lines(&before, &[line(1, "22633", 1)]);
        assert_eq!(gone.iter().filter(|l| l.change == Change::Removed).count(), 2);
        assert_eq!(gone.iter().filter(|l| l.change == Change::Same).count(), 1);
    }

    #[test]
    fn diagnoses_that_change_places_are_told() {
        let codes = |all: &[&str]| all.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let found = diagnoses(&codes(&["M48.062", "M43.16"]), &codes(&["M43.16", "M54.16"]));
        let said: Vec<_> = found.iter().map(|d| (d.code.as_str(), d.change, d.was, d.now)).collect();
        assert_eq!(
            said,
            [
                ("M43.16", Change::Changed, Some('B'), Some('A')),
                ("M54.16", Change::Added, None, Some('B')),
                ("M48.062", Change::Removed, Some('A'), None),
            ]
        );
    }

    #[test]
    fn fields_are_named_by_their_place_and_empty_is_nothing() {
        let claim = |v: serde_json::Value| serde_json::from_value::<Claim>(v).unwrap();
        let before =
            claim(json!({"patient": {"last": "Exampleby", "member_id": ""}, "payer": {"id": "acme"}}));
        let after =
            claim(json!({"patient": {"last": "Exampleby"}, "payer": {"id": "medicare"}, "frequency": "7"}));
        let found = fields(&before, &after);
        let said: Vec<_> = found
            .iter()
            .map(|f| (f.place.as_str(), f.was.expose().as_str(), f.now.expose().as_str()))
            .collect();
        assert_eq!(said, [("frequency", "", "7"), ("payer.id", "acme", "medicare")]);
    }

    #[test]
    fn of_a_long_text_only_what_is_around_the_difference_stays() {
        let long = "one two three four five six seven eight nine ten ".repeat(20);
        let before = format!("{long}left side {long}");
        let after = format!("{long}right side {long}");
        let found = words(&before, &after);
        let by = |c: Change| {
            found
                .iter()
                .filter(|p| p.change == c)
                .map(|p| p.text.expose().trim().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (by(Change::Removed), by(Change::Added)),
            (vec!["left".to_owned()], vec!["right".to_owned()])
        );
        assert!(found.iter().map(|p| p.text.expose().len()).sum::<usize>() < 300);
        assert!(words("same", "same").is_empty());
    }
}
