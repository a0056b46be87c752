//! Measures the deterministic reader on folders of cases (`docs/contract.md`, "eval folder").
//!
//! `cargo run --release -p iambilly-coding --example measure -- DIR… [-v]`
#![allow(clippy::print_stdout)]

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code, correct};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

#[derive(Deserialize, Clone)]
struct GoldLine {
    code: String,
    #[serde(default)]
    units: u32,
    #[serde(default)]
    modifiers: Vec<String>,
    #[serde(default)]
    levels: Vec<String>,
    laterality: Option<String>,
    #[serde(default = "yes")]
    sure: bool,
    #[serde(default)]
    alternatives: Vec<Vec<String>>,
}
#[derive(Deserialize)]
struct GoldDx {
    code: String,
    #[serde(default = "yes")]
    sure: bool,
    #[serde(default)]
    alternatives: Vec<String>,
}
#[derive(Deserialize)]
struct Gold {
    lines: Vec<GoldLine>,
    #[serde(default)]
    diagnoses: Vec<GoldDx>,
}
#[derive(Deserialize)]
struct Case {
    n: serde_json::Value,
    name: String,
    text: String,
    dos: jiff::civil::Date,
    payer: String,
    gold: Gold,
}
const fn yes() -> bool {
    true
}

#[derive(Default)]
struct Count {
    hit: f64,
    said: f64,
    gold: f64,
}
impl Count {
    fn f1(&self) -> f64 {
        if self.said + self.gold == 0.0 { 1.0 } else { 2.0 * self.hit / (self.said + self.gold) }
    }
}

fn base(alternative: &str) -> String {
    alternative.chars().take(5).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let verbose = args.iter().any(|a| a == "-v");
    if args.iter().any(|a| a == "--stable") {
        for dir in args.iter().filter(|a| !a.starts_with('-')) {
            stable(Path::new(dir), verbose)?;
        }
        return Ok(());
    }
    let raw = args.iter().find_map(|a| a.strip_prefix("--hyp="));
    for dir in args.iter().filter(|a| !a.starts_with('-')) {
        measure(Path::new(dir), verbose, raw)?;
    }
    Ok(())
}

/// Share of words the lexicon changes in texts that are right already.
fn stable(dir: &Path, verbose: bool) -> Result<(), Box<dyn std::error::Error>> {
    let (mut words, mut changed) = (0, 0);
    for path in std::fs::read_dir(dir.join("cases"))?.filter_map(|e| e.ok().map(|e| e.path())) {
        let Ok(case) = serde_json::from_str::<Case>(&std::fs::read_to_string(&path).unwrap_or_default())
        else {
            continue;
        };
        let mut t = Transcript::typed(case.text.clone());
        t.model = "speech".to_owned();
        let c = correct(&t);
        words += case.text.split_whitespace().count();
        for k in &c.corrections {
            changed += k.original.expose().split_whitespace().count();
            if verbose {
                let new: String = c.text.expose().chars().skip(k.start).take(k.end - k.start).collect();
                println!("{} {:?} -> {new:?}", case.n, k.original.expose());
            }
        }
    }
    println!("{}: {changed} of {words} words changed", dir.display());
    Ok(())
}

fn measure(dir: &Path, verbose: bool, raw: Option<&str>) -> Result<(), Box<dyn std::error::Error>> {
    let mut paths: Vec<_> = std::fs::read_dir(dir.join("cases"))?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .collect();
    paths.sort();
    let (mut by_code, mut full, mut dx) = (Count::default(), Count::default(), Count::default());
    let (mut exact, mut extra, mut first, mut firsts, mut cases) = (0, 0, 0, 0, 0);
    let (mut level_ok, mut level_n, mut side_ok, mut side_n, mut proof_ok, mut proof_n) = (0, 0, 0, 0, 0, 0);
    for path in paths {
        let Ok(case) = serde_json::from_str::<Case>(&std::fs::read_to_string(&path)?) else { continue };
        let mut text = case.text.clone();
        if let Some(file) = raw {
            let all = std::fs::read_to_string(file)?;
            let Some(at) = all.find(&format!(" {}\n", case.name)) else { continue };
            let hyp = all.get(at..).and_then(|s| s.lines().find_map(|l| l.strip_prefix("HYP  ")));
            text = hyp.unwrap_or_default().to_owned();
        }
        let mut t = Transcript::typed(text);
        if raw.is_some() {
            t.model = "speech".to_owned();
            t = correct(&t);
            if verbose {
                println!("{}", t.text.expose());
            }
        }
        let c = code(&t, &Context { dos: case.dos, payer: case.payer.clone() }, Reader::Rules, None);
        cases += 1;
        for e in c
            .lines
            .iter()
            .flat_map(|l| l.evidence.passages())
            .chain(c.diagnoses.iter().flat_map(|d| d.evidence.passages()))
        {
            proof_n += 1;
            proof_ok += usize::from(e.matches(t.text.expose()));
        }
        let mut missed = vec![];
        let mut used: BTreeSet<usize> = BTreeSet::new();
        for g in &case.gold.lines {
            let mut choices: Vec<Vec<String>> = vec![vec![g.code.clone()]];
            if !g.sure {
                choices.extend(g.alternatives.iter().cloned());
            }
            let own = c.lines.iter().position(|l| l.code == *g.code.as_str());
            let own = own.filter(|i| !used.contains(i));
            if let Some(i) = own {
                used.insert(i);
                by_code.hit += 1.0;
                by_code.gold += 1.0;
                let l = &c.lines[i];
                let mods: BTreeSet<&str> = l.modifiers.iter().map(|m| m.as_str()).collect();
                let want: BTreeSet<&str> = g.modifiers.iter().map(String::as_str).collect();
                let same = l.units == g.units && mods == want;
                let alt = !g.sure
                    && g.alternatives
                        .iter()
                        .flatten()
                        .any(|a| base(a) == g.code && a.split('-').skip(1).collect::<BTreeSet<_>>() == mods);
                full.gold += 1.0;
                if same || alt {
                    full.hit += 1.0;
                } else {
                    missed.push(format!("{} has x{}{:?} not x{}{:?}", g.code, l.units, mods, g.units, want));
                }
                if !g.levels.is_empty() {
                    level_n += 1;
                    let ours: BTreeSet<String> = l.levels.iter().map(ToString::to_string).collect();
                    let theirs: BTreeSet<String> = g.levels.iter().cloned().collect();
                    if ours == theirs {
                        level_ok += 1
                    } else {
                        missed.push(format!("{} at {ours:?} not {theirs:?}", g.code))
                    }
                }
                side_n += 1;
                let side = l.laterality.map(|s| format!("{s:?}").to_lowercase());
                if side == g.laterality {
                    side_ok += 1
                } else {
                    missed.push(format!("{} side {side:?} not {:?}", g.code, g.laterality))
                }
                continue;
            }
            let taken = choices.iter().skip(1).filter(|a| !a.is_empty() && a[0] != "none").find(|a| {
                a.iter().all(|x| {
                    c.lines.iter().enumerate().any(|(i, l)| l.code == *base(x).as_str() && !used.contains(&i))
                })
            });
            if let Some(a) = taken {
                for x in a {
                    if let Some(i) = c
                        .lines
                        .iter()
                        .enumerate()
                        .position(|(i, l)| l.code == *base(x).as_str() && !used.contains(&i))
                    {
                        used.insert(i);
                    }
                    by_code.hit += 1.0;
                    by_code.gold += 1.0;
                    full.hit += 1.0;
                    full.gold += 1.0;
                }
            } else if choices.iter().skip(1).any(|a| a.is_empty() || a[0] == "none") {
            } else {
                by_code.gold += 1.0;
                full.gold += 1.0;
                missed.push(format!("MISS {}{}", g.code, if g.sure { "" } else { "?" }));
            }
        }
        by_code.said += c.lines.len() as f64;
        full.said += c.lines.len() as f64;
        let over: Vec<String> = c
            .lines
            .iter()
            .enumerate()
            .filter(|(i, _)| !used.contains(i))
            .map(|(_, l)| format!("EXTRA {}", l.code))
            .collect();
        extra += over.len();
        if over.is_empty() && !missed.iter().any(|m| m.starts_with("MISS")) {
            exact += 1;
        }
        missed.extend(over);
        let mut dx_used = BTreeSet::new();
        for g in &case.gold.diagnoses {
            let ok = |code: &str| code == g.code || (!g.sure && g.alternatives.iter().any(|a| a == code));
            let free = |i: &usize| !dx_used.contains(i);
            let same = c.diagnoses.iter().position(|d| d.code == *g.code.as_str()).filter(free);
            let other = || (0..c.diagnoses.len()).find(|i| free(i) && ok(c.diagnoses[*i].code.as_str()));
            if let Some(i) = same.or_else(other) {
                dx_used.insert(i);
                dx.hit += 1.0;
                dx.gold += 1.0;
            } else if g.sure || !g.alternatives.iter().any(|a| a == "none") {
                dx.gold += 1.0;
                missed.push(format!("DX- {}{}", g.code, if g.sure { "" } else { "?" }));
            }
        }
        for (i, d) in c.diagnoses.iter().enumerate() {
            let allowed =
                case.gold.diagnoses.iter().any(|g| g.alternatives.iter().any(|a| d.code == *a.as_str()));
            if !dx_used.contains(&i) && !allowed {
                dx.said += 1.0;
                missed.push(format!("DX+ {}", d.code));
            } else if dx_used.contains(&i) {
                dx.said += 1.0;
            }
        }
        if let Some(g) = case.gold.diagnoses.first() {
            firsts += 1;
            let ok = c.diagnoses.first().is_some_and(|d| {
                d.code == *g.code.as_str()
                    || (!g.sure && g.alternatives.iter().any(|a| d.code == *a.as_str()))
            });
            first += usize::from(ok);
            if !ok {
                missed.push(format!(
                    "FIRST {:?} not {}",
                    c.diagnoses.first().map(|d| d.code.to_string()),
                    g.code
                ));
            }
        }
        if verbose && !missed.is_empty() {
            println!("{} {}: {}", case.n, case.name, missed.join("; "));
        }
    }
    println!(
        "{}: {cases} cases | line F1 {:.3} full {:.3} | exact {exact} | extra/note {:.2} | dx F1 {:.3} first {first}/{firsts} | levels {level_ok}/{level_n} sides {side_ok}/{side_n} | proof {proof_ok}/{proof_n}",
        dir.display(),
        by_code.f1(),
        full.f1(),
        f64::from(u32::try_from(extra)?) / f64::from(u32::try_from(cases.max(1))?),
        dx.f1(),
    );
    Ok(())
}
