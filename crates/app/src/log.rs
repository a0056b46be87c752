//! The log: a JSON line an event with ids and codes, under the request it belongs to. No PHI: nothing that is `Phi` can be
//! formatted, and what is logged are commands, stages, ids and fault codes.
//!
//! It lies in the data folder (`logs/iambilly.jsonl`, for its owner only) and is there once that folder is; at four
//! megabytes it becomes `iambilly.1.jsonl`, in place of the one before.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

const FOLDER: &str = "logs";
const NAME: &str = "iambilly.jsonl";
const BEFORE: &str = "iambilly.1.jsonl";
/// Longest file in bytes.
const MOST: u64 = 4 << 20;

/// Writes lines into the log of a data folder. What cannot be written is lost: a log must stop no work.
#[derive(Debug)]
struct LogFile {
    data: PathBuf,
    open: Mutex<Option<(File, u64)>>,
}

impl LogFile {
    fn append(&self, line: &[u8]) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.data.join(FOLDER);
        if open.as_ref().is_some_and(|(_, length)| *length > MOST) {
            *open = None;
            std::fs::rename(folder.join(NAME), folder.join(BEFORE))?;
        }
        if open.is_none() {
            // A command that needs no data folder makes none.
            if !self.data.is_dir() {
                return Ok(());
            }
            let mut builder = std::fs::DirBuilder::new();
            let mut options = OpenOptions::new();
            options.append(true).create(true);
            #[cfg(unix)]
            {
                std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            }
            match builder.create(&folder) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
                _ => {}
            }
            let file = options.open(folder.join(NAME))?;
            let length = file.metadata()?.len();
            *open = Some((file, length));
        }
        if let Some((file, length)) = open.as_mut() {
            file.write_all(line)?;
            *length += line.len() as u64;
        }
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Line<'a>;
    fn make_writer(&'a self) -> Line<'a> {
        Line { of: self, text: vec![] }
    }
}

/// One line, written whole so that two programs' lines do not mix.
struct Line<'a> {
    of: &'a LogFile,
    text: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let _ = self.of.append(&self.text);
    }
}

fn subscriber(data: &Path, level: LevelFilter) -> impl tracing::Subscriber + Send + Sync {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_max_level(level)
        .log_internal_errors(false)
        .with_writer(LogFile { data: data.to_owned(), open: Mutex::new(None) })
        .finish()
}

/// Begins the log of a program, once. `level` is `off`, `error`, `warn`, `info` or `debug`; `info` where none is given or it
/// is none of these.
pub fn begin(data: &Path, level: Option<&str>) {
    let level = level.and_then(|l| l.trim().parse().ok()).unwrap_or(LevelFilter::INFO);
    // There is one already only where a test began it.
    let _ = tracing::subscriber::set_global_default(subscriber(data, level));
}

#[cfg(test)]
mod tests {
    use super::{BEFORE, FOLDER, MOST, NAME, subscriber};
    use tracing::level_filters::LevelFilter;

    #[test]
    fn each_line_is_json_under_its_request_and_the_file_stays_short() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let log = || std::fs::read_to_string(data.join(FOLDER).join(NAME)).unwrap_or_default();
        tracing::subscriber::with_default(subscriber(&data, LevelFilter::INFO), || {
            tracing::info!("before there is a data folder");
            assert!(!data.exists());
            std::fs::create_dir(&data).unwrap();
            let request = tracing::info_span!("request", id = "018f", command = "claims show");
            request.in_scope(|| tracing::warn!(code = "not_found", "refused"));
            tracing::debug!("not asked for");
            let lines = log();
            let line: serde_json::Value = serde_json::from_str(lines.trim()).unwrap();
            assert_eq!((&line["level"], &line["code"]), (&"WARN".into(), &"not_found".into()));
            assert_eq!(line["span"]["id"], "018f");
            assert!(line["timestamp"].as_str().is_some_and(|t| t.ends_with('Z')));

            let words = "w".repeat(64 * 1024);
            for _ in 0..=MOST / words.len() as u64 {
                tracing::info!(words, "long");
            }
            tracing::info!("next");
        });
        assert!(log().len() < 2 * 64 * 1024, "{}", log().len());
        assert!(data.join(FOLDER).join(BEFORE).exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode =
                |name: &str| data.join(FOLDER).join(name).metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(NAME), mode("")), (0o600, 0o700));
        }
    }
}
