//! Running the headless program as a clinic's script would.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod canary;
pub mod sound;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A data folder of its own and the program that works in it.
pub struct Clinic {
    pub folder: tempfile::TempDir,
    pub passphrase: String,
}

/// What a run answered.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("not JSON ({e}): {self:?}"))
    }
    /// The `error.code` of a `--json` run; every error has message and advice too.
    pub fn error_code(&self) -> String {
        let last = self
            .stderr
            .lines()
            .rev()
            .find(|l| l.starts_with('{'))
            .unwrap_or_else(|| panic!("no error: {self:?}"));
        let error: Value = serde_json::from_str(last).unwrap();
        let field = |name: &str| error["error"][name].as_str().unwrap_or_default().to_owned();
        assert!(!field("message").is_empty() && !field("advice").is_empty(), "{error}");
        field("code")
    }
}

impl From<Output> for Answer {
    fn from(out: Output) -> Self {
        let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!stderr.contains("panicked"), "{stderr}");
        Self {
            code: out.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&out.stdout).into_owned(),
            stderr,
        }
    }
}

pub fn program() -> PathBuf {
    let bin = std::env::var("IAMBILLY_TEST_BIN").expect("IAMBILLY_TEST_BIN is set by ./test: run that");
    Path::new(&bin).join("iambilly")
}

pub fn models() -> PathBuf {
    std::env::var("IAMBILLY_TEST_MODELS").expect("IAMBILLY_TEST_MODELS is set by ./test: run that").into()
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// A small seeded generator: the points are the same in every run.
pub struct Seeded(pub u64);

impl Seeded {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Whether the full counts were asked for (`./test soak`).
pub fn soak() -> bool {
    std::env::var_os("IAMBILLY_SOAK").is_some()
}

impl Clinic {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), passphrase: "correct horse battery staple".to_owned() }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("IAMBILLY_DATA_DIR", self.data())
            .env("IAMBILLY_MODELS_DIR", models())
            .env("IAMBILLY_PASSPHRASE", &self.passphrase)
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Answer {
        self.command(arguments).output().unwrap().into()
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub fn claim(&self, input: &Path, more: &[&str]) -> Answer {
        let mut arguments = vec![
            "claim",
            input.to_str().unwrap(),
            "--payer",
            "medicare",
            "--dos",
            "2026-02-02",
            "--json",
            "--quiet",
        ];
        arguments.extend(more);
        self.run(&arguments)
    }
}

/// Codes of a coding's lines.
pub fn codes(coding: &Value) -> Vec<String> {
    let lines = coding["lines"].as_array().unwrap();
    lines.iter().map(|l| l["code"].as_str().unwrap().to_owned()).collect()
}

/// Every evidence slice of a draft equals its quote, and every code has one. Returns how many were checked.
pub fn check_evidence(text: &str, coding: &Value) -> usize {
    let scalars: Vec<char> = text.chars().collect();
    let mut checked = 0;
    for kind in ["lines", "diagnoses", "not_billed"] {
        for item in coding[kind].as_array().unwrap() {
            let evidence = item["evidence"].as_array().unwrap();
            assert!(!evidence.is_empty(), "a code without evidence: {item}");
            for e in evidence {
                let (start, end) =
                    (e["start"].as_u64().unwrap() as usize, e["end"].as_u64().unwrap() as usize);
                let slice: String = scalars[start..end].iter().collect();
                assert_eq!(slice, e["quote"].as_str().unwrap());
                checked += 1;
            }
        }
    }
    checked
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

/// Asserts that none of the words can be read in any file below a folder, in UTF-8 or UTF-16.
pub fn assert_unreadable(folder: &Path, words: &[&str]) {
    for file in files(folder) {
        let bytes = std::fs::read(&file).unwrap();
        for word in words {
            let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for needle in [word.as_bytes(), &wide] {
                let found = bytes.windows(needle.len()).any(|w| w.eq_ignore_ascii_case(needle));
                assert!(!found, "{word:?} can be read in {}", file.display());
            }
        }
    }
}
