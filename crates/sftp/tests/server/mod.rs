//! A real OpenSSH server on this machine, with keys and a folder of its own.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, reason = "made for tests")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server on a free port with keys of its own, ended with the test.
pub struct Sshd {
    folder: tempfile::TempDir,
    pub port: u16,
    running: Child,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

fn keygen(file: &Path, kind: &str, passphrase: &str) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", passphrase, "-f"])
        .arg(file)
        .stdin(Stdio::null())
        .status()
        .expect("ssh-keygen: apt-get install openssh-client");
    assert!(made.success());
}

pub fn user() -> String {
    String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap().trim().to_owned()
}

impl Sshd {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        keygen(&at("host"), "ed25519", "");
        keygen(&at("client"), "ed25519", "a passphrase");
        keygen(&at("stranger"), "ed25519", "");
        keygen(&at("old"), "rsa", "");
        let keys = ["client.pub", "old.pub"].map(|k| std::fs::read_to_string(at(k)).unwrap()).concat();
        std::fs::write(at("authorized"), keys).unwrap();
        std::fs::create_dir(at("in")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
             UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n",
            at("host").display(),
            at("authorized").display()
        );
        std::fs::write(at("config"), config).unwrap();
        // As root it wants the folder of Debian's package for its privilege separation.
        let _ = std::fs::create_dir_all("/run/sshd");
        let running = Command::new("/usr/sbin/sshd")
            .args(["-D", "-f"])
            .arg(at("config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sshd: apt-get install openssh-server");
        let sshd = Self { folder, port, running };
        let since = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(since.elapsed() < Duration::from_secs(30), "sshd does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        sshd
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
