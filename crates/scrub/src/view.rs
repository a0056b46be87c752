//! A claim read once for judging: dates parsed, codes and modifiers in capitals, the payer's kind known.

use crate::book::RuleBook;
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
}

/// A service line.
pub(crate) struct Line<'a> {
    pub(crate) index: usize,
    pub(crate) raw: &'a ServiceLine,
    pub(crate) number: u32,
    pub(crate) code: String,
    pub(crate) modifiers: Vec<String>,
    pub(crate) dos: Option<Date>,
    /// Whether fixes are wanted; while a fix is proved they are not.
    pub(crate) mending: bool,
    /// Place of service: the line's, else the facility's.
    pub(crate) place: String,
}

impl Line<'_> {
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
        let lines: Vec<Line<'a>> = claim
            .lines
            .iter()
            .enumerate()
            .map(|(index, raw)| Line {
                index,
                raw,
                mending,
                number: if raw.number == 0 { u32::try_from(index + 1).unwrap_or(0) } else { raw.number },
                code: raw.code.trim().to_uppercase(),
                modifiers: raw
                    .modifiers
                    .iter()
                    .map(|m| m.trim().to_uppercase())
                    .filter(|m| !m.is_empty())
                    .collect(),
                dos: raw.dos.as_deref().and_then(parse_date),
                place: raw
                    .pos
                    .as_deref()
                    .or(claim.facility.pos.as_deref())
                    .unwrap_or_default()
                    .trim()
                    .to_owned(),
            })
            .collect();
        // A claim that names only the payer's id says the line of business with it, if it says it at all.
        let kind = if claim.payer.kind.trim().is_empty() { &claim.payer.id } else { &claim.payer.kind };
        let payer = match kind.trim().to_lowercase().as_str() {
            "medicare" => PayerKind::Medicare,
            "medicaid" => PayerKind::Medicaid,
            _ => PayerKind::Other,
        };
        let received = claim.received_date.as_deref().and_then(parse_date).unwrap_or(today);
        let dos = lines.iter().filter_map(|l| l.dos).min().unwrap_or(today);
        Self { claim, book, lines, payer, mending, received, dos }
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

    /// Diagnoses a line points to, as written.
    pub(crate) fn pointed<'s>(&'s self, line: &'s Line<'a>) -> impl Iterator<Item = (usize, &'a str)> + 's {
        line.raw.pointers.iter().filter_map(|p| {
            let index = pointer(p)?;
            self.claim.diagnoses.get(index).map(|d| (index, d.as_str()))
        })
    }
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
