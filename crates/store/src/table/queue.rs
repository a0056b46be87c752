//! `claim_queue`, `claim_search` and `claim_comments`: claims as work, a page at a time.
//!
//! Triggers keep one slim row a claim (migration 0012). A page is read by keyset, never by offset: it begins after the
//! last row of the page before, so that what comes in between neither repeats a claim nor drops one. Either the index of
//! the sort order is walked, one state after the other; or, where a filter leaves few claims, these are sorted. Which of
//! the two is decided by counting, up to [`FEW`], the claims of each filter. Places are found in the indexes alone; only the
//! claims of the page are looked up.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::claim::ClaimState;
use crate::table::{parse, time, unsigned};
use iambilly_claim::ids::{ClaimId, DictationId};
use iambilly_claim::{Cents, Phi, phi};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Row, params, params_from_iter};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use uuid::Uuid;

/// As many claims are sorted without the help of an index.
const FEW: i64 = 3000;
/// Claims are counted up to here; beyond it there are simply more.
pub const COUNTED: u32 = 10_000;
/// Every state, in the order of a claim's life.
const STATES: [ClaimState; 5] = [
    ClaimState::Draft,
    ClaimState::HumanReview,
    ClaimState::Approved,
    ClaimState::Rejected,
    ClaimState::Exported,
];

/// Which claims.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct QueueFilter {
    /// In any of these states; none: in all.
    pub states: Vec<ClaimState>,
    /// Of this payer.
    pub payer: Option<String>,
    /// Of this rendering provider, as the queue shows them.
    pub physician: Option<String>,
    /// Assigned to this person; empty: to nobody.
    pub assignee: Option<String>,
    /// Served on this day or later.
    pub from: Option<Date>,
    /// Served on this day or earlier.
    pub to: Option<Date>,
    /// With at least this risk, 0 to 3.
    pub risk: Option<u8>,
    /// Charged at least so much.
    pub charge_from: Option<Cents>,
    /// Charged at most so much.
    pub charge_to: Option<Cents>,
    /// With words that begin so: of patient, dictation, physician, payer, codes, numbers.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueSort {
    /// Highest risk first, then most money.
    #[default]
    Risk,
    /// Most money first.
    Money,
    /// Oldest first.
    Age,
    /// By payer, oldest first.
    Payer,
    /// Latest date of service first.
    Dos,
}

impl QueueSort {
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Risk => &["risk", "cents", "number"],
            Self::Money => &["cents", "number"],
            Self::Age => &["created_at", "number"],
            Self::Payer => &["payer", "created_at", "number"],
            Self::Dos => &["dos", "number"],
        }
    }
    const fn index(self) -> &'static str {
        match self {
            Self::Risk => "queue_by_risk",
            Self::Money => "queue_by_money",
            Self::Age => "queue_by_age",
            Self::Payer => "queue_by_payer",
            Self::Dos => "queue_by_dos",
        }
    }
    const fn descends(self) -> bool {
        matches!(self, Self::Risk | Self::Money | Self::Dos)
    }
}

/// A page of the queue that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct QueueQuery {
    /// Which claims.
    pub filter: QueueFilter,
    /// In which order.
    pub sort: QueueSort,
    /// The other way round.
    pub reversed: bool,
    /// Where the page before ended.
    pub after: Option<String>,
    /// At most so many rows.
    pub limit: u32,
}

/// A claim in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueRow {
    /// The claim.
    pub claim: ClaimId,
    /// Its dictation.
    pub dictation: DictationId,
    /// What its dictation is called.
    pub name: Phi<String>,
    /// Where it is in its life.
    pub state: ClaimState,
    /// Number of its newest revision.
    pub revision: u32,
    /// Payer id.
    pub payer: String,
    /// Who rendered it, by name or else NPI; empty when not known.
    pub physician: String,
    /// "Last, First"; empty when not known.
    pub patient: Phi<String>,
    /// Date of service.
    pub dos: Date,
    /// 0 to 3; see the migration.
    pub risk: u8,
    /// What is charged.
    pub charge: Cents,
    /// Service lines.
    pub lines: u32,
    /// Findings that block, as of the newest revision.
    pub blocks: u32,
    /// Findings that warn.
    pub warns: u32,
    /// Open questions.
    pub questions: u32,
    /// Who works on it; empty for nobody.
    pub assignee: String,
    /// How many comments it has.
    pub comments: u32,
    /// When it was first drafted.
    pub created_at: Timestamp,
    /// When its newest revision was made.
    pub changed_at: Timestamp,
}

/// A page of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueRows {
    /// Its claims.
    pub rows: Vec<QueueRow>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// What can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueFacets {
    /// Payers of claims.
    pub payers: Vec<String>,
    /// Physicians of claims.
    pub physicians: Vec<String>,
    /// People that claims are assigned to.
    pub assignees: Vec<String>,
}

/// A comment on a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: Uuid,
    /// The claim it is about.
    pub claim: ClaimId,
    /// Who wrote it.
    pub author: String,
    /// What it says.
    pub text: Phi<String>,
    /// When.
    pub at: Timestamp,
}

/// Conditions in SQL with what they are bound to.
#[derive(Default)]
struct Where {
    sql: String,
    bound: Vec<Value>,
}

impl Where {
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        let _ = write!(self.sql, " AND {condition}");
        self.bound.extend(values);
    }
}

/// A filter that may leave few claims: its condition, and where to count them.
struct Narrow {
    from: &'static str,
    condition: &'static str,
    bound: Vec<Value>,
}

/// The words of a search as FTS5 wants them: each the beginning of a word.
fn words_of(text: &str) -> Option<String> {
    let words: Vec<_> = text.split_whitespace().map(|w| format!("\"{}\"*", w.replace('"', ""))).collect();
    let words: Vec<_> = words.into_iter().filter(|w| w.chars().any(char::is_alphanumeric)).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Where the words of the search drive, every claim that has them is looked up.
const DRIVES: &str = "q.number IN (SELECT rowid FROM claim_search WHERE claim_search MATCH ?)";
/// Where they do not, most claims have them: their numbers are found once, and each claim that is walked over is looked up there.
const ASKED: &str = "+q.number IN (SELECT rowid FROM claim_search WHERE claim_search MATCH ?)";
impl QueueFilter {
    fn states(&self) -> Vec<ClaimState> {
        STATES.into_iter().filter(|s| self.states.is_empty() || self.states.contains(s)).collect()
    }

    fn narrow(&self) -> Vec<Narrow> {
        let text = |value: &str| vec![Value::Text(value.to_owned())];
        let mut all = vec![];
        if let Some(words) = words_of(self.text.expose()) {
            let from = "claim_search WHERE claim_search MATCH ?";
            all.push(Narrow { from, condition: ASKED, bound: text(&words) });
        }
        for (value, from, condition) in [
            (
                &self.assignee,
                "claim_queue INDEXED BY queue_of_assignee WHERE assignee = ?",
                "+q.assignee = ?",
            ),
            (
                &self.physician,
                "claim_queue INDEXED BY queue_of_physician WHERE physician = ?",
                "+q.physician = ?",
            ),
            (&self.payer, "claim_queue INDEXED BY queue_of_payer WHERE payer = ?", "+q.payer = ?"),
        ] {
            if let Some(value) = value {
                all.push(Narrow { from, condition, bound: text(value) });
            }
        }
        let day = |d: Date| Value::Text(d.to_string());
        all.extend(match (self.from, self.to) {
            (Some(from), Some(to)) => Some(Narrow {
                from: "claim_queue INDEXED BY queue_of_day WHERE dos BETWEEN ? AND ?",
                condition: "+q.dos BETWEEN ? AND ?",
                bound: vec![day(from), day(to)],
            }),
            (Some(from), None) => Some(Narrow {
                from: "claim_queue INDEXED BY queue_of_day WHERE dos >= ?",
                condition: "+q.dos >= ?",
                bound: vec![day(from)],
            }),
            (None, Some(to)) => Some(Narrow {
                from: "claim_queue INDEXED BY queue_of_day WHERE dos <= ?",
                condition: "+q.dos <= ?",
                bound: vec![day(to)],
            }),
            (None, None) => None,
        });
        let cents = |c: Cents| Value::Integer(c.0);
        all.extend(match (self.charge_from, self.charge_to) {
            (Some(least), Some(most)) => Some(Narrow {
                from: "claim_queue INDEXED BY queue_of_money WHERE cents BETWEEN ? AND ?",
                condition: "+q.cents BETWEEN ? AND ?",
                bound: vec![cents(least), cents(most)],
            }),
            (Some(least), None) => Some(Narrow {
                from: "claim_queue INDEXED BY queue_of_money WHERE cents >= ?",
                condition: "+q.cents >= ?",
                bound: vec![cents(least)],
            }),
            (None, Some(most)) => Some(Narrow {
                from: "claim_queue INDEXED BY queue_of_money WHERE cents <= ?",
                condition: "+q.cents <= ?",
                bound: vec![cents(most)],
            }),
            (None, None) => None,
        });
        if let Some(risk) = self.risk.filter(|r| *r > 0) {
            all.push(Narrow {
                from: "claim_queue INDEXED BY queue_of_risk WHERE risk >= ?",
                condition: "+q.risk >= ?",
                bound: vec![Value::Integer(i64::from(risk))],
            });
        }
        all
    }
}

const COLUMNS: &str = "q.claim_id, c.dictation_id, d.name, q.state, q.revision, q.payer, q.physician, q.patient, q.dos, \
    q.risk, q.cents, q.lines, q.blocks, q.warns, q.questions, q.assignee, \
    (SELECT count(*) FROM claim_comments m WHERE m.claim_id = q.claim_id), q.created_at, q.changed_at";

/// A claim by its number in the queue, with what it sorts by.
struct Placed {
    number: i64,
    key: Vec<Value>,
}

impl Records<'_> {
    /// A page of the queue.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a place that is none; those of the database.
    pub fn queue(&self, query: &QueueQuery) -> Result<QueueRows, StoreError> {
        let limit = query.limit.clamp(1, 500);
        let states = query.filter.states();
        let driver = self.narrowest(&query.filter)?;
        let mut found = vec![];
        if driver.is_some() {
            found = self.walk(query, &states, driver, limit)?;
        } else {
            for state in states {
                found.extend(self.walk(query, &[state], None, limit)?);
            }
            let down = query.sort.descends() != query.reversed;
            found.sort_by(|a, b| if down { compare(&b.key, &a.key) } else { compare(&a.key, &b.key) });
        }
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > most;
        found.truncate(most);
        let next = found.last().filter(|_| more).map(|last| written(&last.key));
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM claim_queue q CROSS JOIN claims c ON c.id = q.claim_id
             CROSS JOIN dictations d ON d.id = c.dictation_id WHERE q.number = ?1"
        ))?;
        let rows = found.iter().map(|placed| statement.query_row([placed.number], |row| Ok(read(row)))?);
        Ok(QueueRows { rows: rows.collect::<Result<_, StoreError>>()?, next })
    }

    /// How many claims a filter leaves, up to [`COUNTED`], and what is charged on these.
    ///
    /// # Errors
    /// Those of the database.
    pub fn queue_count(&self, filter: &QueueFilter) -> Result<(u32, Cents), StoreError> {
        let driver = self.narrowest(filter)?;
        let (sql, bound) = conditions(filter, &filter.states(), driver);
        let (count, cents): (i64, i64) =
            self.sql
                .prepare_cached(&format!(
                    "SELECT count(*), coalesce(sum(cents), 0) FROM (SELECT q.cents FROM claim_queue q WHERE {sql} LIMIT {COUNTED})"
                ))?
                .query_row(params_from_iter(bound), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((unsigned(count, "claim_queue")?, Cents(cents)))
    }

    /// What can be filtered by, at most 200 of each.
    ///
    /// # Errors
    /// Those of the database.
    pub fn queue_facets(&self) -> Result<QueueFacets, StoreError> {
        Ok(QueueFacets {
            payers: self.distinct("payer")?,
            physicians: self.distinct("physician")?,
            assignees: self.distinct("assignee")?,
        })
    }

    /// From value to value by the index, so that a hundred thousand rows are not read for ten names.
    fn distinct(&self, column: &'static str) -> Result<Vec<String>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "WITH RECURSIVE each (value) AS (
               SELECT min({column}) FROM claim_queue WHERE {column} > ''
               UNION ALL
               SELECT (SELECT min({column}) FROM claim_queue WHERE {column} > each.value) FROM each WHERE value IS NOT NULL
             ) SELECT value FROM each WHERE value IS NOT NULL LIMIT 200"
        ))?;
        let rows = statement.query_and_then([], |row| Ok(row.get(0)?))?;
        rows.collect()
    }

    /// The filter that leaves the fewest claims, if those are few enough to be sorted.
    fn narrowest(&self, filter: &QueueFilter) -> Result<Option<usize>, StoreError> {
        let mut best: Option<(i64, usize)> = None;
        for (place, narrow) in filter.narrow().into_iter().enumerate() {
            let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {})", narrow.from, FEW + 1);
            let count: i64 =
                self.sql.prepare_cached(&sql)?.query_row(params_from_iter(narrow.bound), |row| row.get(0))?;
            if count <= FEW && best.is_none_or(|(least, _)| count < least) {
                best = Some((count, place));
            }
        }
        Ok(best.map(|(_, place)| place))
    }

    /// Rows in order after the place the page begins at, one more than the page takes.
    fn walk(
        &self,
        query: &QueueQuery,
        states: &[ClaimState],
        driver: Option<usize>,
        limit: u32,
    ) -> Result<Vec<Placed>, StoreError> {
        let columns = query.sort.columns();
        let down = query.sort.descends() != query.reversed;
        let (mut sql, mut bound) = conditions(&query.filter, states, driver);
        if let Some(after) = &query.after {
            let key = read_key(after, columns.len())?;
            let names: Vec<_> = columns.iter().map(|c| format!("q.{c}")).collect();
            let marks = vec!["?"; key.len()].join(", ");
            let _ = write!(sql, " AND ({}) {} ({marks})", names.join(", "), if down { "<" } else { ">" });
            bound.extend(key);
        }
        let order: Vec<_> =
            columns.iter().map(|c| format!("q.{c}{}", if down { " DESC" } else { "" })).collect();
        let index =
            if driver.is_none() { format!("INDEXED BY {}", query.sort.index()) } else { String::new() };
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {} FROM claim_queue q {index} WHERE {sql} ORDER BY {} LIMIT {}",
            columns.iter().map(|c| format!("q.{c}")).collect::<Vec<_>>().join(", "),
            order.join(", "),
            limit + 1
        ))?;
        let rows = statement.query_and_then(params_from_iter(bound), |row| {
            let key: Vec<Value> = (0..columns.len()).map(|at| row.get(at)).collect::<Result<_, _>>()?;
            // The number is the last of what every order sorts by.
            let number = row.get(columns.len().saturating_sub(1))?;
            Ok(Placed { number, key })
        })?;
        rows.collect()
    }

    /// Gives a claim to a person, or with an empty id to nobody.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn assign_claim(&self, id: ClaimId, assignee: &str) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached("UPDATE claim_queue SET assignee = ?2 WHERE claim_id = ?1")?
            .execute(params![id.to_string(), assignee])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "claim" }) }
    }

    /// Adds a comment to a claim.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn add_comment(&self, comment: &Comment) -> Result<(), StoreError> {
        self.claim(comment.claim)?.ok_or(StoreError::NotFound { what: "claim" })?;
        self.sql
            .prepare_cached(
                "INSERT INTO claim_comments (id, claim_id, author, text, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                comment.id.to_string(),
                comment.claim.to_string(),
                comment.author,
                comment.text.expose(),
                time(comment.at)
            ])?;
        Ok(())
    }

    /// Comments on a claim, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn comments(&self, id: ClaimId) -> Result<Vec<Comment>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, claim_id, author, text, at FROM claim_comments WHERE claim_id = ?1 ORDER BY at, id",
        )?;
        let rows = statement.query_and_then([id.to_string()], |row| {
            Ok(Comment {
                id: parse(&row.get::<_, String>(0)?, "claim_comments.id")?,
                claim: parse(&row.get::<_, String>(1)?, "claim_comments.claim_id")?,
                author: row.get(2)?,
                text: Phi::new(row.get(3)?),
                at: parse(&row.get::<_, String>(4)?, "claim_comments.at")?,
            })
        })?;
        rows.collect()
    }
}

/// Everything a claim is held to, in the order of its question marks.
fn conditions(filter: &QueueFilter, states: &[ClaimState], driver: Option<usize>) -> (String, Vec<Value>) {
    let mut all = Where::default();
    let state = |s: &ClaimState| Value::Text(s.as_str().to_owned());
    // Where another filter drives, the index of the states must not.
    let column = if driver.is_some() { "+q.state" } else { "q.state" };
    match states {
        [one] => all.and(&format!("{column} = ?"), [state(one)]),
        many => {
            all.and(&format!("{column} IN ({})", vec!["?"; many.len()].join(", ")), many.iter().map(state))
        }
    }
    for (place, narrow) in filter.narrow().into_iter().enumerate() {
        let drives = driver == Some(place);
        let condition = match (drives, narrow.condition) {
            (true, ASKED) => DRIVES,
            (true, driving) => driving.trim_start_matches('+'),
            (false, other) => other,
        };
        all.and(condition, narrow.bound);
    }
    (all.sql.trim_start_matches(" AND ").to_owned(), all.bound)
}

/// As SQLite compares values of one column.
fn compare(a: &[Value], b: &[Value]) -> std::cmp::Ordering {
    let one = |pair: (&Value, &Value)| match pair {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        _ => std::cmp::Ordering::Equal,
    };
    a.iter().zip(b).map(one).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}

fn written(key: &[Value]) -> String {
    let parts: Vec<serde_json::Value> = key
        .iter()
        .map(|value| match value {
            Value::Integer(n) => (*n).into(),
            Value::Text(t) => t.clone().into(),
            _ => serde_json::Value::Null,
        })
        .collect();
    serde_json::Value::Array(parts).to_string()
}

fn read_key(text: &str, parts: usize) -> Result<Vec<Value>, StoreError> {
    let missing = || StoreError::NotFound { what: "place in the queue" };
    let read: Vec<serde_json::Value> = serde_json::from_str(text).map_err(|_| missing())?;
    if read.len() != parts {
        return Err(missing());
    }
    read.into_iter()
        .map(|part| match part {
            serde_json::Value::String(text) => Ok(Value::Text(text)),
            other => other.as_i64().map(Value::Integer).ok_or_else(missing),
        })
        .collect()
}

fn read(row: &Row<'_>) -> Result<QueueRow, StoreError> {
    let number = |at: usize| -> Result<u32, StoreError> { unsigned(row.get::<_, i64>(at)?, "claim_queue") };
    Ok(QueueRow {
        claim: parse(&row.get::<_, String>(0)?, "claim_queue.claim_id")?,
        dictation: parse(&row.get::<_, String>(1)?, "claims.dictation_id")?,
        name: Phi::new(row.get(2)?),
        state: parse(&row.get::<_, String>(3)?, "claim_queue.state")?,
        revision: number(4)?,
        payer: row.get(5)?,
        physician: row.get(6)?,
        patient: Phi::new(row.get(7)?),
        dos: parse(&row.get::<_, String>(8)?, "claim_queue.dos")?,
        risk: unsigned(row.get::<_, i64>(9)?, "claim_queue.risk")?,
        charge: Cents(row.get(10)?),
        lines: number(11)?,
        blocks: number(12)?,
        warns: number(13)?,
        questions: number(14)?,
        assignee: row.get(15)?,
        comments: number(16)?,
        created_at: parse(&row.get::<_, String>(17)?, "claim_queue.created_at")?,
        changed_at: parse(&row.get::<_, String>(18)?, "claim_queue.changed_at")?,
    })
}
