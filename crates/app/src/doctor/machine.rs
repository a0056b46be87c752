//! The machine: its folders, its clock, its processor.

use super::{Check, State, check};
use crate::paths::Paths;
use iambilly_engines::Processor;
use jiff::Timestamp;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The day this program was made, at the earliest: a clock before it is wrong.
const MADE: &str = "2026-11-01T00:00:00Z";
/// How far files may lie ahead of the clock before it counts as set back: time zones and slow clocks are no fault.
const AHEAD: Duration = Duration::from_secs(24 * 3600);

/// Whether the folders can be written.
pub(super) fn folders(paths: &Paths) -> Vec<Check> {
    [
        (&paths.data, "data folder", State::Fail, "Nothing can be recorded.", "--data-dir or IAMBILLY_DATA_DIR"),
        (&paths.models, "models folder", State::Warn, "No model can be fetched or chosen.", "--models-dir or IAMBILLY_MODELS_DIR"),
        (&paths.rules, "rules folder", State::Warn, "No official table can be imported.", "--rules-dir or IAMBILLY_RULES_DIR"),
    ]
    .into_iter()
    .map(|(folder, name, without, consequence, setting)| {
        let name = format!("{name}, writing");
        match writable(folder) {
            Ok(()) => check(&name, State::Ok, "can be written", None),
            Err(error) => check(
                &name,
                without,
                format!("{} cannot be written ({}). {consequence}", folder.display(), error.kind()),
                Some(&format!("Make the folder yours and writable (a read-only or full disk, another owner), or name another with {setting}.")),
            ),
        }
    })
    .collect()
}

/// Tries to write where a folder is, or where it would be made.
fn writable(folder: &Path) -> std::io::Result<()> {
    let there = folder.ancestors().find(|p| p.exists()).unwrap_or(folder);
    tempfile::tempfile_in(there).map(drop)
}

/// Whether the clock can be right: dates of service, timely filing and the audit hang on it.
pub(super) fn clock(paths: &Paths, now: Timestamp) -> Check {
    let wrong = |detail: String| {
        check(
            "clock",
            State::Warn,
            detail,
            Some(
                "Set the computer’s date and time and turn on time synchronisation (timedatectl set-ntp true, or the system’s settings).",
            ),
        )
    };
    if MADE.parse::<Timestamp>().is_ok_and(|made| now < made) {
        return wrong(format!("says {}, before this program was made", now.strftime("%Y-%m-%d")));
    }
    let newest = [&paths.data, &paths.models, &paths.rules].into_iter().filter_map(|f| newest(f)).max();
    let at = SystemTime::from(now);
    if newest.is_some_and(|file| file.duration_since(at).is_ok_and(|ahead| ahead > AHEAD)) {
        return wrong(
            "is behind files that were written already: it was set back, or was ahead before".to_owned(),
        );
    }
    // systemd's mark of a clock that was synchronised since the start; elsewhere nothing is claimed.
    let marks = Path::new("/run/systemd/timesync");
    if marks.is_dir() && !marks.join("synchronized").exists() {
        return wrong("was not synchronised since the computer started".to_owned());
    }
    check("clock", State::Ok, now.strftime("%Y-%m-%d %H:%M UTC").to_string(), None)
}

/// When the newest file directly in a folder was written.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries.flatten().filter_map(|e| e.metadata().ok()?.modified().ok()).max()
}

/// Whether there are workers that this processor can run.
pub(super) fn processor(here: Processor, workers: &Path) -> Check {
    match here {
        Processor::Usual => check("processor", State::Ok, "has what the workers are built for", None),
        Processor::Older if here.worker(workers, "iambilly-whisper").is_file() => check(
            "processor",
            State::Warn,
            "lacks AVX2: the workers for older processors are used, several times slower",
            Some(
                "Nothing must be done. For text while you speak use a machine with AVX2 (Intel since 2013, AMD since 2015).",
            ),
        ),
        Processor::Older => check(
            "processor",
            State::Fail,
            "lacks AVX2, and the workers for older processors are not installed",
            Some(
                "Install the packaged application, which brings them, or use a machine with AVX2 (Intel since 2013, AMD since 2015).",
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{clock, folders, processor};
    use crate::doctor::State;
    use crate::paths::Paths;
    use iambilly_engines::Processor;
    use std::path::Path;

    fn paths(folder: &Path) -> Paths {
        let own = |name: &str| folder.join(name);
        Paths { data: own("data"), models: own("models"), rules: own("rules"), workers: own("bin") }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        assert!(folders(&paths(folder.path())).iter().all(|c| c.state == State::Ok));
        // Under a file no folder can be made, whoever tries: a read-only home looks the same, but not to root.
        let file = folder.path().join("home");
        std::fs::write(&file, b"").unwrap();
        let found = folders(&paths(&file));
        assert_eq!(
            found.iter().map(|c| c.state).collect::<Vec<_>>(),
            [State::Fail, State::Warn, State::Warn]
        );
        assert!(found[0].fix.as_deref().unwrap().contains("IAMBILLY_DATA_DIR"));
    }

    #[test]
    fn a_clock_that_cannot_be_right_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        let said = |now: &str| clock(&paths, now.parse().unwrap());
        assert!(said("2020-01-01T00:00:00Z").detail.contains("before this program"));
        std::fs::create_dir(&paths.data).unwrap();
        std::fs::write(paths.data.join("vault.json"), b"{}").unwrap();
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(40 * 365 * 86_400);
        std::fs::File::options()
            .append(true)
            .open(paths.data.join("vault.json"))
            .unwrap()
            .set_modified(later)
            .unwrap();
        assert!(said("2026-11-22T00:00:00Z").detail.contains("set back"));
    }

    #[test]
    fn an_old_processor_is_a_warning_with_its_workers_and_a_failure_without() {
        let folder = tempfile::tempdir().unwrap();
        let state = |here| processor(here, folder.path()).state;
        assert_eq!((state(Processor::Usual), state(Processor::Older)), (State::Ok, State::Fail));
        std::fs::write(Processor::Older.worker(folder.path(), "iambilly-whisper"), b"").unwrap();
        assert_eq!(state(Processor::Older), State::Warn);
    }
}
