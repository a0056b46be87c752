//! People: who signs in and acts, what each role may do, and what the clinic asks beyond that.
//!
//! A person's password opens the vault itself (`iambilly-vault`); their roles, second factor and state are records. While
//! nobody was added, one local owner does everything.

mod actor;
mod book;
mod guards;
#[cfg(test)]
mod matrix;
mod permission;
mod second_factor;
mod sign_in;
mod tries;

pub use actor::{Actor, ActorView};
pub(crate) use actor::{OWNER, is_person};
pub use book::{AddedPerson, NewPerson, PersonView};
pub(crate) use guards::guards_of;
pub use guards::{GlassView, Guards};
pub use permission::{Action, Role};
pub use second_factor::NewSecondFactor;
pub use sign_in::SignIn;
pub(crate) use sign_in::{Attempt, unnamed};

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    /// Use cases that ask no permission of their own, and why.
    const FREE: &[(&str, &str)] = &[
        ("open", "signs in"),
        ("payer_rules_in_force", "scrubbing in every role; rules name no patient"),
        ("payment_setting", "no patient and no secret in it"),
        ("me", "who acts"),
        ("backup_when_due", "the clinic's own work, on a schedule an administrator set"),
        ("check_records", "reads pages, shows none of them"),
        ("keep_retention", "the clinic's own work, for as many days as an administrator set"),
        ("guards", "what guards everybody, no secret in it"),
        ("bound", "the keys of this device"),
        ("chosen", "the microphone of this device"),
        ("subscribe", "events carry ids only"),
        ("deliver_to_emrs", "the outbox's own work, queued by whoever might"),
        ("watch_folders", "looks only for who may change the library, by `look_into_folders`"),
        ("work", "the pipeline's own work, queued by whoever might"),
        ("work_on", "answers with what `dictation` allows"),
        ("note_import", "notes what was done"),
        ("permit", "is the question itself"),
        ("payers", "names of payers, which every form offers; nothing of a patient"),
        ("shut_down", "closes"),
    ];

    fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                into.push(path);
            }
        }
    }

    /// A public `async fn` that reaches a session asks `allow` (or hands on to one that does).
    #[test]
    fn every_use_case_asks_for_permission() {
        let mut files = vec![];
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        let (mut asked, mut silent) = (0, vec![]);
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let mut of_session = false;
            let lines: Vec<_> = text.lines().collect();
            for (n, line) in lines.iter().enumerate() {
                if line.starts_with("impl") {
                    of_session = line.starts_with("impl Session") || line.starts_with("impl Microphone");
                }
                let Some(name) = line.trim_start().strip_prefix("pub async fn ") else { continue };
                let name = name.split(['(', '<']).next().unwrap();
                let indent = line.len() - line.trim_start().len();
                let end = format!("{}}}", " ".repeat(indent));
                let rest: Vec<_> = lines[n..].iter().take_while(|l| **l != end).copied().collect();
                let body = rest.join("\n");
                let reaches = (indent == 4 && of_session) || body.contains("session: &Session");
                if body.contains(".allow(Action::") || body.contains(".allow(step") {
                    asked += 1;
                } else if reaches && !FREE.iter().any(|(free, _)| *free == name) {
                    silent.push(format!("{}: {name}", file.display()));
                }
            }
        }
        assert!(silent.is_empty(), "these ask no permission (crates/app/src/people/mod.rs): {silent:#?}");
        assert!(asked > 40, "the scan finds use cases: {asked}");
    }
}
