//! The side and the part of the spine a code's title names.

use crate::code::bare;
use crate::edition::Edition;
use std::ops::RangeInclusive;

/// A side named in a code's title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Left only.
    Left,
    /// Right only.
    Right,
    /// Both sides.
    Both,
}

/// Widest reading of each region's name, so that a mismatch is a real one. Places count from the top of the
/// spine as [`iambilly_claim::Vertebra::index`]: occiput 0, C1 1, T1 8, L1 20, S1 25.
const REGIONS: [(&str, u8, u8); 16] = [
    ("occipito-atlanto-axial", 0, 3),
    ("high cervical", 0, 4),
    ("mid-cervical", 3, 7),
    ("cervicothoracic region", 6, 10),
    ("thoracolumbar region", 17, 22),
    ("lumbosacral region", 23, 26),
    ("sacral and sacrococcygeal", 24, 29),
    ("cervical region", 0, 8),
    ("thoracic region", 7, 20),
    ("lumbar region", 19, 25),
    ("cervical vertebra", 0, 8),
    ("thoracic vertebra", 8, 19),
    ("lumbar vertebra", 20, 24),
    ("cervicalgia", 0, 8),
    ("pain in thoracic spine", 8, 20),
    ("low back pain", 19, 29),
];
const ORDINALS: [&str; 7] = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"];

fn vertebra(word: &str) -> Option<u8> {
    let mut chars = word.chars();
    let top = match chars.next()? {
        'c' => 0,
        't' => 7,
        'l' => 19,
        's' => 24,
        _ => return None,
    };
    let number: u8 = chars.as_str().parse().ok().filter(|n| *n <= 12)?;
    Some(top + number)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty())
}

fn site_of(title: &str, code: &str) -> Option<RangeInclusive<u8>> {
    let low = title.to_ascii_lowercase();
    if low.contains("lumbosacral region") && !code.starts_with("M54") {
        return Some(24..=26); // a disc or joint is L5-S1; a root (M54) may leave higher
    }
    if low.contains("level") || low.contains("vertebra") {
        let pair = low.split(' ').filter_map(|w| w.split_once('-')).find_map(|(a, b)| {
            Some((vertebra(a)?, vertebra(b.trim_end_matches(|c: char| !c.is_ascii_digit()))?))
        });
        if let Some((a, b)) = pair {
            return Some(a.min(b)..=a.max(b));
        }
    }
    let all: Vec<&str> = words(&low).collect();
    for three in all.windows(3) {
        let [ordinal, region, "vertebra"] = three else { continue };
        let Some(n) = ORDINALS.iter().position(|o| o == ordinal) else { continue };
        let letter = region.chars().next().filter(|_| matches!(*region, "cervical" | "thoracic" | "lumbar"));
        if let Some(v) = letter.and_then(|l| vertebra(&format!("{l}{}", n + 1))) {
            return Some(v..=v);
        }
    }
    if low.contains("multiple sites") || (low.contains("unspecified") && !low.contains("region")) {
        return None;
    }
    REGIONS.iter().find(|(name, ..)| low.contains(name)).map(|(_, a, b)| *a..=*b)
}

impl Edition {
    /// Places from the top of the spine (see [`iambilly_claim::Vertebra::index`]) the code's title names.
    #[must_use]
    pub fn site(&self, code: &str) -> Option<RangeInclusive<u8>> {
        let (i, _) = self.find(&bare(code))?;
        let row = self.row(i)?;
        site_of(self.text(row.title), self.text(row.code))
    }
    /// The side the code's title names.
    #[must_use]
    pub fn side(&self, code: &str) -> Option<Side> {
        let low = self.title(code)?.to_ascii_lowercase();
        let has = |side: &str| words(&low).any(|w| w == side);
        match (has("bilateral"), has("left"), has("right")) {
            (true, ..) => Some(Side::Both),
            (_, true, false) => Some(Side::Left),
            (_, false, true) => Some(Side::Right),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::site_of;

    #[test]
    fn sites_by_title() {
        for (title, code, site) in [
            ("Cervical disc disorder at C5-C6 level with radiculopathy", "M50122", Some(5..=6)),
            ("Wedge compression fracture of first lumbar vertebra", "S32010", Some(20..=20)),
            ("Wedge compression fracture of T11-T12 vertebra", "S22080", Some(18..=19)),
            ("Spinal stenosis, lumbar region with neurogenic claudication", "M48062", Some(19..=25)),
            ("Spondylolisthesis, lumbosacral region", "M4317", Some(24..=26)),
            ("Radiculopathy, lumbosacral region", "M5417", Some(23..=26)),
            ("Scoliosis, unspecified", "M419", None),
            ("Essential (primary) hypertension", "I10", None),
        ] {
            assert_eq!(site_of(title, code), site, "{title}");
        }
    }
}
