//! The store: every record of a data folder in one encrypted SQLite file (SQLCipher, sqlite-vec, FTS5).
//!
//! A [`Store`] is opened with the raw key from the vault. All access goes through [`Records`] inside a
//! transaction: [`Store::read`] for a consistent look, [`Store::write`] for changes that happen together or
//! not at all. Each file under `table/` owns the SQL of one table. Ids and times come from the caller.
//!
//! The audit is a hash chain sealed under a key of its own; its head is anchored in a file beside the database
//! ([`anchor`]), so that an older copy of the database is not taken for the newest.
//!
//! The API is synchronous (call it from a blocking thread) and safe across threads and processes: WAL, a
//! busy time-out, write transactions that lock at their beginning. Only the holder of the
//! [`DataFolderLock`] leases jobs.

pub mod anchor;
mod error;
mod lock;
mod migrate;
mod open;
pub mod table;

pub use anchor::AnchorBreak;
pub use error::StoreError;
pub use lock::DataFolderLock;
pub use migrate::SCHEMA_VERSION;
pub use open::{Records, Store, StoreKeys};
pub use table::audit::{AuditEvent, AuditHead, AuditSubject};
pub use table::audit_check::{AuditBreak, AuditVerdict, BreakKind};
pub use table::claim::{ClaimRevision, ClaimRow, ClaimState, ClaimSummary, NewRevision};
pub use table::correction::{NewCorrection, PhraseRuleRow, PhraseRuleState};
pub use table::custody::{GlassBreak, LegalHold};
pub use table::decision::ClaimDecision;
pub use table::dictation::{Dictation, DictationKind};
pub use table::dictionary::OwnWordRow;
pub use table::emr::{
    EmrConnectionRow, EmrDelivery, EmrOutcome, EmrPatientRow, EmrState, EmrWriteKind, NewEmrDelivery,
};
pub use table::exchange::{
    AnswerKind, AnswerStatus, ClaimAnswer, Denial, Interchange, NewInterchange, SentClaim,
};
pub use table::fee::{FeeRate, FeeSchedule};
pub use table::insight::{Approval, Sending, Tally};
pub use table::job::{Enqueued, Job, JobState, NewJob};
pub use table::master::{MasterContent, MasterKind, MasterRow, MasterState};
pub use table::model::RegisteredModel;
pub use table::note::{NoteAddendum, NoteSignature, QueryAnswer, note_sha256};
pub use table::payer_rule::{PayerRuleRevision, PayerRuleRow, PayerRuleState, PayerRuleStep};
pub use table::person::{PersonRow, PersonState, SecondFactor};
pub use table::physician::{DictationMove, NoteTemplate, PlannedCase, TemplateSection};
pub use table::policy::{NewPassage, PassageRow, PolicyRow, PolicyRuleRow};
pub use table::queue::{Comment, QueueFacets, QueueFilter, QueueQuery, QueueRow, QueueRows, QueueSort};
pub use table::recording::{Recording, RecordingState};
pub use table::related::{RelatedClaim, Relation};
pub use table::transcript::TranscriptRow;
