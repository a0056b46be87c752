//! Claims out of the house and answers in: who sends to whom, files that leave through a durable outbox, and what came
//! back on the claims it belongs to.

mod denials;
pub mod form;
mod incoming;
mod outgoing;
mod settings;

pub use incoming::{AnswerView, Imported, Underpaid, Unmatched};
pub use outgoing::{Exported, ExportedClaim, Target};
pub use settings::ExchangeSettings;

pub use denials::DenialView;
pub use iambilly_store::{AnswerKind, AnswerStatus};
