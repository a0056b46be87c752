//! Cases of an evaluation folder: a note, a dictation or a claim with its gold answer.

use iambilly_claim::{Claim, CodedLine, Coding, Fault, FaultKind, FindingKind, Laterality, Phi, Verdict};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use std::path::{Path, PathBuf};

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Number.
    pub n: u64,
    /// Name.
    pub name: String,
    /// Date of service, where the case states one.
    pub dos: Option<Date>,
    /// Payer id, where the case states one.
    pub payer: Option<String>,
    /// What is given and what is expected.
    pub body: CaseBody,
}

/// What is given and what is expected.
#[derive(Debug, Clone)]
pub enum CaseBody {
    /// A note to be coded.
    Note {
        /// The note.
        text: Phi<String>,
        /// The gold coding.
        gold: Gold,
    },
    /// A dictation to be transcribed and coded.
    Audio {
        /// The WAV file.
        wav: PathBuf,
        /// Its exact words.
        text: Phi<String>,
        /// The gold coding, where there is one.
        gold: Option<Gold>,
    },
    /// A claim to be scrubbed.
    Claim {
        /// The claim.
        claim: Box<Claim>,
        /// What the scrubber should and should not say.
        expect: Expect,
    },
}

/// A gold coding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Gold {
    /// Service lines.
    #[serde(default)]
    pub lines: Vec<GoldLine>,
    /// Diagnoses, first-listed first.
    #[serde(default)]
    pub diagnoses: Vec<GoldDiagnosis>,
    /// What must not be billed.
    #[serde(default)]
    pub not_billed: Vec<GoldNotBilled>,
}

impl Gold {
    /// A coding a person has approved, as gold: every line and diagnosis is sure.
    #[must_use]
    pub fn of(coding: &Coding) -> Self {
        let line = |l: &CodedLine| GoldLine {
            code: l.code.to_string(),
            units: l.units,
            modifiers: l.modifiers.iter().map(ToString::to_string).collect(),
            levels: l.levels.iter().map(ToString::to_string).collect(),
            laterality: l.laterality,
            sure: true,
            alternatives: vec![],
        };
        Self {
            lines: coding.lines.iter().map(line).collect(),
            diagnoses: coding
                .diagnoses
                .iter()
                .map(|d| GoldDiagnosis { code: d.code.to_string(), sure: true, alternatives: vec![] })
                .collect(),
            not_billed: vec![],
        }
    }
}

/// A gold service line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GoldLine {
    /// CPT or HCPCS code.
    pub code: String,
    /// Units.
    #[serde(default = "one")]
    pub units: u32,
    /// Modifiers.
    #[serde(default)]
    pub modifiers: Vec<String>,
    /// Levels as the annotator wrote them; not all of them are levels of our vocabulary.
    #[serde(default)]
    pub levels: Vec<String>,
    /// Side.
    #[serde(default)]
    pub laterality: Option<Laterality>,
    /// Whether the annotators agree on it; if not, `alternatives` are accepted too.
    #[serde(default = "yes")]
    pub sure: bool,
    /// Other acceptable sets of lines, each written `CODE`, `CODE-59`, `CODE x2`; `none` or an empty set:
    /// the line may be left off.
    #[serde(default, deserialize_with = "sets")]
    pub alternatives: Vec<Vec<String>>,
}

/// A gold diagnosis.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GoldDiagnosis {
    /// ICD-10-CM code.
    pub code: String,
    /// Whether the annotators agree on it.
    #[serde(default = "yes")]
    pub sure: bool,
    /// Other acceptable codes; `none`: may be left off.
    #[serde(default, deserialize_with = "sets")]
    pub alternatives: Vec<Vec<String>>,
}

/// Work that must not be billed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GoldNotBilled {
    /// One code, or several with slashes.
    pub code: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// What the scrubber should say of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Expect {
    /// The verdict.
    pub verdict: Verdict,
    /// Findings that must be there.
    #[serde(default)]
    pub findings: Vec<Expected>,
    /// False alarms a naive scrubber would raise.
    #[serde(default)]
    pub never: Vec<Never>,
}

/// A finding that must be there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Expected {
    /// Any of these kinds.
    #[serde(deserialize_with = "one_or_more")]
    pub kind: Vec<FindingKind>,
    /// The finding touches at least one of these; empty: any.
    #[serde(default)]
    pub codes: Vec<String>,
    /// The finding touches at least one of these lines; empty: any.
    #[serde(default)]
    pub lines: Vec<u32>,
}

/// A finding that would be a false alarm.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Never {
    /// Any of these kinds.
    #[serde(deserialize_with = "one_or_more")]
    pub kind: Vec<FindingKind>,
    /// The finding involves all of these; empty: any finding of the kind.
    #[serde(default)]
    pub codes: Vec<String>,
}

const fn one() -> u32 {
    1
}
const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

fn one_or_more<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<FindingKind>, D::Error> {
    Ok(match OneOrMore::deserialize(d)? {
        OneOrMore::One(kind) => vec![kind],
        OneOrMore::More(kinds) => kinds,
    })
}

/// Alternatives as a list of sets, or as a list of single codes.
fn sets<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Vec<String>>, D::Error> {
    let listed: Vec<OneOrMore<String>> = Vec::deserialize(d)?;
    Ok(listed
        .into_iter()
        .map(|set| match set {
            OneOrMore::One(code) => vec![code],
            OneOrMore::More(codes) => codes,
        })
        .collect())
}

#[derive(Deserialize)]
struct RawCase {
    #[serde(default)]
    n: u64,
    #[serde(default)]
    name: String,
    text: Option<Phi<String>>,
    audio: Option<String>,
    dos: Option<Date>,
    payer: Option<String>,
    gold: Option<Gold>,
    claim: Option<Box<Claim>>,
    expect: Option<Expect>,
}

/// Why a folder of cases could not be read.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not a case.
    #[error("{path} is not a case: line {line}, column {column}")]
    NotACase {
        /// Which.
        path: PathBuf,
        /// Where in the file.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// A case has neither a text, an audio file nor a claim with what is expected of it.
    #[error("{path} has no gold answer to compare with")]
    NoGold {
        /// Which.
        path: PathBuf,
    },
    /// There are no cases.
    #[error("{path} holds no cases")]
    Empty {
        /// Where we looked.
        path: PathBuf,
    },
}

impl EvalError {
    /// The error for people.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (code, kind, advice) = match self {
            Self::Unreadable { .. } => {
                ("eval_unreadable", FaultKind::Missing, "Check the path and its permissions.")
            }
            Self::NotACase { .. } => {
                ("eval_not_a_case", FaultKind::Input, "Mend the file or move it out of the folder.")
            }
            Self::NoGold { .. } => (
                "eval_no_gold",
                FaultKind::Input,
                "A case needs text or audio with gold, or a claim with expect.",
            ),
            Self::Empty { .. } => {
                ("eval_empty", FaultKind::Input, "Name the folder that has a folder `cases` of JSON files.")
            }
        };
        Fault::new(kind, code, format!("{self}."), advice)
    }
}

/// Reads `DIR/cases/*.json` (or `DIR/*.json` where there is no such folder) in the order of their names.
/// Audio paths are relative to the case.
///
/// # Errors
/// When the folder or a file cannot be read, or a file is not a case.
pub fn read_cases(dir: &Path) -> Result<Vec<Case>, EvalError> {
    let inner = dir.join("cases");
    let folder = if inner.is_dir() { inner } else { dir.to_owned() };
    let unreadable = |source| EvalError::Unreadable { path: folder.clone(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|e| e == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    let cases: Vec<Case> = paths.iter().map(|path| read_case(path)).collect::<Result<_, _>>()?;
    if cases.is_empty() { Err(EvalError::Empty { path: folder }) } else { Ok(cases) }
}

fn read_case(path: &Path) -> Result<Case, EvalError> {
    let bytes =
        std::fs::read(path).map_err(|source| EvalError::Unreadable { path: path.to_owned(), source })?;
    let raw: RawCase = serde_json::from_slice(&bytes).map_err(|e| EvalError::NotACase {
        path: path.to_owned(),
        line: e.line(),
        column: e.column(),
    })?;
    let body = match raw {
        RawCase { claim: Some(claim), expect: Some(expect), .. } => CaseBody::Claim { claim, expect },
        RawCase { audio: Some(audio), text: Some(text), gold, .. } => {
            CaseBody::Audio { wav: path.with_file_name(audio), text, gold }
        }
        RawCase { text: Some(text), gold: Some(gold), .. } => CaseBody::Note { text, gold },
        _ => return Err(EvalError::NoGold { path: path.to_owned() }),
    };
    Ok(Case { n: raw.n, name: raw.name, dos: raw.dos, payer: raw.payer, body })
}

#[cfg(test)]
mod tests {
    use super::{Case, CaseBody, EvalError, read_cases};

    fn folder(files: &[(&str, &str)]) -> Result<Vec<Case>, EvalError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("cases")).unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join("cases").join(name), text).unwrap();
        }
        read_cases(dir.path())
    }

    #[test]
    fn three_kinds_of_case() {
        let cases = folder(&[
            ("a.json", r#"{"n":1,"name":"a","text":"x","dos":"2026-01-01","payer":"p","gold":{"lines":[{"code":"22551",
               "sure":false,"alternatives":[["22554"],[]]}],"diagnoses":[{"code":"M50.122","sure":false,"alternatives":["none"]}]}}"#),
            ("b.json", r#"{"n":2,"name":"b","audio":"b.wav","text":"words"}"#),
            ("c.json", r#"{"n":3,"name":"c","claim":{},"expect":{"verdict":"block","findings":[{"kind":["ptp","overcoded"]}],
               "never":[{"kind":"mue","codes":["22853"]}]}}"#),
            ("notes.txt", "not a case"),
        ])
        .unwrap();
        assert!(matches!(&cases[0].body, CaseBody::Note { gold, .. }
            if gold.lines[0].alternatives == [vec!["22554".to_owned()], vec![]] && gold.diagnoses[0].alternatives[0] == ["none"]));
        assert!(matches!(&cases[1].body, CaseBody::Audio { wav, .. } if wav.ends_with("cases/b.wav")));
        assert!(matches!(&cases[2].body, CaseBody::Claim { expect, .. }
            if expect.findings[0].kind.len() == 2 && expect.never[0].kind.len() == 1));
    }

    #[test]
    fn errors_say_where_and_quote_nothing() {
        let broken = folder(&[("a.json", "{\"text\": 7")]).unwrap_err();
        assert!(matches!(&broken, EvalError::NotACase { line: 1, .. }));
        assert_eq!(broken.fault().exit_code(), 3);
        assert!(matches!(folder(&[("a.json", "{}")]).unwrap_err(), EvalError::NoGold { .. }));
        assert!(matches!(folder(&[]).unwrap_err(), EvalError::Empty { .. }));
    }
}
