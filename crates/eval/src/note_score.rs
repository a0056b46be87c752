//! A coding against its gold.

use crate::case::{Gold, GoldLine};
use crate::family::family;
use crate::options::{Item, Options, best_fit, common};
use crate::rate::{Counts, Share};
use iambilly_claim::{CodedLine, Coding, Laterality, Level};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How well one coding fits its gold. Adds up over notes in a [`crate::Report`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NoteScore {
    /// Lines by code alone.
    pub lines: Counts,
    /// Lines by code, units and modifiers.
    pub whole_lines: Counts,
    /// Lines by code alone, by family of codes.
    pub families: BTreeMap<&'static str, Counts>,
    /// Whether the set of codes is exactly right.
    pub exact: bool,
    /// Diagnoses.
    pub diagnoses: Counts,
    /// Whether the first-listed diagnosis is right.
    pub first_listed: Share,
    /// Levels, over lines whose code is right and whose gold has levels.
    pub levels: Share,
    /// Side, over lines whose code is right and whose gold has a side.
    pub laterality: Share,
    /// Evidence whose quote is exactly the slice of the text.
    pub evidence: Share,
    /// Codes that the gold says must not be billed and that were not billed.
    pub not_billed: Share,
    /// Codes the gold wants (its best-fitting alternative) that are missing.
    pub missing_codes: Vec<String>,
    /// Codes that are too many.
    pub extra_codes: Vec<String>,
}

impl NoteScore {
    /// Scores a coding; `text` is the transcript its evidence points into.
    #[must_use]
    pub fn of(coding: &Coding, gold: &Gold, text: &str) -> Self {
        let answer: Vec<Item> = coding
            .lines
            .iter()
            .map(|l| Item::new(l.code.as_str(), l.units, l.modifiers.iter().map(AsRef::as_ref)))
            .collect();
        let wanted = best_fit(&gold.lines.iter().map(line_options).collect::<Vec<_>>(), &answer);
        let lines = counts(wanted.iter().map(|i| &i.code), answer.iter().map(|i| &i.code));
        let whole_lines = counts(wanted.iter(), answer.iter());
        let codes = |items: &[Item]| items.iter().map(|i| i.code.clone()).collect::<BTreeSet<_>>();
        let (want, have) = (codes(&wanted), codes(&answer));

        let said: Vec<Item> = coding.diagnoses.iter().map(|d| Item::new(d.code.as_str(), 1, [])).collect();
        let options: Vec<Options> = gold
            .diagnoses
            .iter()
            .map(|d| options(Item::new(&d.code, 1, []), d.sure, &d.alternatives))
            .collect();
        let right = best_fit(&options, &said);
        let mut score = Self {
            lines,
            whole_lines,
            families: by_family(&wanted, &answer),
            exact: want == have,
            diagnoses: counts(right.iter(), said.iter()),
            missing_codes: want.difference(&have).cloned().collect(),
            extra_codes: have.difference(&want).cloned().collect(),
            ..Self::default()
        };
        // A first diagnosis that may be left off lets the next one lead.
        let optional = options.iter().take_while(|o| o.iter().any(Vec::is_empty)).count();
        if !options.is_empty() {
            let accepted =
                |i: &Item| options.iter().take(optional + 1).flatten().flatten().any(|o| o.code == i.code);
            score.first_listed.count(said.first().is_some_and(accepted));
        }
        score.places(&coding.lines, &gold.lines);
        score.proofs(coding, text);
        for code in gold.not_billed.iter().flat_map(|n| n.code.split('/')) {
            let code = code.trim().to_uppercase();
            if !want.contains(&code) {
                score.not_billed.count(!have.contains(&code));
            }
        }
        score
    }

    /// Levels and sides of lines whose code is right, each gold line taking the coded line that fits best.
    fn places(&mut self, lines: &[CodedLine], gold: &[GoldLine]) {
        let mut taken = vec![false; lines.len()];
        for want in gold {
            let levels: Option<Vec<Level>> = want.levels.iter().map(|l| l.parse().ok()).collect();
            let same_place =
                |l: &CodedLine| levels.as_ref().is_some_and(|w| vertebrae(w) == vertebrae(&l.levels));
            let found = lines
                .iter()
                .enumerate()
                .filter(|(i, l)| !taken[*i] && l.code.as_str() == want.code)
                .max_by_key(|(_, l)| (same_place(l), side(l) == want.laterality));
            let Some((i, line)) = found else { continue };
            taken[i] = true;
            if levels.as_ref().is_some_and(|w| !w.is_empty()) {
                self.levels.count(same_place(line));
            }
            if want.laterality.is_some() {
                self.laterality.count(side(line) == want.laterality);
            }
        }
    }

    fn proofs(&mut self, coding: &Coding, text: &str) {
        let proofs = (coding.lines.iter().map(|l| &l.evidence))
            .chain(coding.diagnoses.iter().map(|d| &d.evidence))
            .chain(coding.not_billed.iter().map(|n| &n.evidence))
            .flat_map(|p| p.passages())
            .chain(coding.queries.iter().flat_map(|q| &q.evidence));
        for evidence in proofs {
            self.evidence.count(evidence.matches(text));
        }
    }
}

fn line_options(line: &GoldLine) -> Options {
    let itself = Item::new(&line.code, line.units, line.modifiers.iter().map(String::as_str));
    options(itself, line.sure, &line.alternatives)
}

fn options(itself: Item, sure: bool, alternatives: &[Vec<String>]) -> Options {
    let mut all = vec![vec![itself]];
    if !sure {
        all.extend(alternatives.iter().map(|set| set.iter().filter_map(|w| Item::parse(w)).collect()));
        all.dedup();
    }
    all
}

fn counts<T: Ord>(
    wanted: impl ExactSizeIterator<Item = T>,
    said: impl ExactSizeIterator<Item = T>,
) -> Counts {
    let (w, s) = (wanted.len(), said.len());
    let hit = common(wanted, said);
    Counts { hit, extra: s - hit, missed: w - hit }
}

/// Lines by code, counted apart for each family of codes.
fn by_family(wanted: &[Item], said: &[Item]) -> BTreeMap<&'static str, Counts> {
    let names: BTreeSet<&'static str> = wanted.iter().chain(said).map(|i| family(&i.code)).collect();
    let of = |items: &[Item], name| -> Vec<String> {
        items.iter().filter(|i| family(&i.code) == name).map(|i| i.code.clone()).collect()
    };
    names.into_iter().map(|name| (name, counts(of(wanted, name).iter(), of(said, name).iter()))).collect()
}

/// The bones a set of levels touches, so that `C5, C6` and `C5-C6` are the same place; joints and pelvis by name.
fn vertebrae(levels: &[Level]) -> BTreeSet<String> {
    levels
        .iter()
        .flat_map(|l| match l.vertebrae() {
            bones if bones.is_empty() => vec![l.to_string()],
            bones => bones.iter().map(ToString::to_string).collect(),
        })
        .collect()
}

/// The side of a line, from its field or its modifiers.
fn side(line: &CodedLine) -> Option<Laterality> {
    let has = |m: &str| line.modifiers.iter().any(|x| *x == m);
    line.laterality.or(if has("50") || (has("LT") && has("RT")) {
        Some(Laterality::Bilateral)
    } else if has("LT") {
        Some(Laterality::Left)
    } else if has("RT") {
        Some(Laterality::Right)
    } else {
        None
    })
}

#[cfg(test)]
mod tests {
    use super::NoteScore;
    use crate::case::Gold;
    use iambilly_claim::Coding;
    use serde_json::json;

    const TEXT: &str = "Fusion L4-L5 with cage. Left side.";

    fn coding(lines: serde_json::Value, diagnoses: serde_json::Value) -> Coding {
        let evidence = json!([{"start": 0, "end": 6, "quote": "Fusion"}]);
        let fill = |mut list: serde_json::Value, line: bool| {
            for item in list.as_array_mut().unwrap() {
                let item = item.as_object_mut().unwrap();
                item.insert("evidence".into(), evidence.clone());
                item.insert("confidence".into(), json!(1.0));
                item.insert("source".into(), json!("rules"));
                if line {
                    for (k, v) in [
                        ("units", json!(1)),
                        ("modifiers", json!([])),
                        ("pointers", json!([])),
                        ("levels", json!([])),
                        ("laterality", json!(null)),
                        ("why", json!("")),
                    ] {
                        item.entry(k).or_insert(v);
                    }
                }
            }
            list
        };
        serde_json::from_value(json!({"dos": "2026-02-02", "payer": "p", "lines": fill(lines, true),
            "diagnoses": fill(diagnoses, false), "not_billed": [], "queries": [], "alternatives": []}))
        .unwrap()
    }

    fn gold(value: serde_json::Value) -> Gold {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_perfect_coding() {
        let c = coding(
            json!([{"code": "22633", "levels": ["L4-L5"]}, {"code": "22840", "levels": ["L4", "L5"]}]),
            json!([{"code": "M43.16"}]),
        );
        let g = gold(
            json!({"lines": [{"code": "22633", "levels": ["L4-L5"]}, {"code": "22840", "levels": ["L4-L5"]}],
            "diagnoses": [{"code": "M43.16"}], "not_billed": [{"code": "63047/63030"}]}),
        );
        let s = NoteScore::of(&c, &g, TEXT);
        assert!(s.exact);
        assert_eq!((s.lines.f1(), s.whole_lines.f1(), s.diagnoses.f1()), (1.0, 1.0, 1.0));
        assert_eq!((s.levels.yes, s.levels.of, s.evidence.of, s.not_billed.yes), (2, 2, 3, 2));
    }

    #[test]
    fn what_is_wrong_is_counted() {
        let c = coding(
            json!([{"code": "22633", "units": 2, "levels": ["L3-L4"], "laterality": "left"}, {"code": "63047"}]),
            json!([{"code": "M48.061"}, {"code": "M43.16"}]),
        );
        let g = gold(
            json!({"lines": [{"code": "22633", "levels": ["L4-L5"], "laterality": "right"}, {"code": "22840"}],
            "diagnoses": [{"code": "M43.16"}], "not_billed": [{"code": "63047"}]}),
        );
        let s = NoteScore::of(&c, &g, "other text");
        assert_eq!((s.lines.hit, s.lines.extra, s.lines.missed), (1, 1, 1));
        assert_eq!(s.whole_lines.hit, 0);
        let family = |name| s.families.get(name).copied().unwrap_or_default();
        assert_eq!((family("laminectomy").extra, family("instrumentation").missed), (1, 1));
        assert_eq!(family("posterior thoracolumbar fusion").hit, 1);
        assert_eq!((s.missing_codes, s.extra_codes), (vec!["22840".to_owned()], vec!["63047".to_owned()]));
        assert_eq!((s.first_listed.yes, s.diagnoses.hit, s.levels.yes, s.laterality.yes), (0, 1, 0, 0));
        assert_eq!((s.evidence.yes, s.not_billed.yes), (0, 0));
    }

    #[test]
    fn alternatives_of_unsure_lines_are_accepted() {
        let g = gold(json!({"lines": [
            {"code": "64635", "modifiers": ["50"], "sure": false, "alternatives": [["64635-RT", "64635-LT"]]},
            {"code": "20930", "sure": false, "alternatives": [["none"], []]},
            {"code": "22513", "sure": true, "alternatives": [["22514"]]}],
            "diagnoses": [{"code": "M47.816", "sure": false, "alternatives": ["M47.817", "none"]}]}));
        let c = coding(
            json!([{"code": "64635", "modifiers": ["RT"]}, {"code": "64635", "modifiers": ["LT"]}, {"code": "22514"}]),
            json!([]),
        );
        let s = NoteScore::of(&c, &g, TEXT);
        assert_eq!(
            (s.whole_lines.hit, s.whole_lines.extra, s.whole_lines.missed),
            (2, 1, 1),
            "sure lines accept nothing else"
        );
        assert_eq!(s.diagnoses.f1(), 1.0);
    }

    #[test]
    fn an_optional_first_diagnosis_lets_the_next_lead() {
        let g = gold(
            json!({"diagnoses": [{"code": "M51.27", "sure": false, "alternatives": ["none"]}, {"code": "M43.16"}, {"code": "I10"}]}),
        );
        let leads = |code: &str| {
            NoteScore::of(&coding(json!([]), json!([{"code": code}])), &g, TEXT).first_listed.yes
        };
        assert_eq!((leads("M51.27"), leads("M43.16"), leads("I10")), (1, 1, 0));
    }
}
