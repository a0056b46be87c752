//! What can be wrong with a delivery. Never a password or a key.

use iambilly_claim::{Fault, FaultKind};

/// An error of this room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SftpError {
    /// Nobody answers there, or too slowly.
    #[error("the server cannot be reached")]
    Unreachable,
    /// The server has another key than the pinned one.
    #[error("the server's key is {found} and not the pinned one")]
    HostKey {
        /// The key that it showed.
        found: String,
    },
    /// What is pinned is no fingerprint.
    #[error("the pinned key is no fingerprint")]
    Fingerprint,
    /// The server did not let us in.
    #[error("the server did not accept the user's password or key")]
    Refused,
    /// The private key cannot be read.
    #[error("the private key cannot be read")]
    Key,
    /// The folder is missing or may not be written.
    #[error("the server does not let the file be written")]
    Folder,
    /// Another file has the name.
    #[error("another file of that name is there")]
    Exists,
    /// The connection broke, or the server said what nobody understands.
    #[error("the connection broke off")]
    Broken,
}

impl SftpError {
    /// The error for people.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (kind, code, advice) = match self {
            Self::Unreachable => (
                FaultKind::Missing,
                "sftp_unreachable",
                "Check the network, and host and port in the exchange settings; the file waits and nothing is lost.",
            ),
            Self::HostKey { .. } => (
                FaultKind::Input,
                "sftp_host_key_changed",
                "Nothing was sent. Ask the clearinghouse by telephone whether its key has changed; if it has, put the new \
                 fingerprint into the exchange settings. If not, somebody may be in between.",
            ),
            Self::Fingerprint => (
                FaultKind::Input,
                "sftp_host_key_invalid",
                "It looks like SHA256:… with 43 letters; iambilly exchange host-key HOST shows the one a server has.",
            ),
            Self::Refused => (
                FaultKind::Input,
                "sftp_refused",
                "Check the user, and set the password or key again: iambilly exchange credential.",
            ),
            Self::Key => (
                FaultKind::Input,
                "sftp_key_unreadable",
                "Give a private key in OpenSSH, PEM or PuTTY form, and its passphrase if it has one.",
            ),
            Self::Folder => (
                FaultKind::Input,
                "sftp_folder",
                "Check the folder in the exchange settings, and that the user may write there.",
            ),
            Self::Exists => (
                FaultKind::Input,
                "sftp_file_exists",
                "Nothing was overwritten. Ask the clearinghouse what that file is.",
            ),
            Self::Broken => (
                FaultKind::Missing,
                "sftp_broken",
                "Deliver again; a file that arrived whole is recognised and not sent twice.",
            ),
        };
        Fault::new(kind, code, format!("The file was not delivered: {self}."), advice)
    }
}
