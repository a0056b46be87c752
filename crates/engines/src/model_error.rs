//! What can go wrong with model files, with a stable code and advice.

use iambilly_claim::{Fault, FaultKind};
use std::io;

/// A model could not be found, fetched or proven.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The list of models is not valid.
    #[error("The list of models is not valid: {0}.")]
    ManifestInvalid(String),
    /// No model has this id.
    #[error("There is no model {0}.")]
    Unknown(String),
    /// The model is known but its file is not here.
    #[error("The model {0} is not on this machine.")]
    Missing(String),
    /// The model is for something else.
    #[error("The model {id} is not a {} model.", role.as_str())]
    Role {
        /// Model id.
        id: String,
        /// What is asked of it.
        role: iambilly_worker_protocol::Role,
    },
    /// The file is not the model's.
    #[error("The file of the model {0} is damaged: it is not the one that was published.")]
    Corrupt(String),
    /// The model cannot be had this way.
    #[error("The model {id} cannot be fetched from {source_name}.")]
    NoSuchSource {
        /// Model id.
        id: String,
        /// `packages` or `upstream`.
        source_name: &'static str,
    },
    /// No published model has these bytes.
    #[error("{0} is none of the models IamBilly knows.")]
    NotRecognised(String),
    /// Dictations are heard with it.
    #[error("The model {0} hears the dictations now.")]
    InUse(String),
    /// The disk is too full.
    #[error("The disk has {available_mib} MiB free, {needed_mib} MiB are needed.")]
    DiskFull {
        /// MiB needed.
        needed_mib: u64,
        /// MiB free.
        available_mib: u64,
    },
    /// Another fetch of this model is running.
    #[error("The model {0} is being fetched already.")]
    Busy(String),
    /// Python or its packaging tools are missing.
    #[error("Python 3 with its venv module is needed to assemble the model ({0}).")]
    PythonMissing(String),
    /// A step of the assembly failed.
    #[error("Assembling the model failed at {step}: {reason}.")]
    Assembly {
        /// Which step.
        step: String,
        /// Last words of the tool.
        reason: String,
    },
    /// The server refused.
    #[error("The server answered {0} for the model.")]
    Refused(u16),
    /// The server has another file than the one that was published.
    #[error("The server's file has {found} bytes, the published one {expected}.")]
    WrongLength {
        /// Bytes on the server.
        found: u64,
        /// Bytes that are right.
        expected: u64,
    },
    /// The transfer broke off or stood still too often.
    #[error("The transfer broke off at {got} of {expected} bytes ({reason}).")]
    Interrupted {
        /// Bytes here.
        got: u64,
        /// Bytes in all.
        expected: u64,
        /// Why.
        reason: String,
    },
    /// Stopped on request.
    #[error("Fetching was cancelled.")]
    Cancelled,
    /// The system failed.
    #[error("The system could not {doing} ({reason}).")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The system's reason.
        reason: String,
    },
}

impl ModelError {
    pub(crate) fn io(doing: &'static str, error: io::Error) -> Self {
        Self::Io { doing, reason: error.to_string() }
    }

    /// The error as a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        use FaultKind::{Cancelled, Input, Missing, Usage};
        let resume = "What has arrived is kept: fetch again to go on from there.";
        let (kind, code, advice) = match self {
            Self::ManifestInvalid(_) => {
                (Input, "manifest_invalid", "Correct or remove the file named registered.toml in the models folder.".into())
            }
            Self::Unknown(_) => (Usage, "model_unknown", "See `iambilly models list`.".into()),
            Self::Missing(id) => (Missing, "model_missing", format!("Fetch it with `iambilly models fetch {id}`.")),
            Self::Role { .. } => (Usage, "model_role", "See `iambilly models list`.".into()),
            Self::Corrupt(id) => {
                (Missing, "model_corrupt", format!("Fetch it anew with `iambilly models fetch {id}`."))
            }
            Self::NoSuchSource { .. } => (Usage, "model_source", "Try the other source, see `--from`.".into()),
            Self::NotRecognised(_) => (
                Input,
                "model_not_recognised",
                "Copy the models folder of a computer that has them, or add a file of your own with `iambilly models add`.".into(),
            ),
            Self::InUse(_) => (Usage, "model_in_use", "Choose another speech model first, then remove this one.".into()),
            Self::DiskFull { .. } => (Missing, "disk_full", "Free some space, or choose another models folder.".into()),
            Self::Busy(_) => (Missing, "fetch_busy", "Wait for the other fetch to end.".into()),
            Self::PythonMissing(_) => (
                Missing,
                "python_missing",
                "Install Python 3 with venv (on Debian: python3-venv), or fetch with `--from upstream`.".into(),
            ),
            Self::Assembly { .. } => (
                Missing,
                "assembly_failed",
                "Check the network and try again, or fetch with `--from upstream`.".into(),
            ),
            Self::Refused(_) => (Missing, "server_refused", "Try again later, or fetch with `--from packages`.".into()),
            Self::WrongLength { .. } => (
                Missing,
                "wrong_length",
                "Something between here and the publisher changes the file; try another network or `--from packages`."
                    .into(),
            ),
            Self::Interrupted { .. } => (Missing, "transfer_interrupted", resume.into()),
            Self::Cancelled => (Cancelled, "cancelled", resume.into()),
            Self::Io { .. } => {
                (Missing, "io", "Check that the models folder exists, is yours and has room.".into())
            }
        };
        Fault::new(kind, code, self.to_string(), advice)
    }
}
