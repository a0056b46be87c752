//! `claim` and `claims`: the main job and the queue.

use crate::arguments::{ClaimArguments, ClaimsCommand, EvalArguments, LearnedCommand};
use crate::stateless::read_text;
use crate::{NEGATIVE, Shell, show};
use iambilly_app::intake::{self, NewDictation};
use iambilly_app::people::{Action, SignIn};
use iambilly_app::review::{self, PhraseRuleState, Step};
use iambilly_app::rewording;
use iambilly_app::session::{Session, Unlock};
use iambilly_app::view::{DraftView, WorkState};
use iambilly_app::{draft, evaluate, header, view};
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::{ClaimId, DictationId};
use iambilly_claim::{Fault, FaultKind, Phi, Verdict};
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

/// Opens the session; setting a data folder up ends with its recovery kit.
pub(crate) async fn session(shell: &Shell) -> Result<Arc<Session>, Fault> {
    let is_new = Session::status(&shell.config, false)?.is_new();
    let session = opened(shell).await?;
    if let Err(fault) = crate::custody::first_kit(shell, &session, is_new).await {
        session.shut_down().await;
        return Err(fault);
    }
    Ok(session)
}

/// Opens the session and asks for nothing more.
pub(crate) async fn opened(shell: &Shell) -> Result<Arc<Session>, Fault> {
    Ok(Session::open(shell.config.clone(), shell.surroundings, unlock(shell)?).await?)
}

/// The session, where it can be had without a question to anybody.
pub(crate) async fn without_asking(shell: &Shell) -> Option<Arc<Session>> {
    let status = Session::status(&shell.config, false).ok()?;
    let given = |name| std::env::var(name).is_ok_and(|v: String| !v.is_empty());
    let asks = match (status.needs_sign_in(), status.needs_passphrase()) {
        (true, _) => shell.user.is_none() || !given("IAMBILLY_PASSWORD"),
        (false, true) => !given("IAMBILLY_PASSPHRASE"),
        (false, false) => false,
    };
    if status.is_new() || asks { None } else { session(shell).await.ok() }
}

/// Lets a command go on that needs no data folder itself, but that not everybody of a clinic may give: where people were
/// added one of them signs in and is asked; where nobody was, or nothing is there yet, there is nobody to ask.
pub(crate) async fn permitted(shell: &Shell, action: Action) -> Result<(), Fault> {
    if !Session::status(&shell.config, false)?.needs_sign_in() {
        return Ok(());
    }
    let session = session(shell).await?;
    let answer = session.permit(action).await;
    session.shut_down().await;
    answer
}

/// What to unlock with: keyring, else `IAMBILLY_PASSPHRASE`, else a question on a terminal.
pub(crate) fn unlock(shell: &Shell) -> Result<Unlock, Fault> {
    let status = Session::status(&shell.config, false)?;
    // Whoever sets it means it: the keyring may be gone, or the passphrase forgotten.
    if let Some(words) = std::env::var("IAMBILLY_RECOVERY_KIT").ok().filter(|w| !w.trim().is_empty()) {
        return Unlock::kit(&words);
    }
    if status.needs_sign_in() {
        return sign_in(shell);
    }
    if shell.user.is_some() {
        return Err(Fault::new(
            FaultKind::Usage,
            "no_accounts",
            "This data folder has no accounts, so nobody signs in by name.",
            "Leave --user away; iambilly users add NAME --role administrator makes the first account.",
        ));
    }
    let given = std::env::var("IAMBILLY_PASSPHRASE").ok().filter(|p| !p.is_empty());
    // A vault is opened by what it was made with; a new one is made with a passphrase where one is given.
    if let Some(passphrase) = given.filter(|_| status.is_new() || status.needs_passphrase()) {
        return Ok(Unlock::passphrase(passphrase));
    }
    if !status.needs_passphrase() {
        return Ok(Unlock::Keyring);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Fault::new(
            FaultKind::Locked,
            "passphrase_needed",
            "This machine has no unlocked keyring, so the data folder needs a passphrase.",
            "Set IAMBILLY_PASSPHRASE (long; it is asked for at every start and cannot be recovered), or start from a desktop session with a keyring.",
        ));
    }
    if status.is_new() {
        return new_passphrase("Passphrase for the data folder: ");
    }
    Ok(Unlock::passphrase(asked("Passphrase for the data folder: ")?))
}

/// `--user` with `IAMBILLY_PASSWORD` and `IAMBILLY_TOTP`, or questions on a terminal.
fn sign_in(shell: &Shell) -> Result<Unlock, Fault> {
    let variable = |name| std::env::var(name).ok().filter(|v: &String| !v.is_empty());
    let asking = std::io::stdin().is_terminal();
    let needed = || {
        Fault::new(
            FaultKind::Locked,
            "sign_in_needed",
            "This data folder has accounts, so somebody has to sign in.",
            "Give --user NAME and set IAMBILLY_PASSWORD, and IAMBILLY_TOTP where you have a second factor.",
        )
    };
    let name = shell.user.clone().ok_or_else(needed)?;
    let code = variable("IAMBILLY_TOTP");
    let (password, code) = match (variable("IAMBILLY_PASSWORD"), asking) {
        (Some(password), _) => (password, code),
        (None, false) => return Err(needed()),
        (None, true) => {
            let password = asked("Password: ")?;
            let code = match code {
                Some(code) => code,
                None => asked("Code of your authenticator (empty without one): ")?,
            };
            (password, Some(code))
        }
    };
    Ok(Unlock::Person(SignIn { name, password: password.into(), code }))
}

/// A new passphrase, typed twice.
pub(crate) fn new_passphrase(prompt: &str) -> Result<Unlock, Fault> {
    let passphrase = asked(prompt)?;
    if asked("The same again: ")? != passphrase {
        return Err(Fault::new(
            FaultKind::Usage,
            "passphrases_differ",
            "The two passphrases differ; nothing was changed.",
            "Run it again.",
        ));
    }
    Ok(Unlock::passphrase(passphrase))
}

pub(crate) fn asked(prompt: &str) -> Result<String, Fault> {
    rpassword::prompt_password(prompt).map_err(|_| {
        Fault::new(
            FaultKind::Locked,
            "passphrase_needed",
            "No passphrase was given.",
            "Run it again and type one.",
        )
    })
}

pub(crate) async fn claim(shell: &Shell, given: ClaimArguments) -> Result<u8, Fault> {
    // Everything that can be wrong with the arguments is said before a folder is made.
    let (patient, providers) = providers_of(given.patient.as_deref(), given.provider.as_deref())?;
    let note = is_note(&given.input).then(|| read_text(&given.input)).transpose()?;
    if note.is_none() {
        intake::check_audio(&given.input)?;
    }
    let session = session(shell).await?;
    let new = NewDictation {
        payer: given.payer,
        dos: given.dos,
        patient,
        providers,
        speech_model: given.model,
        reader: given.reader.into(),
    };
    let id = match note {
        Some(text) => intake::add_note(&session, Phi::new(text), new).await?,
        None => intake::import_audio(&session, &given.input, new).await?,
    };
    let done = finished(shell, &session, id).await;
    session.shut_down().await;
    done
}

/// Patient and providers from their files.
pub(crate) fn providers_of(
    patient: Option<&Path>,
    providers: Option<&Path>,
) -> Result<(Option<Patient>, Option<draft::Providers>), Fault> {
    let patient = patient.map(read_text).transpose()?;
    let patient = patient.as_deref().map(draft::parse_patient).transpose()?;
    let providers = providers.map(read_text).transpose()?;
    Ok((patient, providers.as_deref().map(draft::Providers::parse).transpose()?))
}

/// Works until a dictation is done and shows its draft.
pub(crate) async fn finished(shell: &Shell, session: &Arc<Session>, id: DictationId) -> Result<u8, Fault> {
    let draft = follow(shell, session, id).await?;
    if shell.json {
        show::json(&draft);
    } else {
        show::draft(&draft, &*shell.config.rules.book()?);
    }
    Ok(if draft.findings.verdict == Verdict::Block { NEGATIVE } else { 0 })
}

/// A typed note by its name; anything else is taken for audio, and the WAV reader says if it is not.
fn is_note(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    path.as_os_str() == "-" || matches!(ending.as_deref(), Some("txt" | "md" | "text"))
}

/// Works until a dictation is done, showing progress; returns its draft.
async fn follow(shell: &Shell, session: &Arc<Session>, id: DictationId) -> Result<DraftView, Fault> {
    let progress = show::Progress::new(!shell.quiet);
    let done = session
        .work_on(id, &|event| {
            if event.stage.state == WorkState::Running {
                progress.show(event.stage.stage.label(), event.stage.progress);
            }
        })
        .await;
    progress.clear();
    let done: view::DictationView = done?;
    match (done.claim_id, done.fault) {
        (Some(claim), fault) => {
            if let Some(fault) = fault {
                show::warning(&fault);
            }
            Ok(session.draft(claim).await?)
        }
        (None, Some(fault)) => Err(fault),
        (None, None) => Err(Fault::new(
            FaultKind::Cancelled,
            "cancelled",
            "The dictation was cancelled; what was recorded is kept.",
            "iambilly claims resume continues it.",
        )),
    }
}

pub(crate) async fn claims(shell: &Shell, command: ClaimsCommand) -> Result<u8, Fault> {
    let session = session(shell).await?;
    let result = run(shell, &session, command).await;
    session.shut_down().await;
    result
}

pub(crate) fn claim_id(id: &str) -> Result<ClaimId, Fault> {
    id.parse().map_err(|_| {
        Fault::new(
            FaultKind::Usage,
            "claim_id_invalid",
            "That is not a claim id.",
            "iambilly claims list shows them.",
        )
    })
}

fn shown(shell: &Shell, draft: &DraftView) -> Result<u8, Fault> {
    if shell.json {
        show::json(draft);
    } else {
        show::draft(draft, &*shell.config.rules.book()?);
    }
    Ok(0)
}

async fn run(shell: &Shell, session: &Arc<Session>, command: ClaimsCommand) -> Result<u8, Fault> {
    match command {
        ClaimsCommand::List => {
            let dictations = session.dictations().await?;
            if shell.json {
                show::json(&dictations);
            } else {
                show::dictations(&dictations);
            }
            Ok(0)
        }
        ClaimsCommand::Queue(given) => crate::queue::queue(session, *given, shell.json).await,
        ClaimsCommand::Assign { id, to } => crate::queue::assign(session, &id, &to).await,
        ClaimsCommand::Amend { id, how, revision, reason } => {
            let made = session.amend(claim_id(&id)?, revision, how.into(), Phi::new(reason)).await?;
            shown(shell, &made)
        }
        ClaimsCommand::Companion { id, revision, file } => {
            let asked = crate::queue::companion(&read_text(&file)?)?;
            shown(shell, &session.companion(claim_id(&id)?, revision, asked).await?)
        }
        ClaimsCommand::Diff { id, from, to, older } => {
            crate::queue::diff(session, &id, (older, from), to).await
        }
        ClaimsCommand::Comment { id, text } => crate::queue::comment(session, &id, text, shell.json).await,
        ClaimsCommand::Show { id } => shown(shell, &session.draft(claim_id(&id)?).await?),
        ClaimsCommand::Reword { id, revision, changes } => {
            let changes = rewording::changes(&read_text(&changes)?)?;
            let done = session.reword(claim_id(&id)?, revision, changes).await?;
            if shell.json {
                show::json(&done);
                return Ok(0);
            }
            shown(shell, &done.draft)
        }
        ClaimsCommand::Reread { id, revision } => {
            shown(shell, &session.reread(claim_id(&id)?, revision).await?)
        }
        ClaimsCommand::Correct { id, revision, edits } => {
            let edits = review::edits(&read_text(&edits)?)?;
            shown(shell, &session.correct(claim_id(&id)?, revision, edits).await?)
        }
        ClaimsCommand::Header { id, revision, file } => {
            let header = header::read(&read_text(&file)?)?;
            shown(shell, &session.set_header(claim_id(&id)?, revision, header).await?)
        }
        ClaimsCommand::Restore { id, revision, to } => {
            shown(shell, &session.restore(claim_id(&id)?, revision, to).await?)
        }
        ClaimsCommand::Submit { id } => {
            shown(shell, &session.decide(claim_id(&id)?, None, Step::Submit).await?)
        }
        ClaimsCommand::Approve { id, revision } => {
            shown(shell, &session.decide(claim_id(&id)?, revision, Step::Approve).await?)
        }
        ClaimsCommand::Reject { id, reason } => {
            let step = Step::Reject { reason: Phi::new(reason) };
            shown(shell, &session.decide(claim_id(&id)?, None, step).await?)
        }
        ClaimsCommand::Reopen { id, reason } => {
            let step = Step::Reopen { reason: Phi::new(reason) };
            shown(shell, &session.decide(claim_id(&id)?, None, step).await?)
        }
        ClaimsCommand::Value { id, locality, qualifying, remember } => {
            let id = claim_id(&id)?;
            let mut setting = session.payment_setting().await?;
            if let Some(locality) = locality {
                setting.locality = Some(locality).filter(|l| l != "national");
            }
            setting.qualifying = qualifying.unwrap_or(setting.qualifying);
            if remember {
                session.set_payment_setting(setting.clone()).await?;
            }
            let value = session.value(id, Some(setting)).await?;
            if shell.json {
                show::json(&value);
            } else {
                show::optimum(&value.optimum);
            }
            Ok(0)
        }
        ClaimsCommand::Resume => {
            let progress = show::Progress::new(!shell.quiet);
            let finished = session
                .work_off(&|event| {
                    if event.stage.state == WorkState::Running {
                        progress.show(event.stage.stage.label(), event.stage.progress);
                    }
                })
                .await;
            progress.clear();
            show::line(&format!("{} dictation(s) finished.", finished?));
            Ok(0)
        }
    }
}

/// `learned`: local phrase rules.
pub(crate) async fn learned(shell: &Shell, command: LearnedCommand) -> Result<u8, Fault> {
    let decision = match &command {
        LearnedCommand::List => None,
        LearnedCommand::Accept { id } => Some((id, PhraseRuleState::Accepted)),
        LearnedCommand::Decline { id } => Some((id, PhraseRuleState::Declined)),
        LearnedCommand::Retire { id } => Some((id, PhraseRuleState::Retired)),
    };
    let decision = match decision {
        Some((id, to)) => {
            let id = id.parse().map_err(|_| {
                Fault::new(
                    FaultKind::Usage,
                    "phrase_rule_id_invalid",
                    "That is not a phrase rule's id.",
                    "iambilly learned list shows them.",
                )
            })?;
            Some((id, to))
        }
        None => None,
    };
    let session = session(shell).await?;
    let rules = match decision {
        Some((id, to)) => session.decide_phrase_rule(id, to).await.map(|rule| vec![rule]),
        None => session.phrase_rules().await,
    };
    session.shut_down().await;
    let rules = rules?;
    if shell.json {
        show::json(&rules);
    } else {
        show::phrase_rules(&rules);
    }
    Ok(0)
}

/// `eval`: accuracy on a folder of cases, or on the clinic's own approved claims.
pub(crate) async fn evaluation(shell: &Shell, given: EvalArguments) -> Result<u8, Fault> {
    if let Some(dir) = given.dir.as_deref().filter(|d| evaluate::policies::is_policies(d)) {
        let progress = show::Progress::new(!shell.quiet);
        let shown = |what: &str, share| progress.show(what, Some(share));
        let report = evaluate::policies::policies(&shell.config, &shell.surroundings, dir, &shown).await?;
        progress.clear();
        crate::policy::evaluated(&report, shell.json);
        return Ok(0);
    }
    let request = evaluate::Request {
        readers: given.reader.into_iter().map(Into::into).collect(),
        speech_model: given.model,
        language_model: given.language_model,
        noise_db: given.noise,
        live: given.live,
        expect: given.expect,
        only: given.only,
    };
    let cases = match given.dir {
        Some(dir) => evaluate::folder(&dir)?,
        None => {
            let session = session(shell).await?;
            let cases = evaluate::approved(&session).await;
            session.shut_down().await;
            cases?
        }
    };
    let progress = show::Progress::new(!shell.quiet);
    let reports = evaluate::run(&shell.config, &shell.surroundings, cases, &request, &|what, share| {
        progress.show(what, Some(share));
    })
    .await?;
    progress.clear();
    show::evaluation(&reports, shell.json);
    let missed = |floor| reports.iter().any(|(_, report)| report.line_f1() < floor);
    Ok(if given.min_f1.is_some_and(missed) { NEGATIVE } else { 0 })
}
