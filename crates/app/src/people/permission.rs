//! What each role may do: the one table that the window and the command line are both held to.

use Role::{Administrator, Auditor, Biller, Coder, Physician};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a person is to the clinic. One person may be several, as in a practice of one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Dictates, reviews and approves.
    Physician,
    /// Codes, corrects and approves.
    Coder,
    /// Keeps charges and master data, sends claims and takes answers in.
    Biller,
    /// Reads claims and the audit, changes nothing.
    Auditor,
    /// Keeps people, keys and backups; sees no patient but by breaking the glass.
    Administrator,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [Physician, Coder, Biller, Auditor, Administrator];

    /// As it is stored and typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Physician => "physician",
            Coder => "coder",
            Biller => "biller",
            Auditor => "auditor",
            Administrator => "administrator",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The names of actions in a schema: the page may ask for these and no others.
pub(super) struct ActionName;

impl schemars::JsonSchema for ActionName {
    fn schema_name() -> Cow<'static, str> {
        "ActionName".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
        schemars::json_schema!({"description": "Something a person may do.", "type": "string", "enum": names})
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $name:literal, $words:literal: $($role:ident)+;)+) => {
        /// Something a person does, as far as roles differ in it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Action { $($(#[$doc])* $action,)+ }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$action,)+];

            /// Its name in the audit.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$action => $name,)+ }
            }

            /// What it is, to complete “you may not …”.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$action => $words,)+ }
            }

            /// The roles that may.
            #[must_use]
            pub const fn roles(self) -> &'static [Role] {
                match self { $(Self::$action => &[$($role),+],)+ }
            }
        }
    };
}

actions! {
    /// The queue, a claim, its transcript, its proofs.
    ViewClaims = "claims.view", "see patients' claims": Physician Coder Biller Auditor;
    /// Audio, and its waveform.
    Listen = "recordings.listen", "listen to recordings": Physician Coder Auditor;
    /// The microphone.
    Dictate = "dictation.record", "dictate": Physician;
    /// A recording or a note from a file or the clipboard.
    TakeIn = "dictation.take_in", "take in recordings and notes": Physician Coder;
    /// Cancelling work, and taking it up again.
    Work = "dictation.work", "stop or resume the work on a dictation": Physician Coder;
    /// A transcript's words.
    EditTranscript = "transcript.edit", "change transcripts": Physician Coder;
    /// The note under a name: signed, added to, a query answered.
    SignNote = "note.sign", "sign notes, add to them and answer queries": Physician;
    /// A dictation under another patient; cases of a day; templates of notes.
    FileDictation = "dictation.file", "file dictations and plan cases": Physician Coder;
    /// What is being typed, kept against a crash.
    Type = "typing.keep", "keep what is being typed": Physician Coder Biller;
    /// A claim's lines and diagnoses.
    Correct = "claim.correct", "change claims": Physician Coder;
    /// A draft to review.
    Submit = "claim.submit", "send claims to review": Physician Coder;
    /// The queue put in order: who works on which claim, and comments.
    Organise = "claim.organise", "assign claims and comment on them": Physician Coder Biller;
    /// Approving, rejecting, reopening.
    Decide = "claim.decide", "decide about claims": Physician Coder;
    /// A claim out of the program: X12 or the form.
    ExportClaim = "claim.export", "export claims": Physician Biller;
    /// Connections to EMRs: made, changed, tested.
    ConnectEmr = "emr.connect", "set up connections to EMRs": Physician Administrator;
    /// A payer's answers onto claims.
    TakeAnswers = "claim.answers", "take in payers' answers": Biller;
    /// A recording and its words as plain files.
    ExportRecording = "recording.export", "export recordings": Physician;
    /// What a claim would be paid.
    ViewValue = "claim.value", "see what claims are worth": Physician Coder Biller;
    /// Charges as they are set.
    ViewFees = "fees.view", "see charges": Physician Coder Biller Auditor Administrator;
    /// Fee schedules, and how payments are reckoned.
    ChangeFees = "fees.change", "change charges": Physician Biller Administrator;
    /// Payer rules, official tables and payers' documents, as they stand.
    ViewRules = "rules.view", "see rules": Physician Coder Biller Auditor Administrator;
    /// Payer rules and payers' documents: tried, saved, confirmed, retired.
    ChangeRules = "rules.change", "change payer rules": Physician Coder Biller;
    /// Official tables into the rule book.
    ImportTables = "rules.import", "import official tables": Physician Coder Biller Administrator;
    /// Patients, providers, facilities and payers, as they stand.
    ViewMaster = "master.view", "see master data": Physician Coder Biller Auditor;
    /// Patients, providers, facilities and payers: made, changed, imported.
    ChangeMaster = "master.change", "change master data": Physician Coder Biller;
    /// What was learned from corrections: seen, accepted, declined.
    Learn = "learned.decide", "decide about learned rules": Physician Coder;
    /// The dictionary of words as they are to be written.
    Dictionary = "dictionary.change", "use the dictionary": Physician Coder;
    /// What the device is set to: microphone, keys.
    Devices = "devices.choose", "choose devices": Physician Coder Biller Auditor Administrator;
    /// Which models are used.
    ChooseModels = "models.choose", "choose models": Physician Administrator;
    /// Approved claims as cases to measure by.
    Evaluate = "evaluation.run", "measure by approved claims": Physician Coder Auditor;
    /// The audit: verified, read, exported, a patient's disclosures.
    ReadAudit = "audit.read", "read the audit": Auditor Administrator;
    /// Records that contradict their anchor, gone on with.
    AcceptAudit = "audit.accept", "go on with records that contradict their anchor": Administrator;
    /// Backups, and their schedule.
    Backup = "backup.make", "make backups": Administrator;
    /// Rotation of the keys, the recovery kit.
    Keys = "keys.change", "change keys": Administrator;
    /// Erasing a recording or a dictation; legal hold, retention.
    Erase = "records.erase", "erase records": Administrator;
    /// People: added, disabled, their roles, passwords and second factors.
    ManagePeople = "people.manage", "manage people": Administrator;
    /// Settings that guard: idle lock, four eyes, second factor, anchors, retention.
    Guard = "security.change", "change security settings": Administrator;
}

/// What breaking the glass opens: seeing and hearing, nothing else.
pub(super) const BEHIND_GLASS: [Action; 3] = [Action::ViewClaims, Action::Listen, Action::ViewMaster];

#[cfg(test)]
mod tests {
    use super::{Action, BEHIND_GLASS, Role};
    use std::collections::HashSet;

    #[test]
    fn nobody_needs_two_people_to_be_let_in_and_no_role_has_everything() {
        for role in Role::ALL {
            assert_eq!(Role::of_name(role.name()), Some(role));
            let may = Action::ALL.iter().filter(|a| a.roles().contains(&role)).count();
            assert!(0 < may && may < Action::ALL.len(), "{role:?}");
        }
        let names: HashSet<_> = Action::ALL.iter().map(|a| a.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
    }

    #[test]
    fn who_guards_the_keys_does_not_see_patients() {
        for action in BEHIND_GLASS {
            assert!(!action.roles().contains(&Role::Administrator), "{action:?}");
        }
        let guards = [Action::ManagePeople, Action::Keys, Action::Erase, Action::Guard, Action::AcceptAudit];
        for action in guards {
            assert_eq!(action.roles(), [Role::Administrator], "{action:?}");
        }
        let auditor = Action::ALL.iter().filter(|a| a.roles().contains(&Role::Auditor));
        let sees = ["view", "listen", "read", "run", "choose"];
        assert!(auditor.map(|a| a.name()).all(|name| sees.iter().any(|end| name.ends_with(end))));
    }
}
