//! What can go wrong with keys and sealed files, with a stable code and advice for each.

use iambilly_claim::{Fault, FaultKind};
use std::io;

/// Trouble with the vault of a data folder.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The passphrase does not open the vault.
    #[error("the passphrase is not the one this data folder was created with")]
    WrongPassphrase,
    /// Nobody of that name, or another password.
    #[error("the name and the password do not belong together")]
    WrongSignIn,
    /// The last person cannot be taken out.
    #[error("somebody must be left who can open this data folder")]
    NobodyLeft,
    /// The vault was opened by the wrong kind of key source.
    #[error("this data folder is unlocked by {needed}")]
    WrongSource {
        /// What it needs, in words.
        needed: &'static str,
    },
    /// There is no keyring service here.
    #[error("no keyring service answers in this session")]
    KeyringUnavailable,
    /// The keyring is there but locked.
    #[error("the keyring is locked")]
    KeyringLocked,
    /// The keyring has no entry for this vault; a new key must not take its place.
    #[error("the keyring holds no key for this data folder")]
    KeyringEntryMissing,
    /// The keyring's entry belongs to another vault.
    #[error("the key in the keyring does not open this data folder")]
    KeyringEntryWrong,
    /// The vault file cannot be understood or has been altered.
    #[error("the vault file is damaged ({what})")]
    Corrupt {
        /// Which part.
        what: &'static str,
    },
    /// A newer program wrote the vault.
    #[error("the vault has format {found}; this program knows up to {known}")]
    Newer {
        /// Format found.
        found: u32,
        /// Newest format known.
        known: u32,
    },
    /// A vault is there already.
    #[error("this data folder already has a vault")]
    AlreadyThere,
    /// There is no vault file, but there are records that only a vault's key could have sealed.
    #[error("this data folder has records but its vault file is gone")]
    Lost,
    /// There is no vault yet.
    #[error("this data folder has no vault yet")]
    NotThere,
    /// The words are no recovery kit at all: a word is misspelled, missing or in another place.
    #[error("these are not the words of a recovery kit")]
    KitUnreadable,
    /// The words are a recovery kit, but not this vault's.
    #[error("this recovery kit does not open this data folder")]
    WrongKit,
    /// No recovery kit was made.
    #[error("no recovery kit was made for this data folder")]
    NoKit,
    /// A passphrase without a single character.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The system gave no random bytes.
    #[error("the system's random generator failed")]
    NoRandomness,
    /// The cipher refused; only possible for absurd sizes.
    #[error("the cipher refused the data")]
    Cipher,
    /// Reading or writing the vault file failed.
    #[error("the vault file could not be read or written ({})", .0.kind())]
    Io(#[from] io::Error),
}

impl VaultError {
    /// The same trouble as a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (kind, code, advice) = match self {
            Self::WrongPassphrase => (
                FaultKind::Locked,
                "wrong_passphrase",
                "Type it again, or give the recovery kit (IAMBILLY_RECOVERY_KIT). Nothing was changed. Without either the data cannot be read by anyone.",
            ),
            Self::WrongSignIn => (
                FaultKind::Locked,
                "wrong_sign_in",
                "Type both again. After five tries the next one has to wait; an administrator can lift that.",
            ),
            Self::NobodyLeft => {
                (FaultKind::Usage, "nobody_left", "Let somebody else in first; nothing was changed.")
            }
            Self::WrongSource { .. } => {
                (FaultKind::Locked, "wrong_key_source", "Unlock it the way it was created.")
            }
            Self::KeyringUnavailable => (
                FaultKind::Locked,
                "keyring_unavailable",
                "Sign in to a desktop session with a keyring, or give a passphrase (IAMBILLY_PASSPHRASE).",
            ),
            Self::KeyringLocked => {
                (FaultKind::Locked, "keyring_locked", "Unlock your login keyring and try again.")
            }
            Self::KeyringEntryMissing => (
                FaultKind::Locked,
                "keyring_entry_missing",
                "Sign in as the user who created the data folder, restore the keyring from its backup, or give the recovery kit (IAMBILLY_RECOVERY_KIT). No new key was made, so nothing is lost yet.",
            ),
            Self::KeyringEntryWrong => (
                FaultKind::Locked,
                "keyring_entry_wrong",
                "Restore the keyring entry or the vault file from the same backup.",
            ),
            Self::Corrupt { .. } => (
                FaultKind::Input,
                "vault_corrupt",
                "Restore vault.json from a backup of the data folder; do not delete it.",
            ),
            Self::Newer { .. } => {
                (FaultKind::Input, "vault_newer", "Update IamBilly to the version that wrote it.")
            }
            Self::AlreadyThere => {
                (FaultKind::Usage, "vault_exists", "Open it instead; nothing was overwritten.")
            }
            Self::Lost => (
                FaultKind::Input,
                "vault_lost",
                "Restore vault.json from a backup of the data folder. No new key was made: it could not open the records.",
            ),
            Self::NotThere => {
                (FaultKind::Usage, "vault_missing", "Create it, or choose the right data folder.")
            }
            Self::KitUnreadable => (
                FaultKind::Locked,
                "recovery_kit_unreadable",
                "Compare each of the twelve words with the printed kit, in order. Nothing was changed.",
            ),
            Self::WrongKit => (
                FaultKind::Locked,
                "recovery_kit_wrong",
                "Take the kit that was printed last for this data folder; a newer one replaces the older. Nothing was changed.",
            ),
            Self::NoKit => (
                FaultKind::Usage,
                "recovery_kit_missing",
                "Unlock it the usual way and make one with iambilly recovery-kit create.",
            ),
            Self::EmptyPassphrase => {
                (FaultKind::Usage, "passphrase_empty", "Choose a passphrase of several words.")
            }
            Self::NoRandomness => {
                (FaultKind::Internal, "no_randomness", "Restart the computer and try again.")
            }
            Self::Cipher => (FaultKind::Internal, "cipher_failed", "Report this."),
            Self::Io(e) => return io_fault(e, "vault_io", &self.to_string()),
        };
        Fault::new(kind, code, sentence(&self.to_string()), advice)
    }
}

/// Trouble with a sealed audio file.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// Not a sealed recording at all.
    #[error("this is not a sealed recording")]
    NotSealed,
    /// A newer program wrote it.
    #[error("the sealed recording has format {found}; this program knows up to {known}")]
    Newer {
        /// Format found.
        found: u16,
        /// Newest format known.
        known: u16,
    },
    /// The file holds another recording than the one asked for.
    #[error("the sealed file belongs to another recording")]
    OtherRecording,
    /// A frame fails its seal: altered, swapped or opened with another key.
    #[error("frame {frame} of the sealed recording fails its seal")]
    FrameAltered {
        /// Index of the first bad frame, from 0.
        frame: u64,
    },
    /// A frame does not carry the number its place demands.
    #[error("frame {found} stands where frame {expected} belongs")]
    FrameOutOfOrder {
        /// Expected number.
        expected: u64,
        /// Number found.
        found: u64,
    },
    /// The finish frame and what is before it disagree.
    #[error("the end of the sealed recording does not agree with its content")]
    EndMismatch,
    /// Bytes follow the finish frame.
    #[error("something was written after the end of the sealed recording")]
    TrailingBytes,
    /// A frame index outside the recording.
    #[error("the recording has no frame {frame}")]
    NoSuchFrame {
        /// Index asked for.
        frame: u64,
    },
    /// A frame to be sealed is empty or too long.
    #[error("a frame of {bytes} bytes cannot be sealed")]
    FrameSize {
        /// Its size.
        bytes: usize,
    },
    /// An earlier write failed, so nothing more may be appended.
    #[error("the sealed recording stopped at an earlier write error")]
    Stopped,
    /// The cipher refused.
    #[error("the cipher refused the data")]
    Cipher,
    /// Reading or writing failed.
    #[error("the sealed recording could not be read or written ({})", .0.kind())]
    Io(#[from] io::Error),
}

impl SealedError {
    /// The same trouble as a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (kind, code, advice) = match self {
            Self::NotSealed => {
                (FaultKind::Input, "sealed_not_a_recording", "Restore the file from a backup.")
            }
            Self::Newer { .. } => {
                (FaultKind::Input, "sealed_newer", "Update IamBilly to the version that wrote it.")
            }
            Self::OtherRecording => (
                FaultKind::Input,
                "sealed_other_recording",
                "The file was exchanged; restore it from a backup.",
            ),
            Self::FrameAltered { .. }
            | Self::FrameOutOfOrder { .. }
            | Self::EndMismatch
            | Self::TrailingBytes => (
                FaultKind::Input,
                "sealed_altered",
                "Restore the file from a backup. Everything before that frame is sound.",
            ),
            Self::NoSuchFrame { .. } | Self::FrameSize { .. } | Self::Stopped | Self::Cipher => {
                (FaultKind::Internal, "sealed_misuse", "Report this.")
            }
            Self::Io(e) => return io_fault(e, "sealed_io", &self.to_string()),
        };
        Fault::new(kind, code, sentence(&self.to_string()), advice)
    }
}

fn io_fault(e: &io::Error, code: &str, message: &str) -> Fault {
    if e.kind() == io::ErrorKind::StorageFull {
        return Fault::new(
            FaultKind::Missing,
            "disk_full",
            "The disk is full. What was saved before is safe.",
            "Free some space and try again.",
        );
    }
    Fault::new(
        FaultKind::Missing,
        code,
        sentence(message),
        "Check that the data folder exists, is yours and is writable.",
    )
}

/// First letter upper case, a full stop at the end.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        let mut s: String = first.to_uppercase().collect();
        s.push_str(chars.as_str());
        s.push('.');
        s
    })
}
