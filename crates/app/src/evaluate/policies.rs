//! A folder of payer policies with questions and claims: how often the library answers right, by method, and what its
//! unconfirmed rules find. The library is a temporary one in memory; nothing is stored.

use crate::library::read;
use crate::library::shelf::{Held, Shelf};
use crate::library::{AddPolicy, origin, policy_of};
use crate::models;
use crate::session::Config;
use crate::surroundings::Surroundings;
use iambilly_claim::{Claim, Fault, FaultKind, FindingKind, Severity};
use iambilly_engines::{Cancel, Role};
use iambilly_policy::criteria::proposals;
use iambilly_policy::{Method, Query};
use iambilly_scrub::PayerRules;
use iambilly_scrub::payer::PayerRule;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Names of the folder's files.
const DOCUMENTS: &str = "docs.json";
const QUESTIONS: &str = "queries.json";
const CLAIMS: &str = "claims.json";

#[derive(Deserialize)]
struct Doc {
    file: String,
    payer: String,
    title: Option<String>,
    effective_from: Option<Date>,
    effective_to: Option<Date>,
}

#[derive(Deserialize)]
struct Asked {
    q: String,
    payer: String,
    dos: Date,
    doc: String,
    must_contain: String,
    #[serde(default)]
    not_doc: Option<String>,
    #[serde(default)]
    also: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Case {
    claim: Claim,
    expect: Vec<Wanted>,
}

#[derive(Deserialize)]
struct Wanted {
    kind: Kinds,
    doc: String,
    must_contain: String,
    #[serde(default)]
    also: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Kinds {
    One(FindingKind),
    Any(Vec<FindingKind>),
}

impl Kinds {
    fn has(&self, kind: FindingKind) -> bool {
        match self {
            Self::One(one) => *one == kind,
            Self::Any(any) => any.contains(&kind),
        }
    }
}

/// How often a method answers right.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MethodScore {
    /// Share of questions whose first passage answers.
    pub hit_at_1: f64,
    /// Share with an answer among the first five.
    pub hit_at_5: f64,
    /// Questions with a passage of a superseded version or another payer among the first five: must be none.
    pub wrong_document: usize,
    /// Numbers of the questions without an answer among the first five, from 1.
    pub missed: Vec<usize>,
    /// Numbers of the questions whose answer is there but not first.
    pub not_first: Vec<usize>,
}

/// A document of the folder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DocumentScore {
    /// Name of the file.
    pub file: String,
    /// `ok`, or the code of the refusal.
    pub outcome: String,
    /// Pages.
    pub pages: u32,
    /// Passages.
    pub passages: usize,
    /// Rules proposed.
    pub proposals: usize,
    /// Pages nobody could read.
    pub pages_without_text: Vec<u32>,
    /// Pages recognised from pictures.
    pub pages_recognised: Vec<u32>,
}

/// What the unconfirmed rules find on claims.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ClaimsScore {
    /// Claims.
    pub claims: usize,
    /// Findings expected.
    pub expected: usize,
    /// Of these found, with kind and passage.
    pub found: usize,
    /// Found with the kind, but from another passage.
    pub elsewhere: usize,
    /// Claims with nothing expected on which a warning or a block was given.
    pub false_alarms: usize,
    /// Warnings and blocks of policy kinds beyond those expected, on all claims.
    pub extra: usize,
    /// What was missed or extra, for looking closer: claim number, what.
    pub notes: Vec<String>,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PolicyReport {
    /// The documents.
    pub documents: Vec<DocumentScore>,
    /// Questions asked.
    pub questions: usize,
    /// By method: `full_text`, `vectors`, `hybrid`; without an embedding model only the first.
    pub methods: BTreeMap<&'static str, MethodScore>,
    /// Findings on claims.
    pub claims: ClaimsScore,
    /// What is missing, if anything.
    pub note: Option<String>,
}

/// Whether a folder holds policies to evaluate.
#[must_use]
pub fn is_policies(dir: &Path) -> bool {
    dir.join(DOCUMENTS).is_file() && dir.join(QUESTIONS).is_file()
}

fn json<T: serde::de::DeserializeOwned>(dir: &Path, name: &str) -> Result<T, Fault> {
    let wrong = |why: String| {
        Fault::new(
            FaultKind::Input,
            "case_invalid",
            format!("{name} cannot be read: {why}."),
            "See docs/contract.md for the shapes.",
        )
    };
    let text = std::fs::read_to_string(dir.join(name)).map_err(|e| wrong(e.kind().to_string()))?;
    serde_json::from_str(&text).map_err(|e| wrong(format!("line {}, column {}", e.line(), e.column())))
}

/// Evaluates a folder of policies.
///
/// # Errors
/// A file of the folder that is not of its shape; the reader is missing.
pub async fn policies(
    config: &Config,
    surroundings: &Surroundings,
    dir: &Path,
    progress: &(dyn Fn(&str, f64) + Send + Sync),
) -> Result<PolicyReport, Fault> {
    let docs: Vec<Doc> = json(dir, DOCUMENTS)?;
    let asked: Vec<Asked> = json(dir, QUESTIONS)?;
    let cases: Vec<Case> = if dir.join(CLAIMS).is_file() { json(dir, CLAIMS)? } else { vec![] };
    let mut documents = vec![];
    let mut held = vec![];
    let mut next = 1;
    for (done, doc) in docs.iter().enumerate() {
        #[allow(clippy::cast_precision_loss, reason = "a share for people")]
        progress("Reading policies", done as f64 / docs.len() as f64);
        let mut score = DocumentScore {
            file: doc.file.clone(),
            outcome: "ok".to_owned(),
            pages: 0,
            passages: 0,
            proposals: 0,
            pages_without_text: vec![],
            pages_recognised: vec![],
        };
        let given = AddPolicy {
            payer: doc.payer.clone(),
            from: doc.effective_from,
            to: doc.effective_to,
            title: doc.title.clone(),
            number: None,
        };
        let read = read::file(&config.paths, &dir.join(&doc.file), &|_, _| ()).await;
        let made = read
            .map_err(Fault::from)
            .and_then(|r| policy_of(r, &given, surroundings.id(), ("evaluation", (surroundings.now)())));
        match made {
            Ok((policy, passages)) => {
                score.pages = policy.pages;
                score.passages = passages.len();
                score.pages_without_text.clone_from(&policy.pages_without_text);
                score.pages_recognised.clone_from(&policy.pages_recognised);
                let numbered = passages.into_iter().map(|p| {
                    next += 1;
                    (next, p, None)
                });
                held.push(Held { passages: numbered.collect(), policy });
            }
            Err(fault) => score.outcome = fault.code,
        }
        documents.push(score);
    }
    let (vectors, note) = embed(config, &mut held, &asked, progress).await;
    let shelf = Shelf::of(held);
    let rules = rules(&shelf, &mut documents);
    let mut methods = BTreeMap::new();
    for (name, method) in
        [("full_text", Method::FullText), ("vectors", Method::Vectors), ("hybrid", Method::Hybrid)]
    {
        if method == Method::FullText || !vectors.is_empty() {
            methods.insert(name, questions(&shelf, &asked, &vectors, method));
        }
    }
    let claims = claims(config, surroundings, &cases, &rules)?;
    Ok(PolicyReport { documents, questions: asked.len(), methods, claims, note })
}

/// Vectors for all passages and questions, or why there are none.
async fn embed(
    config: &Config,
    held: &mut [Held],
    asked: &[Asked],
    progress: &(dyn Fn(&str, f64) + Send + Sync),
) -> (Vec<Vec<f32>>, Option<String>) {
    let model = match models::resolve(&config.paths, Role::Embedding, None) {
        Ok(model) => model,
        Err(fault) => return (vec![], Some(fault.message)),
    };
    let engines = config.engines();
    let mut texts: Vec<String> = vec![];
    for one in held.iter() {
        texts.extend(one.passages.iter().map(|(_, p, _)| p.for_embedding(&one.policy.title)));
    }
    let passages = texts.len();
    texts.extend(asked.iter().map(|a| iambilly_policy::words::spelled_out(&a.q)));
    let share = |s: f32| progress("Reading for meaning", f64::from(s));
    let made = engines.embed(&model, &texts, &share, &Cancel::new()).await;
    engines.shutdown().await;
    match made {
        Ok(mut vectors) => {
            let questions = vectors.split_off(passages);
            let mut vectors = vectors.into_iter();
            for (_, _, vector) in held.iter_mut().flat_map(|h| &mut h.passages) {
                *vector = vectors.next();
            }
            (questions, None)
        }
        Err(error) => (vec![], Some(error.fault().message)),
    }
}

/// White space as single blanks, letters small.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn holds(text: &str, must: &str, also: Option<&Vec<String>>) -> bool {
    let text = plain(text);
    text.contains(&plain(must)) || also.is_some_and(|a| a.iter().any(|a| text.contains(&plain(a))))
}

fn questions(shelf: &Shelf, asked: &[Asked], vectors: &[Vec<f32>], method: Method) -> MethodScore {
    let mut score = MethodScore::default();
    let (mut first, mut five) = (0_u32, 0_u32);
    for (at, one) in asked.iter().enumerate() {
        let query = Query {
            payer: &one.payer,
            dos: one.dos,
            text: &one.q,
            vector: vectors.get(at).map(Vec::as_slice),
            method,
            limit: 5,
        };
        let hits = shelf.search(&query);
        let right =
            |(_, policy, _, passage): &(_, &iambilly_store::PolicyRow, _, &iambilly_policy::Passage)| {
                policy.file_name == one.doc && holds(&passage.text, &one.must_contain, one.also.as_ref())
            };
        let wrong = hits.iter().any(|(_, policy, period, _)| {
            policy.payer != one.payer
                || !period.holds(one.dos)
                || one.not_doc.as_ref() == Some(&policy.file_name)
        });
        score.wrong_document += usize::from(wrong);
        match hits.iter().position(right) {
            Some(0) => {
                first += 1;
                five += 1;
            }
            Some(_) => {
                five += 1;
                score.not_first.push(at + 1);
            }
            None => score.missed.push(at + 1),
        }
    }
    let all = f64::from(u32::try_from(asked.len()).unwrap_or(u32::MAX).max(1));
    score.hit_at_1 = f64::from(first) / all;
    score.hit_at_5 = f64::from(five) / all;
    score
}

/// A proposed rule with the file and the words it is from.
struct Sourced {
    rule: PayerRule,
    file: String,
    text: String,
}

fn rules(shelf: &Shelf, documents: &mut [DocumentScore]) -> Vec<Sourced> {
    let mut out = vec![];
    for (policy, period) in shelf.in_order() {
        let passages: Vec<iambilly_policy::Passage> =
            shelf.passages_of(policy.id).into_iter().map(|(_, p)| p.clone()).collect();
        let origin = origin(policy, (period.from, period.to));
        let found = proposals(&origin, &passages);
        if let Some(score) = documents.iter_mut().find(|d| d.file == policy.file_name) {
            score.proposals = found.len();
        }
        for one in found {
            // Until a coder confirms it, a rule warns at most.
            let rule = PayerRule { severity: one.rule.severity.min(Severity::Warn), ..one.rule };
            let text = passages.get(one.passage).map(|p| p.text.clone()).unwrap_or_default();
            out.push(Sourced { rule, file: policy.file_name.clone(), text });
        }
    }
    out
}

/// Kinds of findings that come from policies.
const KINDS: [FindingKind; 6] = [
    FindingKind::MedicalNecessity,
    FindingKind::PriorAuth,
    FindingKind::PayerRule,
    FindingKind::Frequency,
    FindingKind::TimelyFiling,
    FindingKind::DocumentationGap,
];

fn claims(
    config: &Config,
    surroundings: &Surroundings,
    cases: &[Case],
    rules: &[Sourced],
) -> Result<ClaimsScore, Fault> {
    let book: PayerRules = rules.iter().map(|s| s.rule.clone()).collect();
    let by_id: HashMap<&str, &Sourced> = rules.iter().map(|s| (s.rule.id.as_str(), s)).collect();
    let mut score = ClaimsScore { claims: cases.len(), ..ClaimsScore::default() };
    for (number, case) in (1..).zip(cases) {
        let findings = config.rules.judge(&case.claim, &book, (surroundings.today)())?;
        let spoken: Vec<_> = findings
            .findings
            .iter()
            .filter(|f| f.severity >= Severity::Warn && KINDS.contains(&f.kind))
            .map(|f| (f, by_id.get(f.rule.as_str()).copied()))
            .collect();
        let mut used = vec![false; spoken.len()];
        for wanted in &case.expect {
            score.expected += 1;
            let fits = |(f, from): &(&iambilly_claim::Finding, Option<&Sourced>), exact: bool| {
                wanted.kind.has(f.kind)
                    && (!exact
                        || from.is_some_and(|s| {
                            s.file == wanted.doc && holds(&s.text, &wanted.must_contain, wanted.also.as_ref())
                        }))
            };
            let found = spoken.iter().position(|s| fits(s, true));
            for (at, s) in spoken.iter().enumerate() {
                if (fits(s, true) || (found.is_none() && fits(s, false)))
                    && let Some(used) = used.get_mut(at)
                {
                    *used = true;
                }
            }
            if found.is_some() {
                score.found += 1;
            } else if spoken.iter().any(|s| fits(s, false)) {
                score.elsewhere += 1;
                score.notes.push(format!("claim {number}: {} found elsewhere", wanted.must_contain));
            } else {
                score.notes.push(format!("claim {number}: missed: {}", wanted.must_contain));
            }
        }
        if case.expect.is_empty() && !spoken.is_empty() {
            score.false_alarms += 1;
        }
        for ((finding, from), _) in spoken.iter().zip(&used).filter(|(_, used)| !**used) {
            score.extra += 1;
            let text = from.map_or("", |s| s.text.as_str());
            score.notes.push(format!("claim {number}: extra: {} {} [{text}]", finding.rule, finding.message));
        }
    }
    Ok(score)
}
