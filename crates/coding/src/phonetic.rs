//! How alike two spellings sound: letters to phonemes, and an edit distance that knows which phonemes a listener
//! takes for each other.
//!
//! A recogniser that does not know a term writes ordinary words that sound like it, cut where it pleases ("ver to
//! bro plasty"), so the words of a window are joined before they are compared. Sounds made at the same place are
//! near (p and b, t and d, s and z), vowels are near each other and cheap to lose, a stop behind a nasal ("lamb",
//! "and") is hardly heard. Weights follow the usual confusion of English consonants by voice, place and manner.

/// The sounds of a spelling, one byte each: consonants as `b C d D f g G h j k l m n p r s S t T v w z`, vowels as
/// `a e i o u`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sounds {
    bytes: Vec<u8>,
    /// What each costs to lose where it stands.
    losses: Vec<u32>,
    /// What it would cost to lose them all.
    weight: u32,
    counts: [u8; GROUPS],
    /// The group of the first consonant: what a listener seldom misses.
    first: usize,
    /// Which groups of consonants follow each other, a bit for each pair.
    pairs: u64,
}

/// Groups of sounds that are taken for each other; the first, the vowels and what is hardly heard, is not counted.
const GROUPS: usize = 8;

const fn group(sound: u8) -> usize {
    match sound {
        b'p' | b'b' => 1,
        b't' | b'd' => 2,
        b'k' | b'g' => 3,
        b'f' | b'v' => 4,
        b's' | b'z' | b'S' | b'C' | b'G' => 5,
        b'm' | b'n' => 6,
        b'l' | b'r' => 7,
        _ => 0,
    }
}

/// The least that a sound of a group costs where the other word has none for it: what it costs to lose it, or half of
/// what it costs to take it for one of another group.
const LEAST: [u32; GROUPS] = [0, 30, 30, 30, 35, 35, 35, 35];

const fn vowel(sound: u8) -> bool {
    matches!(sound, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// What it costs to lose or gain a sound, in hundredths.
const fn loss(sound: u8) -> u32 {
    match sound {
        b'a' | b'e' | b'i' | b'o' | b'u' => 35,
        b'h' | b'w' | b'j' => 40,
        b't' | b'd' => 75,
        _ => 95,
    }
}

/// What it costs to take one sound for another, in hundredths.
fn taken_for(a: u8, b: u8) -> u32 {
    if a == b {
        return 0;
    }
    match (vowel(a), vowel(b)) {
        (true, true) => return 22,
        (true, false) | (false, true) => return 130,
        _ => {}
    }
    let pair = |x: u8, y: u8| (a == x && b == y) || (a == y && b == x);
    let is = |list: &[(u8, u8)]| list.iter().any(|(x, y)| pair(*x, *y));
    if is(&[(b'p', b'b'), (b't', b'd'), (b'k', b'g'), (b'f', b'v'), (b's', b'z'), (b'C', b'G')]) {
        25
    } else if is(&[
        (b'm', b'n'),
        (b's', b'S'),
        (b'z', b'S'),
        (b'S', b'C'),
        (b'T', b't'),
        (b'T', b'd'),
        (b'T', b'f'),
        (b'T', b's'),
        (b'G', b'S'),
        (b'G', b'z'),
    ]) {
        45
    } else if is(&[
        (b'k', b'C'),
        (b'g', b'G'),
        (b't', b'C'),
        (b'd', b'G'),
        (b'l', b'r'),
        (b'b', b'v'),
        (b'v', b'w'),
        (b't', b'k'),
        (b'p', b't'),
    ]) {
        70
    } else {
        110
    }
}

/// Further than any two words are apart.
const FAR: u32 = 1_000_000;
/// How far the ways of two words may part and meet again, in sounds.
const BAND: usize = 4;

impl Sounds {
    /// The sounds of some words said without a pause; letters only, lower case.
    pub(crate) fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut bytes = vec![];
        for w in words {
            word(w.as_bytes(), &mut bytes);
        }
        bytes.dedup();
        let mut counts = [0_u8; GROUPS];
        for b in &bytes {
            if let Some(c) = counts.get_mut(group(*b)) {
                *c = c.saturating_add(1);
            }
        }
        let weight = bytes.iter().map(|b| loss(*b)).sum();
        let first = bytes.iter().map(|b| group(*b)).find(|g| *g > 0).unwrap_or(0);
        let consonants: Vec<usize> = bytes.iter().map(|b| group(*b)).filter(|g| *g > 0).collect();
        let pairs = consonants.windows(2).fold(0_u64, |set, w| match w {
            [a, b] => set | 1 << (a * GROUPS + b),
            _ => set,
        });
        let losses = bytes.iter().enumerate().map(|(i, b)| lost(&bytes, i, *b)).collect();
        Self { bytes, losses, weight, counts, first, pairs }
    }

    /// Whether two words may be worth comparing: they begin with sounds that are taken for each other, and share two
    /// in five of the pairs of consonants of the one that has fewer.
    pub(crate) const fn comparable(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.pairs.count_ones(), other.pairs.count_ones());
        let fewer = if ours < theirs { ours } else { theirs };
        self.first == other.first && (self.pairs & other.pairs).count_ones() * 5 >= fewer * 2
    }

    /// The most alike two words of these sounds can be, by the sounds that one has more of than the other.
    pub(crate) fn bound(&self, other: &Self) -> f64 {
        let apart: u32 = (self.counts.iter().zip(&other.counts).zip(LEAST))
            .map(|((a, b), least)| u32::from(a.abs_diff(*b)) * least)
            .sum();
        1.0 - f64::from(apart) / f64::from(self.weight.max(other.weight).max(1))
    }

    /// How alike they sound, 0 to 1.
    pub(crate) fn likeness(&self, other: &Self) -> f64 {
        self.likeness_from(other, 0.0).unwrap_or(0.0)
    }

    /// How alike they sound, if at least as much as a floor.
    pub(crate) fn likeness_from(&self, other: &Self, floor: f64) -> Option<f64> {
        let whole = f64::from(self.weight.max(other.weight).max(1));
        // Where a path strays further from the diagonal than this, it has lost too much.
        let allowed = (1.0 - floor.max(0.0)) * whole + 1.0;
        let stray =
            if floor > 0.0 { self.bytes.len().abs_diff(other.bytes.len()) + BAND } else { usize::MAX };
        let mut row: Vec<u32> = Vec::with_capacity(other.bytes.len() + 1);
        row.push(0);
        let mut sum = 0;
        for l in &other.losses {
            sum += l;
            row.push(sum);
        }
        for (i, (x, gone)) in self.bytes.iter().zip(&self.losses).enumerate() {
            let mut corner = row.first().copied().unwrap_or(0);
            let mut left = corner + gone;
            if let Some(first) = row.first_mut() {
                *first = left;
            }
            let mut least = left;
            let from = i.saturating_sub(stray);
            let cells = row.iter_mut().skip(1).zip(other.bytes.iter().zip(&other.losses));
            for (j, (cell, (y, theirs))) in cells.enumerate() {
                let above = *cell;
                if j < from || j > i.saturating_add(stray) {
                    (corner, left) = (above, FAR);
                    *cell = FAR;
                    continue;
                }
                let best = (corner + taken_for(*x, *y)).min(above + gone).min(left + theirs);
                (corner, left) = (above, best);
                *cell = best;
                least = least.min(best);
            }
            if f64::from(least) > allowed {
                return None;
            }
        }
        let likeness = 1.0 - f64::from(row.last().copied().unwrap_or(0)) / whole;
        (likeness >= floor).then_some(likeness)
    }
}

/// The cost of losing the sound at a place: a stop behind its nasal or before another consonant is hardly heard.
fn lost(sounds: &[u8], at: usize, sound: u8) -> u32 {
    let before = at.checked_sub(1).and_then(|i| sounds.get(i)).copied();
    let after = sounds.get(at + 1).copied();
    match (sound, before, after) {
        (b'b' | b'p', Some(b'm'), _) | (b'd' | b't', Some(b'n'), _) | (b'g' | b'k', Some(b'n'), _) => 30,
        (b'd' | b't', _, Some(n)) if !vowel(n) => 45,
        (b'd' | b't' | b's' | b'z', _, None) => 45,
        _ => loss(sound),
    }
}

/// Adds the sounds of one word.
fn word(w: &[u8], out: &mut Vec<u8>) {
    let at = |i: usize| w.get(i).copied().unwrap_or(0);
    let soft = |c: u8| matches!(c, b'e' | b'i' | b'y');
    let mut i = 0;
    while i < w.len() {
        let rest = w.get(i..).unwrap_or(&[]);
        let begins = |s: &str| rest.starts_with(s.as_bytes());
        let last = |n: usize| i + n == w.len();
        let (sounds, used): (&[u8], usize) = if begins("tion")
            || begins("sion")
            || begins("shin")
            || begins("cian")
        {
            (b"San", 4)
        } else if begins("ture") {
            (b"Cur", 4)
        } else if begins("cious") || begins("tious") {
            (b"Sus", 5)
        } else if begins("igh") {
            (b"i", 3)
        } else if begins("ough") || begins("augh") {
            (b"o", 4)
        } else if begins("sch") || begins("shw") {
            (b"S", if begins("shw") { 2 } else { 3 })
        } else if begins("tch") {
            (b"C", 3)
        } else if begins("ph") {
            (b"f", 2)
        } else if begins("sh") {
            (b"S", 2)
        } else if begins("ch") {
            (if at(i + 2) == b'r' || at(i + 2) == b'l' || at(i + 2) == b'o' { b"k" } else { b"C" }, 2)
        } else if begins("th") {
            (b"T", 2)
        } else if begins("ck") || begins("cc") && !soft(at(i + 2)) || begins("cq") {
            (b"k", 2)
        } else if begins("sc") && soft(at(i + 2)) {
            (b"s", 2)
        } else if begins("qu") {
            (b"kw", 2)
        } else if begins("gh") {
            (if i == 0 { b"g" } else { b"" }, 2)
        } else if begins("dg") && soft(at(i + 2)) {
            (b"G", 2)
        } else if i == 0 && (begins("kn") || begins("gn") || begins("pn")) {
            (b"n", 2)
        } else if i == 0 && begins("wr") || begins("rh") {
            (b"r", 2)
        } else if i == 0 && (begins("ps") || begins("x")) {
            (if begins("ps") { b"s" } else { b"z" }, if begins("ps") { 2 } else { 1 })
        } else if (begins("mb") || begins("mn")) && last(2) {
            (b"m", 2)
        } else if begins("oo") || begins("ou") || begins("ew") || begins("ue") || begins("eu") {
            (b"u", 2)
        } else if begins("ee") || begins("ea") || begins("ie") || begins("ei") || begins("ey") || begins("ae")
        {
            (b"i", 2)
        } else if begins("ai") || begins("ay") {
            (b"e", 2)
        } else if begins("oa") || begins("ow") || begins("au") || begins("aw") || begins("oe") {
            (b"o", 2)
        } else {
            let one: &[u8] = match at(i) {
                b'c' => {
                    if soft(at(i + 1)) {
                        b"s"
                    } else {
                        b"k"
                    }
                }
                b'g' => {
                    if soft(at(i + 1)) {
                        b"G"
                    } else {
                        b"g"
                    }
                }
                b'j' => b"G",
                b'q' => b"k",
                b'x' => b"ks",
                b'y' => {
                    if i == 0 {
                        b"j"
                    } else {
                        b"i"
                    }
                }
                // A final e is silent, but alone it is said.
                b'e' if last(1) && w.len() > 2 => b"",
                b'h' if i > 0 => b"",
                b's' if last(1) && i > 1 && !matches!(at(i - 1), b's' | b'u' | b'i') => b"z",
                c @ b'a'..=b'z' => {
                    out.push(c);
                    b""
                }
                _ => b"",
            };
            (one, 1)
        };
        out.extend_from_slice(sounds);
        i += used.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::Sounds;

    fn alike(a: &str, b: &str) -> f64 {
        let of = |s: &str| Sounds::of(s.split(' ').collect::<Vec<_>>());
        of(a).likeness(&of(b))
    }

    #[test]
    fn what_sounds_alike_is_near() {
        for (heard, said) in [
            ("ver to bro plasty", "vertebroplasty"),
            ("kife o plasty", "kyphoplasty"),
            ("lamb in ectomy", "laminectomy"),
            ("fay set", "facet"),
            ("spondy low listhesis", "spondylolisthesis"),
            ("osteo my lights", "osteomyelitis"),
            ("fora minotomy", "foraminotomy"),
            ("poster lateral", "posterolateral"),
        ] {
            assert!(alike(heard, said) > 0.84, "{heard}: {}", alike(heard, said));
        }
    }

    #[test]
    fn what_sounds_different_is_far() {
        for (heard, said) in [
            ("metastasis", "hemostasis"),
            ("supplementation", "instrumentation"),
            ("anterior", "posterior"),
            ("extradural", "intradural"),
            ("discectomy", "vertebrectomy"),
            ("laminotomy", "laminectomy"),
        ] {
            assert!(alike(heard, said) < 0.84, "{heard}: {}", alike(heard, said));
        }
    }

    #[test]
    fn the_bound_never_hides_a_likeness() {
        let words = [
            "laminectomy",
            "lamb in ectomy",
            "fay set",
            "facet",
            "pedal",
            "pedicle",
            "and",
            "osteophyte",
            "ostia fight",
            "x",
        ];
        for a in words {
            for b in words {
                let (x, y) = (Sounds::of(a.split(' ')), Sounds::of(b.split(' ')));
                assert!(x.bound(&y) >= x.likeness(&y) - 1e-9, "{a} {b}");
                let floor = x.likeness_from(&y, 0.8);
                assert_eq!(floor, Some(x.likeness(&y)).filter(|l| *l >= 0.8), "{a} {b}");
                assert!((x.likeness(&y) - y.likeness(&x)).abs() < 1e-9);
            }
        }
    }
}
