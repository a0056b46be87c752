//! What can go wrong with engines and models, with a stable code and advice.

use crate::settings::ModelPath;
use iambilly_claim::{Fault, FaultKind};
use iambilly_worker_protocol::Role;
use std::path::PathBuf;
use std::time::Duration;

/// An engine could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The weights are not on this machine.
    #[error("The {role} model {id} is not on this machine.")]
    ModelMissing {
        /// Model id.
        id: String,
        /// What it is for.
        role: Role,
    },
    /// The weights are there but are not what they should be.
    #[error("The file of the {role} model {id} is damaged or of another kind.")]
    ModelCorrupt {
        /// Model id.
        id: String,
        /// What it is for.
        role: Role,
    },
    /// The worker program is not beside the application.
    #[error("The {role} worker is not installed at {}.", path.display())]
    WorkerMissing {
        /// What it is for.
        role: Role,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The processor is older than the worker asks for, and the worker for older ones is not there.
    #[error(
        "This processor lacks AVX2, which the {role} worker needs, and the worker for older processors is not installed."
    )]
    ProcessorTooOld {
        /// What it is for.
        role: Role,
    },
    /// The reader of policies is not beside the application.
    #[error("The reader of policies is not installed at {}.", path.display())]
    ReaderMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The worker program could not be started.
    #[error("The {role} worker could not be started ({reason}).")]
    WorkerNotStarted {
        /// What it is for.
        role: Role,
        /// The system's reason.
        reason: String,
    },
    /// The worker is of another version than the application.
    #[error("The {role} worker speaks protocol {found}, not {}.", iambilly_worker_protocol::PROTOCOL_VERSION)]
    WorkerVersion {
        /// What it is for.
        role: Role,
        /// Its protocol.
        found: u32,
    },
    /// The worker died twice over the same work.
    #[error(
        "The {role} worker stopped in the middle of the work and again when it was tried anew ({reason})."
    )]
    WorkerCrashed {
        /// What it is for.
        role: Role,
        /// Exit status or signal.
        reason: String,
    },
    /// The worker died too often of late.
    #[error("The {role} worker stopped {crashes} times within {} s.", window.as_secs())]
    WorkerUnstable {
        /// What it is for.
        role: Role,
        /// How often.
        crashes: usize,
        /// Within this time.
        window: Duration,
    },
    /// Nothing was heard from the work for too long.
    #[error("The {role} worker made no progress for {} s and was stopped.", after.as_secs())]
    Timeout {
        /// What it is for.
        role: Role,
        /// How long it was silent.
        after: Duration,
    },
    /// Stopped on request.
    #[error("The work was cancelled.")]
    Cancelled,
    /// The worker refused the request; its own words, which never quote a dictation.
    #[error("{message}")]
    Refused {
        /// The worker's code.
        code: String,
        /// What happened.
        message: String,
        /// What to do.
        advice: String,
    },
    /// The request makes no sense.
    #[error("{0}")]
    RequestInvalid(&'static str),
}

impl EngineError {
    pub(crate) fn missing(model: &ModelPath) -> Self {
        Self::ModelMissing { id: model.id.clone(), role: model.role }
    }
    pub(crate) fn corrupt(model: &ModelPath) -> Self {
        Self::ModelCorrupt { id: model.id.clone(), role: model.role }
    }

    /// The error as a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (kind, code, advice) = match self {
            Self::ModelMissing { id, .. } => {
                (FaultKind::Missing, "model_missing", format!("Fetch it with `iambilly models fetch {id}`."))
            }
            Self::ModelCorrupt { id, .. } => (
                FaultKind::Missing,
                "model_corrupt",
                format!(
                    "Check it with `iambilly models verify` and fetch it anew with `iambilly models fetch {id}`."
                ),
            ),
            Self::WorkerMissing { .. } | Self::ReaderMissing { .. } => (
                FaultKind::Missing,
                "worker_missing",
                "Install the application again; the worker belongs to it.".into(),
            ),
            Self::ProcessorTooOld { .. } => (
                FaultKind::Missing,
                "processor_too_old",
                "Install the packaged application, which brings workers for older processors; or use a machine with AVX2 (Intel since 2013, AMD since 2015)."
                    .into(),
            ),
            Self::WorkerNotStarted { .. } => (
                FaultKind::Missing,
                "worker_not_started",
                "See what `iambilly doctor` says; a graphics driver or a system library may be missing."
                    .into(),
            ),
            Self::WorkerVersion { .. } => (
                FaultKind::Missing,
                "worker_version",
                "Install the application again so that its parts match.".into(),
            ),
            Self::WorkerCrashed { .. } => (
                FaultKind::Internal,
                "worker_crashed",
                "Nothing that was recorded is lost. Try again, with a smaller model if memory is short."
                    .into(),
            ),
            Self::WorkerUnstable { window, .. } => (
                FaultKind::Internal,
                "worker_unstable",
                format!(
                    "Nothing that was recorded is lost. Try again in {} s, with a smaller model or without the graphics device.",
                    window.as_secs()
                ),
            ),
            Self::Timeout { .. } => (
                FaultKind::Missing,
                "timeout",
                "Try again when the machine is less busy, or choose a smaller model.".into(),
            ),
            Self::Cancelled => {
                (FaultKind::Cancelled, "cancelled", "Start it again whenever you like.".into())
            }
            Self::Refused { code, advice, .. } => (FaultKind::Internal, code.as_str(), advice.clone()),
            Self::RequestInvalid(_) => (
                FaultKind::Internal,
                "request_invalid",
                "Report this with the version of the application.".into(),
            ),
        };
        Fault::new(kind, code, self.to_string(), advice)
    }
}
