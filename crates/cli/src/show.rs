//! Printing: answers on standard output, progress and faults on standard error. The only place that prints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the command line's one door to the terminal")]

use iambilly_app::dictionary::OwnWordView;
use iambilly_app::judgement::{JudgedBy, Judgement};
use iambilly_app::models::ModelView;
use iambilly_app::payer_rules::{PayerRuleState, PayerRuleView};
use iambilly_app::review::{PhraseRuleState, PhraseRuleView};
use iambilly_app::rules::{Optimum, ProposalKind};
use iambilly_app::view::{DictationView, DraftView, SecondOpinion, WorkState};
use iambilly_app::{Reader, RuleBook, doctor, evaluate};
use iambilly_claim::{Coding, Fault, Findings, Severity, Verdict};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Mutex;

/// Prints a value as JSON.
pub(crate) fn json<T: Serialize>(value: &T) {
    let stdout = std::io::stdout();
    let mut out = stdout.lock();
    // A reader that has gone away (`| head`) is no error of ours.
    let _ = serde_json::to_writer_pretty(&mut out, value);
    let _ = writeln!(out);
}

/// Prints a line on standard output.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A remark on standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A fault that did not stop the work.
/// Words as they are understood, one after another on the terminal of the person who says them.
pub(crate) fn words(text: &str) {
    eprint!("{text} ");
}

pub(crate) fn warning(fault: &Fault) {
    note(&format!("! {}\n  {}", fault.message, fault.advice));
}

/// A fault that did; its exit code.
pub(crate) fn fault(fault: &Fault, as_json: bool) -> ExitCode {
    if as_json {
        let shape = serde_json::json!({"error": {"code": fault.code, "message": fault.message, "advice": fault.advice}});
        note(&shape.to_string());
    } else {
        note(&format!("✗ {}\n  {}", fault.message, fault.advice));
    }
    ExitCode::from(fault.exit_code())
}

/// Progress on standard error: one line redrawn on a terminal, a line a tenth elsewhere.
pub(crate) struct Progress {
    on: bool,
    terminal: bool,
    last: Mutex<(String, u32)>,
}

impl Progress {
    pub(crate) fn new(on: bool) -> Self {
        Self { on, terminal: std::io::stderr().is_terminal(), last: Mutex::new((String::new(), 0)) }
    }

    /// Shows what is being done and its share, 0 to 1, when known.
    pub(crate) fn show(&self, what: &str, share: Option<f64>) {
        if !self.on {
            return;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
        let percent = share.map_or(0, |s| (s.clamp(0.0, 1.0) * 100.0) as u32);
        let Ok(mut last) = self.last.lock() else { return };
        let step = if self.terminal { percent } else { percent / 20 };
        if last.0 == what && last.1 == step {
            return;
        }
        *last = (what.to_owned(), step);
        drop(last);
        if self.terminal {
            let filled = "█".repeat((percent / 5) as usize);
            let share = share.map_or(String::new(), |_| format!(" ▕{filled:<20}▏ {percent} %"));
            let _ = write!(std::io::stderr(), "\r\x1b[2K▸ {what}{share}");
            let _ = std::io::stderr().flush();
        } else {
            let share = share.map_or(String::new(), |_| format!(" {percent} %"));
            note(&format!("▸ {what}{share}"));
        }
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        if self.on && self.terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}

fn short(text: &str) -> String {
    const WIDTH: usize = 72;
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= WIDTH { flat } else { flat.chars().take(WIDTH - 1).chain(['…']).collect() }
}

/// A coding for people.
pub(crate) fn diagnoses(found: &iambilly_app::codes::DiagnosisSearch) {
    for hit in &found.hits {
        let more = match (hit.billable, hit.needs.as_str()) {
            (true, _) => hit.seventh.as_ref().map_or_else(String::new, |s| format!(" ({s})")),
            (false, "") => " (more characters are needed)".to_owned(),
            (false, needs) => format!(" (with a 7th character: {needs})"),
        };
        line(&format!("{:9} {}{more}", hit.code, hit.title));
    }
    if found.hits.is_empty() {
        line(&format!("No code of ICD-10-CM {} fits.", found.edition));
    }
}

pub(crate) fn coding(coding: &Coding, book: &RuleBook) {
    let words = |code: &str| iambilly_app::view::words(book, code, coding.dos);
    line("DIAGNOSES");
    for (d, letter) in coding.diagnoses.iter().zip('A'..) {
        line(&format!("  {letter} {:<9} {}", d.code, words(d.code.as_str()).unwrap_or_default()));
        for e in d.evidence.passages() {
            line(&format!("      “{}” [{}–{}]", short(e.quote.expose()), e.start, e.end));
        }
    }
    line("SERVICE LINES");
    for (l, n) in coding.lines.iter().zip(1..) {
        let modifiers: String = l.modifiers.iter().map(|m| format!("-{m}")).collect();
        let levels = l.levels.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let pointers: String = l.pointers.iter().collect();
        let words = words(l.code.as_str()).unwrap_or_default();
        line(&format!(
            "  {n} {:<12} ×{} {:<4} {:<20} {words}",
            format!("{}{modifiers}", l.code),
            l.units,
            pointers,
            levels
        ));
        for e in l.evidence.passages() {
            line(&format!("      “{}” [{}–{}]", short(e.quote.expose()), e.start, e.end));
        }
    }
    if !coding.not_billed.is_empty() {
        line("NOT BILLED");
        for n in &coding.not_billed {
            line(&format!("  {} {}", n.code, n.reason));
        }
    }
    if !coding.queries.is_empty() {
        line("QUERIES");
        for q in &coding.queries {
            line(&format!("  ? {} ({})", q.question, q.affects.join(", ")));
        }
    }
}

/// Expected payment and proposals for people.
pub(crate) fn optimum(optimum: &Optimum) {
    line("EXPECTED PAYMENT");
    for paid in &optimum.payment.lines {
        let amount = paid.amount.map_or_else(|| "not priced".to_owned(), |a| a.to_string());
        line(&format!("  {:>2} {:<6} {amount:>12}  {}", paid.line, paid.code, paid.steps.join("; ")));
    }
    let whole = if optimum.payment.complete { "" } else { "  (not complete)" };
    line(&format!("     total  {:>12}{whole}", optimum.payment.total.to_string()));
    if let Some(order) = &optimum.order {
        let order: Vec<String> = order.iter().map(u32::to_string).collect();
        line(&format!("  By relative value the order of lines is {}.", order.join(", ")));
    }
    line("PROPOSALS");
    if optimum.proposals.is_empty() {
        line("  none: the documentation bears what is billed");
    }
    for p in &optimum.proposals {
        let kind = match p.kind {
            ProposalKind::Missed => "missed",
            ProposalKind::Combined => "combined",
            ProposalKind::Recode => "recode",
            ProposalKind::Modifier => "modifier",
            ProposalKind::Overcoded => "over-coded",
            ProposalKind::AuditRisk => "audit risk",
        };
        let worth = p.payment.map_or_else(String::new, |c| format!(" ({c})"));
        line(&format!("  {kind}{worth}: {}", p.message));
        for proof in &p.proof {
            let levels: Vec<String> = proof.levels.iter().map(ToString::to_string).collect();
            let quoted: Vec<String> = proof.documented.expose().iter().map(|d| format!("“{d}”")).collect();
            line(&format!("          line {} {} {}", proof.line, levels.join(" "), quoted.join(" ")));
        }
        line(&format!("          {} {} · {}", p.source.title, p.source.version, p.rule));
        if let Some(fix) = &p.fix {
            line(&format!("          change: {}", fix.description));
        }
    }
}

/// What today's rules changed about the findings, in a sentence.
fn judged_again(draft: &DraftView) {
    let Judgement { by, new, gone, verdict_today } = draft.judgement;
    if new + gone == 0 {
        return;
    }
    let changed = format!("{new} new and {gone} gone since revision {} was made", draft.revision);
    line(&match (by, verdict_today) {
        (JudgedBy::Today, _) => format!("  Judged by the rules of today: {changed}."),
        (JudgedBy::Revision, verdict) => {
            let verdict = verdict.map_or("otherwise", verdict_word);
            format!("  Decided on these findings. The rules of today would say {verdict}: {changed}.")
        }
    });
}

const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Clean => "clean",
        Verdict::Warn => "needs a decision",
        Verdict::Block => "blocked",
    }
}

/// Findings for people.
pub(crate) fn findings(findings: &Findings) {
    line(&format!("FINDINGS ({})", verdict_word(findings.verdict)));
    for f in &findings.findings {
        let mark = match f.severity {
            Severity::Block => "■ block",
            Severity::Warn => "▲ warn ",
            Severity::Info => "● info ",
        };
        line(&format!("  {mark} {}", f.message));
        line(&format!(
            "          {} {} · {} · {}",
            f.source.title, f.source.version, f.source.locator, f.rule
        ));
        if let Some(fix) = &f.fix {
            line(&format!("          fix: {}", fix.description));
        }
    }
}

/// A draft claim for people.
pub(crate) fn draft(draft: &DraftView, book: &RuleBook) {
    line(&format!(
        "CLAIM {} · revision {} · {} · {} · {}",
        draft.claim_id,
        draft.revision,
        draft.state.as_str(),
        draft.coding.payer,
        draft.coding.dos
    ));
    line(&format!("drafted by {}", draft.drafted_by.join(", ")));
    line("");
    line(&textwrapped(draft.transcript.text.expose()));
    line("");
    coding(&draft.coding, book);
    findings(&draft.findings);
    judged_again(draft);
    match draft.second_opinion {
        SecondOpinion::Merged => {}
        SecondOpinion::Pending => line("The language model's second opinion is still to come."),
        SecondOpinion::Skipped => line("Read by rules alone."),
        SecondOpinion::Failed => line("The language model's second opinion failed; the rules' draft stands."),
    }
}

fn textwrapped(text: &str) -> String {
    const WIDTH: usize = 100;
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            out.push('\n');
            column = 0;
        }
        if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// Local phrase rules.
pub(crate) fn phrase_rules(rules: &[PhraseRuleView]) {
    if rules.is_empty() {
        line("No correction has recurred often enough to be offered as a rule.");
    }
    for rule in rules {
        let state = match rule.state {
            PhraseRuleState::Offered => "offered",
            PhraseRuleState::Accepted => "accepted",
            PhraseRuleState::Declined => "declined",
            PhraseRuleState::Retired => "retired",
        };
        line(&format!("{}  {state:<9} {} ({} dictations)", rule.id, rule.says.expose(), rule.seen));
    }
}

/// The physician's own words.
pub(crate) fn dictionary(words: &[OwnWordView]) {
    if words.is_empty() {
        line("The dictionary is empty; iambilly dictionary add WORD puts one in.");
    }
    for word in words {
        let heard = word.heard.expose().as_ref().map(|h| format!("  heard as “{h}”")).unwrap_or_default();
        line(&format!("{}  {}{heard}", word.id, word.meant.expose()));
    }
}

/// Payer rules; none where the data folder was not opened.
pub(crate) fn payer_rules(rules: Option<&[PayerRuleView]>) {
    line("Payer rules of the clinic:");
    match rules {
        None => line("  not shown: the data folder is locked or not there (IAMBILLY_PASSPHRASE opens it)"),
        Some([]) => line("  none; iambilly rules add FILE saves one"),
        Some(rules) => {
            for rule in rules {
                let state = match (rule.state, rule.draft_waits) {
                    (PayerRuleState::Draft, _) => "draft",
                    (PayerRuleState::Confirmed, false) => "confirmed",
                    (PayerRuleState::Confirmed, true) => "confirmed, a draft waits",
                    (PayerRuleState::Retired, _) => "retired",
                };
                let payers =
                    if rule.payers.is_empty() { "all payers".to_owned() } else { rule.payers.join(", ") };
                let from = rule.from.as_deref().unwrap_or("?");
                let to = rule.to.as_ref().map(|d| format!(" to {d}")).unwrap_or_default();
                line(&format!("  {:<24} {state:<10} {payers}, from {from}{to}", rule.id));
                line(&format!("      {}", rule.fault.as_ref().map_or(&rule.message, |f| &f.message)));
            }
        }
    }
}

/// The queue.
pub(crate) fn dictations(list: &[DictationView]) {
    if list.is_empty() {
        line("No dictations yet: iambilly claim FILE.wav --payer medicare --dos 2026-02-02");
        return;
    }
    for d in list {
        let state = match d.state {
            WorkState::Done => d.claim_state.map_or("done", |state| state.as_str()),
            WorkState::Queued => "queued",
            WorkState::Running => "running",
            WorkState::Failed => "failed",
            WorkState::Cancelled => "cancelled",
            WorkState::Skipped => "skipped",
        };
        let claim = d.claim_id.map_or_else(|| "-".to_owned(), |c| c.to_string());
        line(&format!("{claim:<36}  {state:<12} {} {} {}", d.dos, d.payer, d.name.expose()));
        if let Some(fault) = &d.fault {
            line(&format!("    {} {}", fault.message, fault.advice));
        }
    }
}

/// Models.
pub(crate) fn models(list: &[ModelView]) {
    for m in list {
        let mib = m.bytes.div_ceil(1 << 20);
        line(&format!(
            "{} {:<34} {:<10} {:<10} {mib:>6} MiB  {:<10} {}",
            if m.used { "→" } else { " " },
            m.id,
            m.role,
            m.state,
            m.licence,
            m.note
        ));
    }
}

/// The doctor's report.
pub(crate) fn doctor(report: &doctor::Report, as_json: bool) {
    if as_json {
        return json(report);
    }
    for check in &report.checks {
        let mark = match check.state {
            doctor::State::Ok => "✓",
            doctor::State::Warn => "▲",
            doctor::State::Fail => "✗",
        };
        line(&format!("{mark} {:<16} {}", check.name, check.detail));
        if let Some(fix) = &check.fix {
            line(&format!("  → {fix}"));
        }
    }
}

/// An evaluation: one report, or one for each of several readers.
pub(crate) fn evaluation(reports: &[(Reader, evaluate::Report)], as_json: bool) {
    match (reports, as_json) {
        ([(_, report)], true) => json(&report.to_json()),
        ([(_, report)], false) => line(&report.to_table()),
        (several, true) => {
            let readers: serde_json::Map<String, serde_json::Value> =
                several.iter().map(|(r, report)| (r.as_str().to_owned(), report.to_json())).collect();
            json(&serde_json::json!({ "readers": readers }));
        }
        (several, false) => {
            for (reader, report) in several {
                line(&format!("reader: {}\n{}", reader.as_str(), report.to_table()));
            }
        }
    }
}
