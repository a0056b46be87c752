//! Against a real OpenSSH server: pinned, let in, written whole, never overwritten, never twice.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod server;

use iambilly_sftp::{Credential, HostKey, Server, SftpError, host_key, upload};
use server::{Sshd, user};
use std::net::TcpListener;
use std::process::Command;

fn of(sshd: &Sshd, key: &HostKey) -> Server {
    Server {
        host: "127.0.0.1".to_owned(),
        port: sshd.port,
        user: user(),
        host_key: key.clone(),
        folder: sshd.path("in").to_str().unwrap().to_owned(),
    }
}

fn own_key(sshd: &Sshd, name: &str, passphrase: Option<&str>) -> Credential {
    Credential::Key {
        text: std::fs::read_to_string(sshd.path(name)).unwrap().into(),
        passphrase: passphrase.map(|p| p.to_owned().into()),
    }
}

#[tokio::test]
async fn a_file_arrives_once_at_the_pinned_server_and_at_no_other() {
    let sshd = Sshd::start();
    let key = host_key("127.0.0.1", sshd.port).await.unwrap();
    let shown = Command::new("ssh-keygen").arg("-lf").arg(sshd.path("host.pub")).output().unwrap();
    assert!(String::from_utf8(shown.stdout).unwrap().contains(key.as_str()), "the key that ssh-keygen shows");

    let (server, own) = (of(&sshd, &key), own_key(&sshd, "client", Some("a passphrase")));
    let body: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    upload(&server, &own, "000000001.837", &body).await.unwrap();
    let arrived = sshd.path("in/000000001.837");
    assert_eq!(std::fs::read(&arrived).unwrap(), body);
    assert_eq!(std::fs::read_dir(sshd.path("in")).unwrap().count(), 1, "nothing half is left");
    upload(&server, &own, "000000001.837", &body).await.expect("the same again arrived before");
    assert_eq!(upload(&server, &own, "000000001.837", b"other").await.unwrap_err(), SftpError::Exists);
    let mut other = body.clone();
    other[7] ^= 1;
    assert_eq!(upload(&server, &own, "000000001.837", &other).await.unwrap_err(), SftpError::Exists);
    assert_eq!(std::fs::read(&arrived).unwrap(), body, "and is as it was");
    // A part that a kill left behind is written over.
    std::fs::write(sshd.path("in/.000000002.837.part"), b"half").unwrap();
    upload(&server, &own_key(&sshd, "old", None), "000000002.837", b"whole").await.expect("an RSA key");
    assert_eq!(std::fs::read(sshd.path("in/000000002.837")).unwrap(), b"whole");

    // Another server's key: nothing is sent.
    let stranger = "SHA256:".to_owned() + &"A".repeat(43);
    let wrong = of(&sshd, &stranger.parse().unwrap());
    let refused = upload(&wrong, &own, "000000003.837", &body).await.unwrap_err();
    assert_eq!(refused, SftpError::HostKey { found: key.to_string() });
    assert_eq!(refused.fault().code, "sftp_host_key_changed");
    assert!(!sshd.path("in/000000003.837").exists());

    for (by, why) in [
        (own_key(&sshd, "stranger", None), SftpError::Refused),
        (Credential::Password("hunter2".to_owned().into()), SftpError::Refused),
        (own_key(&sshd, "client", Some("another passphrase")), SftpError::Key),
        (Credential::Key { text: "no key".to_owned().into(), passphrase: None }, SftpError::Key),
    ] {
        assert!(!format!("{by:?}").contains("hunter2"), "{by:?}");
        assert_eq!(upload(&server, &by, "x", b"x").await.unwrap_err(), why);
    }
    let nowhere = Server { folder: sshd.path("nowhere").to_str().unwrap().to_owned(), ..server.clone() };
    assert_eq!(upload(&nowhere, &own, "x", b"x").await.unwrap_err(), SftpError::Folder);
    drop(sshd);
    assert_eq!(upload(&server, &own, "x", b"x").await.unwrap_err(), SftpError::Unreachable);
}

#[tokio::test]
async fn who_never_answers_is_not_waited_for_for_ever() {
    // Somebody who closes at once, and somebody who speaks no SSH.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let other = std::thread::spawn(move || {
        use std::io::Write as _;
        drop(listener.accept());
        if let Ok((mut one, _)) = listener.accept() {
            let _ = one.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    assert_eq!(host_key("127.0.0.1", port).await.unwrap_err(), SftpError::Unreachable);
    assert_eq!(host_key("127.0.0.1", port).await.unwrap_err(), SftpError::Unreachable);
    other.join().unwrap();
}
