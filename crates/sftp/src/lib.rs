//! A file onto an SFTP server whose key is pinned.
//!
//! The key of the server is compared before anything of ours is sent, a password least of all: another key than the
//! pinned one ends the attempt. A file is written under a hidden name and takes its own in one step, so that nobody who
//! watches the folder takes half of it; a file that is there is never overwritten, and the same file is not sent twice.

mod error;
mod server;
mod upload;

pub use error::SftpError;
pub use server::{Credential, HostKey, Server};
pub use upload::{host_key, upload};
