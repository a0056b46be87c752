//! What a gold line accepts: the line itself, or any of its alternatives.
//!
//! The best choice is searched over all unsure lines together, because one answer may satisfy only one of them.

use std::collections::BTreeMap;

/// A line reduced to what is compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    pub(crate) code: String,
    pub(crate) units: u32,
    pub(crate) modifiers: Vec<String>,
}

impl Item {
    pub(crate) fn new<'a>(code: &str, units: u32, modifiers: impl IntoIterator<Item = &'a str>) -> Self {
        // The gold carries no 51 and no assistant modifiers: the payer or the assistant's claim adds them.
        let mut modifiers: Vec<String> = modifiers
            .into_iter()
            .map(str::to_uppercase)
            .filter(|m| !["51", "80", "81", "82", "AS"].contains(&m.as_str()))
            .collect();
        modifiers.sort();
        modifiers.dedup();
        Self { code: code.to_uppercase(), units, modifiers }
    }

    /// Reads `22845`, `63047-59`, `63272-22-78`, `22512 x2`, `64520-50x2`; `none` is no item.
    pub(crate) fn parse(written: &str) -> Option<Self> {
        let written = written.trim();
        if written.is_empty() || written.eq_ignore_ascii_case("none") {
            return None;
        }
        let lower = written.to_lowercase();
        let (head, units) = match lower.rsplit_once('x') {
            Some((head, n)) => match n.trim().parse() {
                Ok(units) => (head.trim().to_owned(), units),
                Err(_) => (lower.clone(), 1),
            },
            None => (lower.clone(), 1),
        };
        let mut parts = head.split('-').map(str::trim);
        let code = parts.next()?;
        Some(Self::new(code, units, parts.filter(|m| !m.is_empty())))
    }
}

/// The acceptable sets of one gold line; the first is the gold itself.
pub(crate) type Options = Vec<Vec<Item>>;

/// How many products of options are searched before falling back to one line at a time.
const SEARCH_LIMIT: usize = 20_000;

/// The choice of options that fits the answer best: most codes right first, then most whole lines.
pub(crate) fn best_fit(gold: &[Options], answer: &[Item]) -> Vec<Item> {
    let products: usize =
        gold.iter().map(Vec::len).try_fold(1, |a: usize, b| a.checked_mul(b)).unwrap_or(usize::MAX);
    let mut choice = vec![0; gold.len()];
    if products <= SEARCH_LIMIT {
        let mut best = choice.clone();
        let mut score = fit(gold, &choice, answer);
        while advance(&mut choice, gold) {
            let new = fit(gold, &choice, answer);
            if new > score {
                (best, score) = (choice.clone(), new);
            }
        }
        choice = best;
    } else {
        for line in 0..gold.len() {
            let mut best = (fit(gold, &choice, answer), 0);
            for option in 1..gold[line].len() {
                choice[line] = option;
                let new = fit(gold, &choice, answer);
                if new > best.0 {
                    best = (new, option);
                }
            }
            choice[line] = best.1;
        }
    }
    chosen(gold, &choice)
}

fn chosen(gold: &[Options], choice: &[usize]) -> Vec<Item> {
    gold.iter().zip(choice).flat_map(|(options, i)| options.get(*i).cloned().unwrap_or_default()).collect()
}

/// Counts up like an odometer; false when it is back at the start.
fn advance(choice: &mut [usize], gold: &[Options]) -> bool {
    for (digit, options) in choice.iter_mut().zip(gold) {
        *digit += 1;
        if *digit < options.len() {
            return true;
        }
        *digit = 0;
    }
    false
}

/// Twice the hits less the misses and extras, by code and then by whole line.
fn fit(gold: &[Options], choice: &[usize], answer: &[Item]) -> (i64, i64) {
    let gold = chosen(gold, choice);
    let score = |hits: usize| {
        let all = i64::try_from(gold.len() + answer.len()).unwrap_or(i64::MAX);
        4 * i64::try_from(hits).unwrap_or(i64::MAX) - all
    };
    (
        score(common(gold.iter().map(|i| &i.code), answer.iter().map(|i| &i.code))),
        score(common(gold.iter(), answer.iter())),
    )
}

/// Size of the intersection of two bags.
pub(crate) fn common<T: Ord>(a: impl Iterator<Item = T>, b: impl Iterator<Item = T>) -> usize {
    let mut bag: BTreeMap<T, usize> = BTreeMap::new();
    for x in a {
        *bag.entry(x).or_default() += 1;
    }
    b.filter(|x| {
        bag.get_mut(x).is_some_and(|n| {
            let some = *n > 0;
            *n = n.saturating_sub(1);
            some
        })
    })
    .count()
}

#[cfg(test)]
mod tests {
    use super::{Item, best_fit, common};

    #[test]
    fn notations() {
        for (written, code, units, modifiers) in [
            ("22845", "22845", 1, vec![]),
            ("63047-59", "63047", 1, vec!["59"]),
            ("27096-RT-59", "27096", 1, vec!["59", "RT"]),
            ("22512 x2", "22512", 2, vec![]),
            ("64520-50x2", "64520", 2, vec!["50"]),
        ] {
            let item = Item::parse(written).unwrap();
            assert_eq!((item.code.as_str(), item.units), (code, units), "{written}");
            assert_eq!(item.modifiers, modifiers, "{written}");
        }
        assert_eq!(Item::parse("none"), None);
    }

    #[test]
    fn one_answer_satisfies_one_line_only() {
        let item = |code: &str| Item::new(code, 1, []);
        let gold = vec![vec![vec![item("22510")], vec![item("22512")]], vec![vec![item("22512")], vec![]]];
        assert_eq!(best_fit(&gold, &[item("22512")]), [item("22512")]);
        assert_eq!(best_fit(&gold, &[item("22510")]), [item("22510")]);
        assert_eq!(best_fit(&gold, &[item("22510"), item("22512")]), [item("22510"), item("22512")]);
    }

    #[test]
    fn bags() {
        assert_eq!(common([1, 1, 2].iter(), [1, 1, 1, 3].iter()), 2);
    }
}
