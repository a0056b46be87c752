//! One file onto a server, and the key a server shows.

use crate::error::SftpError;
use crate::server::{Credential, HostKey, Server};
use russh::client::{self, Handle, Handler};
use russh::keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key};
use russh::{Channel, Disconnect, client::Msg};
use russh_sftp::client::SftpSession;
use russh_sftp::client::error::Error as Trouble;
use russh_sftp::protocol::{OpenFlags, StatusCode};
use secrecy::ExposeSecret as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

/// Longest wait for a server to answer and let us in.
const GREETING: Duration = Duration::from_secs(30);
/// Longest delivery of one file: a slow line takes a batch of claims in far less.
const DELIVERY: Duration = Duration::from_secs(300);

/// Compares the server's key with the pinned one, and remembers what it saw.
struct Pinned {
    wanted: Option<HostKey>,
    seen: Arc<Mutex<Option<HostKey>>>,
}

impl Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        // A certificate says who vouches for a key; what is pinned is the key itself.
        let shown = match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => HostKey::of(key),
            PublicKeyOrCertificate::Certificate(certificate) => {
                HostKey::of(&russh::keys::PublicKey::from(certificate.public_key().clone()))
            }
        };
        let fits = self.wanted.as_ref() == Some(&shown);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        Ok(fits)
    }
}

/// Greets a server; with a pinned key only one that has it.
async fn greet(
    host: &str,
    port: u16,
    wanted: Option<HostKey>,
) -> (Result<Handle<Pinned>, SftpError>, Option<HostKey>) {
    let seen = Arc::new(Mutex::new(None));
    let pinned = Pinned { wanted: wanted.clone(), seen: Arc::clone(&seen) };
    let config = client::Config { inactivity_timeout: Some(GREETING), ..client::Config::default() };
    let met = timeout(GREETING, client::connect(Arc::new(config), (host, port), pinned)).await;
    let shown = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let met = match (met, &shown) {
        (Ok(Ok(handle)), _) => Ok(handle),
        (_, Some(found)) if wanted.as_ref() != Some(found) => {
            Err(SftpError::HostKey { found: found.to_string() })
        }
        _ => Err(SftpError::Unreachable),
    };
    (met, shown)
}

/// The key that a server shows now, without telling it anything: for a person to compare with what the clearinghouse
/// says its key is.
///
/// # Errors
/// [`SftpError::Unreachable`].
pub async fn host_key(host: &str, port: u16) -> Result<HostKey, SftpError> {
    let (_, shown) = greet(host, port, None).await;
    shown.ok_or(SftpError::Unreachable)
}

/// Writes a file into the server's folder under a name. A file of the same content that is there already arrived before.
///
/// # Errors
/// [`SftpError::HostKey`] before anything is sent; else what went wrong.
pub async fn upload(server: &Server, by: &Credential, name: &str, bytes: &[u8]) -> Result<(), SftpError> {
    let (session, _) = greet(&server.host, server.port, Some(server.host_key.clone())).await;
    let mut session = session?;
    let done = timeout(DELIVERY, deliver(&mut session, server, by, name, bytes)).await;
    let _ = timeout(Duration::from_secs(5), session.disconnect(Disconnect::ByApplication, "", "en")).await;
    done.unwrap_or(Err(SftpError::Broken))
}

async fn deliver(
    session: &mut Handle<Pinned>,
    server: &Server,
    by: &Credential,
    name: &str,
    bytes: &[u8],
) -> Result<(), SftpError> {
    enter(session, &server.user, by).await?;
    let channel: Channel<Msg> = session.channel_open_session().await.map_err(|_| SftpError::Broken)?;
    channel.request_subsystem(true, "sftp").await.map_err(|_| SftpError::Broken)?;
    let sftp = SftpSession::new(channel.into_stream()).await.map_err(|_| SftpError::Broken)?;
    let folder = server.folder.trim_end_matches('/');
    let place = |name: &str| {
        if server.folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
    };
    let (path, part) = (place(name), place(&format!(".{name}.part")));
    if there(&sftp, &path, bytes).await? {
        return Ok(());
    }
    let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE | OpenFlags::WRITE;
    let mut file = sftp.open_with_flags(part.as_str(), flags).await.map_err(folder_trouble)?;
    file.write_all(bytes).await.map_err(|_| SftpError::Broken)?;
    file.shutdown().await.map_err(|_| SftpError::Broken)?;
    // What arrived must be as long as what was sent before it takes its name.
    let arrived = sftp.metadata(part.as_str()).await.map_err(|e| trouble(&e))?.size;
    if arrived != u64::try_from(bytes.len()).ok() {
        return Err(SftpError::Broken);
    }
    if sftp.rename(part.as_str(), path.as_str()).await.is_err() {
        // Somebody took the name meanwhile, or the server does not rename onto it.
        let same = there(&sftp, &path, bytes).await;
        let _ = sftp.remove_file(part.as_str()).await;
        return match same {
            Ok(true) => Ok(()),
            Ok(false) => Err(SftpError::Folder),
            Err(error) => Err(error),
        };
    }
    Ok(())
}

/// Whether the file is there already.
async fn there(sftp: &SftpSession, path: &str, bytes: &[u8]) -> Result<bool, SftpError> {
    match sftp.metadata(path).await {
        Err(Trouble::Status(status)) if status.status_code == StatusCode::NoSuchFile => return Ok(false),
        Err(error) => return Err(trouble(&error)),
        // A file of another length is another file: a stranger's may be as large as it likes.
        Ok(known) if known.size != u64::try_from(bytes.len()).ok() => return Err(SftpError::Exists),
        Ok(_) => {}
    }
    let known = sftp.read(path).await.map_err(|e| trouble(&e))?;
    if known == bytes { Ok(true) } else { Err(SftpError::Exists) }
}

fn folder_trouble(error: Trouble) -> SftpError {
    match error {
        Trouble::Status(_) => SftpError::Folder,
        _ => SftpError::Broken,
    }
}

fn trouble(error: &Trouble) -> SftpError {
    match error {
        Trouble::Status(s) if s.status_code == StatusCode::PermissionDenied => SftpError::Folder,
        _ => SftpError::Broken,
    }
}

async fn enter(session: &mut Handle<Pinned>, user: &str, by: &Credential) -> Result<(), SftpError> {
    let broken = |_| SftpError::Broken;
    let let_in = match by {
        Credential::Password(password) => {
            session.authenticate_password(user, password.expose_secret()).await.map_err(broken)?
        }
        Credential::Key { text, passphrase } => {
            let passphrase = passphrase.as_ref().map(|p| p.expose_secret());
            let key = decode_secret_key(text.expose_secret(), passphrase).map_err(|_| SftpError::Key)?;
            let hash = session.best_supported_rsa_hash().await.map_err(broken)?.flatten();
            let key = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
            session.authenticate_publickey(user, key).await.map_err(broken)?
        }
    };
    if let_in.success() { Ok(()) } else { Err(SftpError::Refused) }
}
