//! A marked patient, and a bench that runs the program on them and watches what it says.

use super::{Answer, Clinic};
use std::fs;

/// Marks that occur nowhere else: name, date of birth as typed, member number, and words of the quoted sentences.
pub const MARKS: [&str; 6] =
    ["quillfeather", "zebediah", "canary77231", "vermilionish", "ocelotwise", "marzipanner"];

/// Two sentences that codes are proved by; both are quoted in drafts, findings and corrections.
pub const NOTE: &str = "Patient Zebediah Quillfeather, member CANARY77231.\n\
PREOPERATIVE DIAGNOSIS: Lumbar stenosis with neurogenic claudication at L4-L5, vermilionish.\n\
PROCEDURE: Laminectomy with facetectomy and foraminotomy at L4-L5, ocelotwise, bilateral.\n\
DESCRIPTION: The vermilionish stenosis at L4-L5 was decompressed by a laminectomy, facetectomy and foraminotomy.\n";

pub struct Bench {
    pub clinic: Clinic,
    /// What a person hands in: allowed to be readable, so it lies elsewhere.
    pub inputs: tempfile::TempDir,
    errors: String,
}

impl Bench {
    pub fn new() -> Self {
        Self { clinic: Clinic::new(), inputs: tempfile::tempdir().unwrap(), errors: String::new() }
    }

    /// A file that a person hands in.
    pub fn input(&self, name: &str, content: &[u8]) -> String {
        let path = self.inputs.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs the program; no mark may be in what it says on standard error.
    pub fn run(&mut self, arguments: &[&str]) -> Answer {
        let temp = self.clinic.folder.path().join("temp");
        fs::create_dir_all(&temp).unwrap();
        let mut command = self.clinic.command(arguments);
        command.env("TMPDIR", temp).current_dir(self.clinic.folder.path()).env("RUST_BACKTRACE", "1");
        let answer: Answer = command.output().unwrap().into();
        self.errors.push_str(&format!("{arguments:?}\n{}\n", answer.stderr));
        let said = answer.stderr.to_lowercase();
        for mark in MARKS {
            assert!(!said.contains(mark), "{mark:?} in an error of {:?}: {said}", arguments.first());
        }
        answer
    }
}

/// Samples as a WAV file at 16 kHz.
pub fn wav(samples: &[i16]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(vec![]);
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut out = hound::WavWriter::new(&mut bytes, spec).unwrap();
    samples.iter().for_each(|s| out.write_sample(*s).unwrap());
    out.finalize().unwrap();
    bytes.into_inner()
}

/// No mark can be read in any file below a folder, nor in its name.
pub fn assert_no_mark(home: &std::path::Path) {
    super::assert_unreadable(home, &MARKS);
    for file in super::files(home) {
        let name = file.strip_prefix(home).unwrap().to_string_lossy().to_lowercase();
        assert!(MARKS.iter().all(|mark| !name.contains(mark)), "{name}");
    }
}
