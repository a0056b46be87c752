//! The application's error: whatever a room reported, on its way to becoming a [`Fault`].

use iambilly_claim::{Fault, FaultKind};

/// An error of a use case.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// From the vault.
    #[error(transparent)]
    Vault(#[from] iambilly_vault::VaultError),
    /// From a sealed recording.
    #[error(transparent)]
    Sealed(#[from] iambilly_vault::SealedError),
    /// From the store.
    #[error(transparent)]
    Store(#[from] iambilly_store::StoreError),
    /// From reading audio.
    #[error(transparent)]
    Speech(#[from] iambilly_speech::SpeechError),
    /// From a model or its worker.
    #[error(transparent)]
    Engine(#[from] iambilly_engines::EngineError),
    /// From a sound device.
    #[error(transparent)]
    Sound(#[from] iambilly_sound::SoundError),
    /// From reading evaluation cases.
    #[error(transparent)]
    Eval(#[from] iambilly_eval::EvalError),
    /// From a claim on its way out or an answer on its way in.
    #[error(transparent)]
    Exchange(#[from] iambilly_edi::EdiError),
    /// From an EMR.
    #[error(transparent)]
    Emr(#[from] iambilly_emr::EmrError),
    /// Already in a person's words.
    #[error("{0}")]
    Fault(#[from] Fault),
}

impl AppError {
    /// As a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Vault(e) => e.fault(),
            Self::Sealed(e) => e.fault(),
            Self::Store(e) => e.fault(),
            Self::Speech(e) => e.fault(),
            Self::Engine(e) => e.fault(),
            Self::Sound(e) => e.fault(),
            Self::Eval(e) => e.fault(),
            Self::Exchange(e) => e.fault(),
            Self::Emr(e) => e.fault(),
            Self::Fault(fault) => fault.clone(),
        }
    }

    /// Trouble with a file or folder of ours; `doing` completes "could not …".
    #[must_use]
    pub fn file(doing: &str, error: &std::io::Error) -> Self {
        let full = error.kind() == std::io::ErrorKind::StorageFull;
        Self::Fault(Fault::new(
            FaultKind::Missing,
            if full { "disk_full" } else { "file_trouble" },
            format!("IamBilly could not {doing}: {error}."),
            if full {
                "Free some space on the disk and try again; what is already recorded is safe."
            } else {
                "Check that the folder exists and that you may write to it."
            },
        ))
    }

    /// A mistake of ours that the types did not rule out.
    #[must_use]
    pub fn internal(what: &str) -> Self {
        Self::Fault(Fault::new(
            FaultKind::Internal,
            "internal",
            format!("IamBilly made a mistake: {what}."),
            "Nothing stored is affected. Try again, and report it with this sentence if it stays.",
        ))
    }
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        error.fault()
    }
}
