//! The reader of policies: one confined process a file, and the recogniser of letters for scanned pages.
//!
//! The process gets the bytes and nothing else. It ends by itself; one that takes too long is killed, and its death is
//! an answer: the file is not read.

use crate::error::EngineError;
use iambilly_policy::reading::{Answer, Refusal};
use iambilly_worker_protocol::Role;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest a file may take, and a scanned page.
const FILE_WITHIN: Duration = Duration::from_secs(180);
const PAGE_WITHIN: Duration = Duration::from_secs(90);
/// Most bytes of an answer.
const MOST: u64 = 256 << 20;

/// Takes files apart outside this process.
#[derive(Debug, Clone)]
pub struct PolicyReader {
    program: PathBuf,
}

impl PolicyReader {
    /// The reader among the workers of this folder.
    #[must_use]
    pub fn of(workers: &Path) -> Self {
        Self { program: workers.join(format!("iambilly-reader{}", std::env::consts::EXE_SUFFIX)) }
    }

    /// Reads a file; `name` only tells its kind.
    ///
    /// # Errors
    /// The reader is missing or cannot be started. A file that cannot be read is an answer, not an error.
    pub async fn read(&self, bytes: Arc<[u8]>, name: &str) -> Result<Answer, EngineError> {
        self.present()?;
        // Only the ending is told: a name may say more than it should.
        let ending = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or("txt").to_owned();
        let mut command = Command::new(&self.program);
        command.arg("read").arg(format!("policy.{ending}"));
        Ok(match run(command, bytes, FILE_WITHIN).await? {
            Ran::Done(status, out) if status.success() => {
                serde_json::from_slice(&out).unwrap_or(Answer::Refused(Refusal::Damaged))
            }
            Ran::Done(status, _) => Answer::Refused(cause(status)),
            Ran::TooLong => Answer::Refused(Refusal::Exhausting),
        })
    }

    /// The picture of a scanned page as a portable graymap, where it has one.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn picture(&self, bytes: Arc<[u8]>, page: u32) -> Result<Option<Vec<u8>>, EngineError> {
        self.present()?;
        let mut command = Command::new(&self.program);
        command.arg("picture").arg(page.to_string());
        Ok(match run(command, bytes, PAGE_WITHIN).await? {
            Ran::Done(status, out) if status.success() && out.starts_with(b"P5\n") => Some(out),
            _ => None,
        })
    }

    /// Whether its program is installed.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.program.is_file()
    }

    fn present(&self) -> Result<(), EngineError> {
        if self.is_here() {
            return Ok(());
        }
        Err(EngineError::ReaderMissing { path: self.program.clone() })
    }
}

/// The words in a picture, by Tesseract where it is installed; none where it is not, or found none.
///
/// # Errors
/// The process could not be watched.
pub async fn letters(picture: Vec<u8>) -> Result<Option<String>, EngineError> {
    let mut command = Command::new("tesseract");
    command.args(["stdin", "stdout", "--dpi", "300", "--psm", "1"]).env("OMP_THREAD_LIMIT", "1");
    match run(command, picture.into(), PAGE_WITHIN).await {
        Ok(Ran::Done(status, out)) if status.success() => {
            let text = String::from_utf8_lossy(&out).trim().to_owned();
            Ok(Some(text).filter(|t| !t.is_empty()))
        }
        Ok(_) | Err(EngineError::WorkerNotStarted { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether Tesseract answers here.
pub async fn can_read_letters() -> bool {
    let mut command = Command::new("tesseract");
    command.arg("--version");
    matches!(run(command, Arc::new([]), PAGE_WITHIN).await, Ok(Ran::Done(status, _)) if status.success())
}

enum Ran {
    Done(ExitStatus, Vec<u8>),
    TooLong,
}

/// Runs a program over bytes.
async fn run(command: Command, bytes: Arc<[u8]>, within: Duration) -> Result<Ran, EngineError> {
    // The whole life of the process is on one thread: it asks to die with the thread that started it.
    tokio::task::spawn_blocking(move || run_here(command, &bytes, within))
        .await
        .unwrap_or_else(|_| Err(not_started("its thread ended")))
}

fn run_here(mut command: Command, bytes: &[u8], within: Duration) -> Result<Ran, EngineError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    for name in crate::process::NOT_FOR_WORKERS {
        command.env_remove(name);
    }
    let mut child = command.spawn().map_err(|e| not_started(&e.kind().to_string()))?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(not_started("its pipes are missing"));
    };
    let (out, status) = std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            // It may leave before it has read all.
            let _ = stdin.write_all(bytes);
            drop(stdin);
        });
        let reading = scope.spawn(|| {
            let mut out = vec![];
            let _ = stdout.take(MOST).read_to_end(&mut out);
            out
        });
        let status = wait(&mut child, within);
        let _ = writing.join();
        (reading.join().unwrap_or_default(), status)
    });
    Ok(status.map_or(Ran::TooLong, |s| Ran::Done(s, out)))
}

fn wait(child: &mut Child, within: Duration) -> Option<ExitStatus> {
    let since = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if since.elapsed() < within => std::thread::sleep(Duration::from_millis(4)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

/// Why a reader died.
fn cause(status: ExitStatus) -> Refusal {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        // Killed, out of processor time, or out of memory (Rust aborts).
        if matches!(status.signal(), Some(9 | 24 | 6)) {
            return Refusal::Exhausting;
        }
    }
    let _ = status;
    Refusal::Damaged
}

fn not_started(reason: &str) -> EngineError {
    EngineError::WorkerNotStarted { role: Role::Embedding, reason: reason.to_owned() }
}
