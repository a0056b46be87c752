//! Claims out of the house and answers in: who sends to whom, files that leave through a durable outbox, and what came
//! back on the claims it belongs to.

mod contract;
mod denials;
pub mod form;
mod incoming;
mod outgoing;
mod settings;
mod told;

pub use contract::Contract;
pub use incoming::{Imported, Underpaid, Unmatched};
pub use outgoing::{Delivered, Exported, ExportedClaim, Target, host_key};
pub use settings::{ExchangeSettings, SftpCredential, SftpPlace};
pub use told::{AnswerView, LineAnswer, Outcome, Underpayment};

pub use denials::DenialView;
pub use iambilly_store::{AnswerKind, AnswerStatus};
