//! A claim read once for judging: dates parsed, codes and modifiers in capitals, the payer's kind known.

use crate::book::RuleBook;
use crate::codes::Key;
use crate::icd::dotted;
use crate::lookups::{Dated, Partner, Primaries};
use crate::rules::{AddOnKind, Count, Fee, Mue};
use iambilly_claim::finding::{Fix, Source};
use iambilly_claim::{Claim, Finding, FindingKind, ServiceLine, Severity};
use jiff::civil::Date;

/// Who pays, as far as rules differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayerKind {
    Medicare,
    Medicaid,
    Other,
}

impl PayerKind {
    /// Its name as claims and rule files write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Medicare => "medicare",
            Self::Medicaid => "medicaid",
            Self::Other => "other",
        }
    }
}

/// A claim with what the checks need of it.
pub(crate) struct View<'a> {
    pub(crate) claim: &'a Claim,
    pub(crate) book: &'a RuleBook,
    pub(crate) lines: Vec<Line<'a>>,
    pub(crate) payer: PayerKind,
    /// Whether fixes are wanted; while a fix is proved they are not.
    pub(crate) mending: bool,
    /// Date of receipt, or today.
    pub(crate) received: Date,
    /// The claim's date for rules about the claim as a whole: its first date of service, or today.
    pub(crate) dos: Date,
    /// The diagnoses in capitals and with their dots.
    pub(crate) diagnoses: Vec<String>,
}

/// A service line.
pub(crate) struct Line<'a> {
    pub(crate) index: usize,
    pub(crate) raw: &'a ServiceLine,
    book: &'a RuleBook,
    pub(crate) number: u32,
    pub(crate) code: String,
    pub(crate) modifiers: Vec<String>,
    pub(crate) dos: Option<Date>,
    /// Whether fixes are wanted; while a fix is proved they are not.
    pub(crate) mending: bool,
    /// Place of service: the line's, else the facility's.
    pub(crate) place: &'a str,
    /// The code as a number, for the sets of codes that rules list.
    pub(crate) key: Key,
    /// What the rule book says of the code on that day.
    pub(crate) on: OnDay<'a>,
    /// How the code is counted, whatever the day.
    pub(crate) count: Option<&'a Count>,
    /// Bundle rules in which it is the primary, and those in which it is the other.
    pub(crate) bundles: Option<&'a [Vec<u16>; 2]>,
    /// Whether it is an add-on of any kind.
    pub(crate) is_add_on: bool,
    /// Whether it is an evaluation and management visit.
    pub(crate) is_visit: bool,
    /// Whether it is an add-on without any of its primaries that day, on the claim or before it.
    pub(crate) orphan: bool,
}

/// What the rule book says of a code on a day; looked up once a line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OnDay<'a> {
    pub(crate) fee: Option<Dated<'a, Fee>>,
    pub(crate) mue: Option<Dated<'a, Mue>>,
    pub(crate) add_on: Option<Dated<'a, Primaries<'a>>>,
    pub(crate) count: Option<&'a Count>,
    pub(crate) partner: Partner<'a>,
}

impl<'a> OnDay<'a> {
    fn of(book: &'a RuleBook, code: &str, dos: Date) -> Self {
        Self {
            fee: book.fee(code, dos),
            mue: book.mue(code, dos),
            add_on: book.add_on(code, dos),
            count: book.counts.on(code, dos),
            partner: book.partner(code, dos),
        }
    }
}

impl<'a> Line<'a> {
    fn new(index: usize, raw: &'a ServiceLine, claim: &'a Claim, book: &'a RuleBook, mending: bool) -> Self {
        let code = raw.code.trim().to_uppercase();
        let modifiers = raw.modifiers.iter().map(|m| m.trim().to_uppercase()).filter(|m| !m.is_empty());
        let dos = raw.dos.as_deref().and_then(parse_date);
        Self {
            index,
            raw,
            mending,
            number: if raw.number == 0 { u32::try_from(index + 1).unwrap_or(0) } else { raw.number },
            modifiers: modifiers.collect(),
            dos,
            place: raw.pos.as_deref().or(claim.facility.pos.as_deref()).unwrap_or_default().trim(),
            key: Key::of(&code),
            on: dos.map(|dos| OnDay::of(book, &code, dos)).unwrap_or_default(),
            book,
            count: book.counts.get(&code),
            bundles: book.bundles_by_code.get(code.as_str()),
            is_add_on: book.is_add_on(&code),
            is_visit: book.is_visit(&code),
            orphan: false,
            code,
        }
    }
    /// The newest row of the fee schedule, whatever the day.
    pub(crate) fn newest_fee(&self) -> Option<Dated<'a, Fee>> {
        self.book.newest_fee(&self.code)
    }
    /// Whether the code's payment is bundled into others (fee schedule status B), whatever the day.
    pub(crate) fn is_bundled(&self) -> bool {
        self.newest_fee().is_some_and(|f| f.status == 'B')
    }
    pub(crate) fn has(&self, modifier: &str) -> bool {
        self.modifiers.iter().any(|m| m == modifier)
    }
    /// Whether the line has a modifier of a class (`data/rules/modifiers.tsv`).
    pub(crate) fn has_any(&self, book: &RuleBook, class: &str) -> bool {
        self.modifiers.iter().any(|m| book.modifier_is(class, m))
    }
    /// `63047 (line 2)`.
    pub(crate) fn name(&self) -> String {
        format!("{} (line {})", self.code, self.number)
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(claim: &'a Claim, book: &'a RuleBook, today: Date, mending: bool) -> Self {
        let mut lines: Vec<Line<'a>> = (claim.lines.iter().enumerate())
            .map(|(index, raw)| Line::new(index, raw, claim, book, mending))
            .collect();
        let orphans: Vec<bool> = lines.iter().map(|l| orphan(claim, &lines, l)).collect();
        lines.iter_mut().zip(orphans).for_each(|(line, orphan)| line.orphan = orphan);
        // A claim that names only the payer's id says the line of business with it, if it says it at all.
        let kind = if claim.payer.kind.trim().is_empty() { &claim.payer.id } else { &claim.payer.kind };
        let payer = match kind.trim().to_lowercase().as_str() {
            "medicare" => PayerKind::Medicare,
            "medicaid" => PayerKind::Medicaid,
            _ => PayerKind::Other,
        };
        let received = claim.received_date.as_deref().and_then(parse_date).unwrap_or(today);
        let dos = lines.iter().filter_map(|l| l.dos).min().unwrap_or(today);
        let diagnoses = claim.diagnoses.iter().map(|d| dotted(d)).collect();
        Self { claim, book, lines, payer, mending, received, dos, diagnoses }
    }

    /// Lines of a code on a day.
    pub(crate) fn same_day(&self, dos: Option<Date>) -> impl Iterator<Item = &Line<'a>> {
        self.lines.iter().filter(move |l| l.dos.is_some() && l.dos == dos)
    }

    /// The state of the service: the facility's, else the billing provider's, else the patient's.
    pub(crate) fn state(&self) -> Option<String> {
        let claim = self.claim;
        let of = |a: Option<&iambilly_claim::claim::Address>| {
            a.and_then(|a| a.state.clone()).filter(|s| !s.trim().is_empty())
        };
        of(claim.facility.address.as_ref())
            .or_else(|| of(claim.billing_provider.address.as_ref()))
            .or_else(|| of(claim.patient.address.expose().as_ref()))
            .map(|s| s.trim().to_uppercase())
    }

    /// Diagnoses a line points to, with their dots.
    pub(crate) fn pointed<'s>(&'s self, line: &'s Line<'a>) -> impl Iterator<Item = (usize, &'s str)> + 's {
        line.raw.pointers.iter().filter_map(|p| {
            let index = pointer(p)?;
            self.diagnoses.get(index).map(|d| (index, d.as_str()))
        })
    }
}

/// Whether a line is an add-on without any of its primaries that day, on the claim or before it.
fn orphan(claim: &Claim, lines: &[Line<'_>], line: &Line<'_>) -> bool {
    let Some(rule) = line.on.add_on.filter(|r| r.kind == AddOnKind::Listed) else { return false };
    let here = lines.iter().any(|l| l.index != line.index && l.dos == line.dos && rule.has(&l.code));
    let before = || claim.history.iter().any(|h| parse_date(&h.dos) == line.dos && rule.has(&h.code));
    !here && !before()
}

/// Index of the diagnosis a pointer letter names.
pub(crate) fn pointer(letter: &str) -> Option<usize> {
    let mut chars = letter.trim().chars();
    let (Some(c), None) = (chars.next(), chars.next()) else { return None };
    let index = u32::from(c.to_ascii_uppercase()).checked_sub(u32::from('A'))?;
    (index < 12).then(|| usize::try_from(index).ok()).flatten()
}

/// A date written `YYYY-MM-DD`.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    text.trim().parse().ok()
}

/// A finding in the making.
pub(crate) struct Note(Finding);

impl Note {
    pub(crate) fn new(
        kind: FindingKind,
        severity: Severity,
        rule: impl Into<String>,
        source: Source,
    ) -> Self {
        Self(Finding {
            kind,
            rule: rule.into(),
            severity,
            lines: vec![],
            codes: vec![],
            message: String::new(),
            source,
            fix: None,
        })
    }
    /// The lines it touches, with their codes.
    pub(crate) fn lines<'a, 'b: 'a>(mut self, lines: impl IntoIterator<Item = &'a Line<'b>>) -> Self {
        for line in lines {
            if !self.0.lines.contains(&line.number) {
                self.0.lines.push(line.number);
            }
            if !self.0.codes.contains(&line.code) {
                self.0.codes.push(line.code.clone());
            }
        }
        self
    }
    /// Further codes it touches.
    pub(crate) fn codes(mut self, codes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.codes.extend(codes.into_iter().map(Into::into));
        self
    }
    /// What is wrong, in a sentence.
    pub(crate) fn text(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }
    pub(crate) fn fix(mut self, fix: Option<Fix>) -> Self {
        self.0.fix = fix;
        self
    }
    pub(crate) fn done(self) -> Finding {
        self.0
    }
}

/// A citation of something that is not a table of the rule book.
pub(crate) fn cite(title: &str, version: &str, locator: impl Into<String>) -> Source {
    Source {
        title: title.to_owned(),
        version: version.to_owned(),
        effective_from: None,
        effective_to: None,
        locator: locator.into(),
    }
}
