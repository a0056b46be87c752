//! Click to play: how far the stored beginning of a word is from where it is really spoken, on dictations whose
//! voice told the time of its words (`fixtures/make_dictations.py --timed`). `IAMBILLY_TIMED_DIR` names another
//! folder of `NAME.wav` with `NAME.words.json`.

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use support::{Clinic, fixture};

/// What a click may be off at most, for 19 words in 20: 300 ms.
const MOST_MS: u64 = 300;

/// A word, and where it begins; a later part of what is written as one word has no time of its own.
type Timed = (String, Option<u64>);

/// "L4-L5." as it is said: l, 4, l, 5.
fn parts(text: &str, start: u64) -> Vec<Timed> {
    let mut parts: Vec<Timed> = vec![];
    let mut kind = ' ';
    for c in text.to_lowercase().chars() {
        let now = if c.is_ascii_digit() {
            '0'
        } else if c.is_alphabetic() || c == '\'' {
            'a'
        } else {
            ' '
        };
        match parts.last_mut() {
            Some((last, _)) if now == kind && now != ' ' => last.push(c),
            _ if now != ' ' => parts.push((c.to_string(), parts.is_empty().then_some(start))),
            _ => {}
        }
        kind = now;
    }
    parts
}

fn words(list: &Value) -> Vec<Timed> {
    let word = |w: &Value| parts(w["text"].as_str().unwrap(), w["start_ms"].as_u64().unwrap());
    list.as_array().unwrap().iter().flat_map(word).collect()
}

/// The longest sequence of words that both have: differences of their beginnings in ms.
fn differences(heard: &[Timed], spoken: &[Timed]) -> Vec<u64> {
    let (n, m) = (heard.len(), spoken.len());
    let mut best = vec![vec![0u32; m + 1]; n + 1];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            best[i][j] = if heard[i].0 == spoken[j].0 {
                best[i + 1][j + 1] + 1
            } else {
                best[i + 1][j].max(best[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, vec![]);
    while i < n && j < m {
        if heard[i].0 == spoken[j].0 {
            if let (Some(heard), Some(spoken)) = (heard[i].1, spoken[j].1) {
                found.push(heard.abs_diff(spoken));
            }
            (i, j) = (i + 1, j + 1);
        } else if best[i + 1][j] >= best[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

#[test]
fn a_click_on_a_word_plays_that_word() {
    let folder = std::env::var_os("IAMBILLY_TIMED_DIR").map_or_else(|| fixture("timed"), PathBuf::from);
    let clinic = Clinic::new();
    let mut all = vec![];
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for wav in files.iter().filter(|f| f.extension().is_some_and(|e| e == "wav")) {
        let gold = std::fs::read_to_string(wav.with_extension("words.json")).unwrap();
        let transcript = clinic.run(&["transcribe", wav.to_str().unwrap(), "--json", "--quiet"]).json();
        let segments = transcript["segments"].as_array().unwrap().iter();
        let heard: Vec<Timed> = segments.flat_map(|s| words(&s["words"])).collect();
        let spoken = words(&serde_json::from_str(&gold).unwrap());
        let found = differences(&heard, &spoken);
        assert!(found.len() * 10 > spoken.len() * 6, "too few words are understood to judge");
        say(wav, &found);
        all.extend(found);
    }
    let (_, most, _) = say(Path::new("all"), &all);
    assert!(most <= MOST_MS, "19 words in 20 are within {most} ms");
}

/// Prints and gives median, 95th percentile and greatest difference.
fn say(of: &Path, differences: &[u64]) -> (u64, u64, u64) {
    let mut sorted = differences.to_vec();
    sorted.sort_unstable();
    let at = |percent: usize| sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)];
    let within = sorted.iter().filter(|d| **d <= MOST_MS).count();
    let name = of.file_stem().unwrap().to_string_lossy();
    let (median, most, worst) = (at(50), at(95), at(100));
    println!(
        "click to play, {name}: {} words, median {median} ms, p95 {most} ms, worst {worst} ms, {within} within {MOST_MS} ms",
        sorted.len()
    );
    (median, most, worst)
}
