//! Every role at every use case: let in or refused as the table says, and each refusal in the audit.

use super::{Action, Actor, Guards, Role};
use crate::audit::{AuditRoom, Selection};
use crate::error::AppError;
use crate::exchange::AnswerKind;
use crate::intake::{self, NewDictation};
use crate::master::MasterKind;
use crate::paths::Paths;
use crate::physician::Filing;
use crate::queue::{BulkStep, QueueFilter, QueueQuery};
use crate::related::Amend;
use crate::review::{PhraseRuleState, Step};
use crate::rules::Setting;
use crate::session::{Config, Opening, Session, Unlock, open_sealed};
use crate::{Surroundings, evaluate, export, keys, recording, sound};
use iambilly_claim::ids::{ClaimId, DictationId, MasterId, OwnWordId, PhraseRuleId};
use iambilly_claim::{Fault, OwnWord, Phi};
use std::path::Path;
use std::sync::Arc;

const PERSON: &str = "018f0000-0000-7000-8000-0000000000aa";

fn config(folder: &Path) -> Config {
    let mut paths = Paths::from_environment(&|_| None, Path::new("iambilly"));
    paths.data = folder.join("data");
    paths.rules = folder.join("rules");
    paths.models = folder.join("models");
    Config::new(paths, 1)
}

fn unlock() -> Unlock {
    Unlock::passphrase("correct horse battery".to_owned())
}

async fn session_of(config: &Config, actor: Actor) -> Arc<Session> {
    let surroundings = Surroundings::system();
    let (vault, store, _) = open_sealed(config, surroundings, unlock(), Opening::Usual).unwrap();
    Session::start(config.clone(), surroundings, vault, store, actor).await.unwrap()
}

/// One use case of each action, on things that are not there: what matters is whether permission is refused first.
async fn tried(session: &Arc<Session>, folder: &Path, action: Action) -> Vec<Result<(), Fault>> {
    fn of<T, E: Into<Fault>>(result: Result<T, E>) -> Result<(), Fault> {
        result.map(drop).map_err(Into::into)
    }
    let dictation: DictationId = PERSON.parse().unwrap();
    let claim: ClaimId = PERSON.parse().unwrap();
    let record: MasterId = PERSON.parse().unwrap();
    let (rule, word): (PhraseRuleId, OwnWordId) = (PERSON.parse().unwrap(), PERSON.parse().unwrap());
    let s = &**session;
    let nowhere = || folder.join("nowhere");
    match action {
        Action::ViewClaims => {
            vec![
                of(s.dictations().await),
                of(s.draft(claim).await),
                of(s.dictation(dictation).await),
                of(s.queue(QueueQuery::default()).await),
                of(s.queue_size(QueueFilter::default()).await),
                of(s.queue_choices().await),
                of(s.queue_views().await),
                of(s.comments(claim).await),
                of(s.insights(jiff::civil::date(2026, 1, 1), jiff::civil::date(2026, 3, 1)).await),
                of(s.revisions(claim).await),
                of(s.difference(claim, (None, None), None).await),
                of(s.note_of(dictation, None).await),
                of(s.open_queries().await),
                of(s.day(jiff::civil::date(2026, 1, 1)).await),
                of(s.history(Phi::new(String::new()), false, None).await),
            ]
        }
        Action::Listen => vec![of(sound::peaks(s, dictation, 8).await)],
        Action::Dictate => {
            let opened = recording::Microphone::open(Arc::clone(session), Some("none".to_owned()), |_| {});
            vec![opened.await.map(drop).map_err(|e| e.fault())]
        }
        Action::TakeIn => vec![
            of(intake::import_audio(s, &nowhere(), NewDictation::default()).await),
            of(intake::add_note(s, Phi::new(String::new()), NewDictation::default()).await),
            of(s.begin_sample(false, jiff::civil::date(2026, 1, 1)).await),
        ],
        Action::Work => {
            vec![of(s.cancel(dictation).await), of(s.retry(dictation).await), of(s.work_off(&|_| {}).await)]
        }
        Action::Correct => vec![of(s.correct(claim, 1, vec![]).await), of(s.restore(claim, 2, 1).await)],
        Action::EditTranscript => vec![
            of(s.reword(claim, 1, vec![]).await),
            of(s.reread(claim, 1).await),
            of(s.write_section(dictation, 1, None, String::new(), Phi::new(String::new())).await),
        ],
        Action::SignNote => vec![
            of(s.sign_note(dictation, 1, None, true).await),
            of(s.addend_note(dictation, "Addendum".into()).await),
            of(s.answer_query(claim, 1, "?".to_owned(), None).await),
        ],
        Action::FileDictation => vec![
            of(s.file_patient(dictation, Filing::default()).await),
            of(s.drop_case(uuid::Uuid::nil()).await),
            of(s.remove_template("none").await),
        ],
        Action::Type => {
            vec![of(s.keep_typed("place", "words".into()).await), of(s.typed("place").await)]
        }
        Action::Submit => vec![of(s.decide(claim, None, Step::Submit).await)],
        Action::Organise => {
            vec![
                of(s.assign(claim, String::new()).await),
                of(s.comment(claim, "Looked at".into()).await),
                of(s.bulk(vec![], BulkStep::Assign { assignee: String::new() }).await),
                of(s.bulk_preview(vec![], BulkStep::Assign { assignee: String::new() }).await),
            ]
        }
        Action::Decide => vec![
            of(s.decide(claim, None, Step::Approve).await),
            of(s.amend(claim, 1, Amend::Void, "why".into()).await),
            of(s.decide(claim, None, Step::Reject { reason: "why".into() }).await),
            of(s.decide(claim, None, Step::Reopen { reason: "why".into() }).await),
        ],
        Action::ExportRecording => vec![of(export::export(s, dictation, &nowhere(), None).await)],
        Action::ViewValue => vec![of(s.value(claim, None).await)],
        Action::ViewFees => vec![of(s.fees().await)],
        Action::ChangeFees => vec![
            of(s.retire_fee_schedule("x").await),
            of(s.set_default_percent(0).await),
            of(s.set_payment_setting(Setting { locality: Some("x".to_owned()), qualifying: false }).await),
        ],
        Action::ViewRules => vec![of(s.payer_rules().await), of(s.open_policy("x").await)],
        Action::ChangeRules => vec![
            of(s.save_payer_rules("no rule".to_owned()).await),
            of(s.try_payer_rules("no rule".to_owned()).await),
            of(s.confirm_payer_rule("X".to_owned(), None).await),
            of(s.retire_payer_rule("X".to_owned()).await),
            of(s.undo_payer_rule("X".to_owned()).await),
        ],
        Action::Learn => {
            vec![of(s.phrase_rules().await), of(s.decide_phrase_rule(rule, PhraseRuleState::Accepted).await)]
        }
        Action::Dictionary => {
            let none = OwnWord { meant: String::new().into(), heard: None.into() };
            vec![of(s.dictionary().await), of(s.add_own_word(none).await), of(s.remove_own_word(word).await)]
        }
        Action::Devices => vec![of(recording::choose(s, None).await), of(keys::bind(s, vec![]).await)],
        Action::ChooseModels => {
            let told = || -> crate::weights::OnTheWay { Arc::new(|_, _| {}) };
            vec![
                of(session.use_model("none").await),
                of(session.use_final_pass(Some("none")).await),
                of(s.remove_model("none").await),
                of(s.fetch_model("none", told(), crate::Cancel::new()).await),
                of(s.import_models(nowhere(), told(), crate::Cancel::new()).await),
                of(s.permit(action).await),
            ]
        }
        Action::Evaluate => vec![of(evaluate::approved(s).await)],
        Action::ReadAudit => vec![of(s.people().await), of(s.glass_breaks().await)],
        Action::Backup => vec![
            of(s.backup(nowhere()).await),
            of(s.backup_state().await),
            of(s.schedule_backups(None).await),
        ],
        Action::Keys => {
            vec![of(s.check_kit("no words").await), of(s.draw_kit().await), of(s.has_kit().await)]
        }
        Action::Erase => vec![
            of(s.erase_recording(dictation).await),
            of(s.erase_dictation(dictation).await),
            of(s.erase_patient("nobody".into()).await),
            of(s.hold(dictation, String::new().into()).await),
            of(s.lift_hold(dictation).await),
            of(s.holds().await),
        ],
        Action::ManagePeople => vec![
            of(s.set_roles("nobody", &[Role::Coder]).await),
            of(s.disable_person("nobody").await),
            of(s.unlock_person("nobody").await),
            of(s.reset_password("nobody", "x".to_owned().into()).await),
            of(s.remove_second_factor("nobody").await),
            of(s.acknowledge_glass("none").await),
        ],
        Action::ViewMaster => vec![
            of(s.masters(MasterKind::Payer, Phi::new(String::new()), true).await),
            of(s.master(record).await),
            of(s.master_doubles(MasterKind::Payer).await),
            of(s.exchange_settings().await),
        ],
        Action::ChangeMaster => vec![
            of(s.merge_masters(record, record).await),
            of(s.retire_master(record, true).await),
            of(s.make_default_master(record).await),
            of(s.set_exchange_credential("house", None).await),
        ],
        Action::Guard => vec![
            of(s.set_guards(Guards { idle_minutes: 0, ..Guards::default() }).await),
            of(s.anchor_to(None).await),
        ],
        Action::ImportTables => vec![of(s.permit(action).await)],
        // Its use case is tried where it is.
        Action::AcceptAudit => vec![],
        Action::ExportClaim => {
            vec![of(s.cms1500(claim).await), of(s.interchanges().await), of(s.deliver().await)]
        }
        Action::ConnectEmr => vec![
            of(s.test_emr(uuid::Uuid::nil()).await),
            of(s.remove_emr(uuid::Uuid::nil()).await),
            of(s.emr_jwks(uuid::Uuid::nil()).await),
        ],
        Action::TakeAnswers => {
            vec![
                of(s.close_denial("none").await),
                of(s.import_answers(AnswerKind::Status, nowhere()).await),
                of(s.take_answers(nowhere()).await),
            ]
        }
    }
}

#[test]
fn every_role_is_held_to_the_table_at_every_use_case() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        drop(Session::open(config.clone(), Surroundings::system(), unlock()).await.unwrap());
        let (mut refused, mut let_in) = (0, 0);
        let mut actors = vec![Actor::owner(), Actor::kit()];
        actors.extend(Role::ALL.map(|role| Actor::person(PERSON, role.name(), vec![role])));
        for actor in actors {
            let session = session_of(&config, actor.clone()).await;
            for action in Action::ALL {
                let may = actor.may(*action);
                for (n, result) in tried(&session, folder.path(), *action).await.into_iter().enumerate() {
                    let code = result.err().map(|fault| fault.code);
                    let not_allowed = code.as_deref() == Some("not_allowed");
                    assert_eq!(not_allowed, !may, "{} at {action:?} {n}: {code:?}", actor.name());
                    if may { let_in += 1 } else { refused += 1 }
                }
            }
            session.shut_down().await;
        }
        assert!(refused > 80 && let_in > 80, "{refused} {let_in}");
        let events = {
            let (_, store, _) =
                open_sealed(&config, Surroundings::system(), unlock(), Opening::Usual).unwrap();
            store.read(|r| r.audit_events(iambilly_store::AuditSubject::All)).unwrap()
        };
        let noted = events.iter().filter(|e| e.action == "permission.refused").count();
        assert_eq!(noted, refused, "every refusal is an event");
        assert!(events.iter().filter(|e| e.action == "permission.refused").all(|e| e.actor != "owner"));
    });
}

#[test]
fn a_second_factor_that_is_wanted_comes_before_everything_else() {
    let actor = Actor::person(PERSON, "alice", vec![Role::Physician]).without_second_factor();
    for action in Action::ALL {
        assert_eq!(actor.may(*action), *action == Action::Devices, "{action:?}");
    }
    assert_eq!(actor.check(Action::Dictate).unwrap_err().code, "second_factor_required");
}

#[test]
fn the_room_of_the_audit_asks_too() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        drop(Session::open(config.clone(), Surroundings::system(), unlock()).await.unwrap());
        let room = AuditRoom::open(&config, Surroundings::system(), unlock()).await.unwrap();
        for role in Role::ALL {
            let room = room.as_actor(Actor::person(PERSON, "x", vec![role]));
            let may = |action: Action| action.roles().contains(&role);
            let code = |result: Result<(), AppError>| result.err().map(|e| e.fault().code);
            let refused = |code: &Option<String>| code.as_deref() == Some("not_allowed");
            let verify = code(room.verify(None).await.map(drop));
            assert_eq!(refused(&verify), !may(Action::ReadAudit), "{role:?}: {verify:?}");
            let file = folder.path().join(format!("{}.csv", role.name()));
            let export = room.export(Selection::All, crate::audit::Format::Csv, file.clone()).await;
            assert_eq!(
                (refused(&code(export.map(drop))), file.exists()),
                (!may(Action::ReadAudit), may(Action::ReadAudit))
            );
            let accept = code(room.accept().await.map(drop));
            assert_eq!(refused(&accept), !may(Action::AcceptAudit), "{role:?}: {accept:?}");
        }
    });
}
