//! Text as X12 carries it: its character set, dates, amounts, identifiers with their check digits.

use iambilly_claim::money::Cents;
use iambilly_claim::{Phi, npi};
use jiff::civil::{Date, Time};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Text that can stand in an element: of X12's character set in capitals, not empty, without separators. It may
/// identify a patient, so it shows in no log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text(Phi<String>);

/// Why something written cannot stand in an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing is written.
    Empty,
    /// Letters that the character set does not have.
    Letters,
    /// More characters than the element takes.
    Long(usize),
}

impl Text {
    /// Text of at most `most` characters. Marks are taken off letters, separators and line ends become spaces.
    ///
    /// # Errors
    /// What is unfit about it; nothing is cut.
    pub fn of(written: &str, most: usize) -> Result<Self, Unfit> {
        let mut out = String::with_capacity(written.len());
        let mut space = false;
        for c in written.nfkd().filter(|c| !is_combining_mark(*c)) {
            let plain: &str = match c {
                'ß' => "SS",
                'æ' | 'Æ' => "AE",
                'œ' | 'Œ' => "OE",
                'ø' | 'Ø' => "O",
                'ł' | 'Ł' => "L",
                'đ' | 'Đ' | 'ð' | 'Ð' => "D",
                'þ' | 'Þ' => "TH",
                'ı' => "I",
                '‘' | '’' | '‚' | 'ʼ' => "'",
                '“' | '”' | '„' => "\"",
                '‐' | '‑' | '–' | '—' | '−' => "-",
                '⁄' => "/",
                _ => "",
            };
            if !plain.is_empty() {
                separate(&mut out, &mut space);
                out.push_str(plain);
            } else if c.is_whitespace() || matches!(c, '*' | ':' | '^' | '~') {
                space = true;
            } else if c.is_ascii_graphic() && c != '`' {
                separate(&mut out, &mut space);
                out.push(c.to_ascii_uppercase());
            } else {
                return Err(Unfit::Letters);
            }
        }
        match out.len() {
            0 => Err(Unfit::Empty),
            n if n > most => Err(Unfit::Long(most)),
            _ => Ok(Self(out.into())),
        }
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }
}

fn separate(out: &mut String, space: &mut bool) {
    if std::mem::take(space) && !out.is_empty() {
        out.push(' ');
    }
}

/// `CCYYMMDD`.
#[must_use]
pub fn date(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// `HHMM`.
#[must_use]
pub fn time(time: Time) -> String {
    format!("{:02}{:02}", time.hour(), time.minute())
}

/// Reads `CCYYMMDD`.
#[must_use]
pub fn read_date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year = text.get(..4)?.parse().ok()?;
    Date::new(year, text.get(4..6)?.parse().ok()?, text.get(6..8)?.parse().ok()?).ok()
}

/// An amount as X12 writes decimals: no zeros that say nothing (`8200`, `0.5`).
#[must_use]
pub fn amount(cents: Cents) -> String {
    let (sign, of) = (if cents.0 < 0 { "-" } else { "" }, cents.0.unsigned_abs());
    match (of / 100, of % 100) {
        (whole, 0) => format!("{sign}{whole}"),
        (whole, part) if part % 10 == 0 => format!("{sign}{whole}.{}", part / 10),
        (whole, part) => format!("{sign}{whole}.{part:02}"),
    }
}

/// Reads an amount; parts of a cent are refused, zeros after it are not.
#[must_use]
pub fn read_amount(text: &str) -> Option<Cents> {
    let (digits, sign) = text.strip_prefix('-').map_or((text, 1), |rest| (rest, -1));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && part.is_empty()) || whole.len() > 15 {
        return None;
    }
    let part = if part.len() > 2 { part.trim_end_matches('0') } else { part };
    let number = |text: &str| -> Option<i64> {
        text.bytes().try_fold(0i64, |n, b| Some(n * 10 + i64::from(char::from(b).to_digit(10)?)))
    };
    let part = match part.len() {
        0 => 0,
        1 => number(part)? * 10,
        2 => number(part)?,
        _ => return None,
    };
    Some(Cents(sign * (number(whole)? * 100 + part)))
}

/// A National Provider Identifier whose check digit agrees (ISO 7812 over 80840 and the number, 45 CFR 162.406).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Npi(String);

impl Npi {
    /// Reads one.
    #[must_use]
    pub fn of(written: &str) -> Option<Self> {
        let written = written.trim();
        npi::is_npi(written).then(|| Self(written.to_owned()))
    }
    /// Its ten digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A provider taxonomy code: ten capitals and digits ending in X.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Taxonomy(String);

impl Taxonomy {
    /// Reads one.
    #[must_use]
    pub fn of(written: &str) -> Option<Self> {
        let written = written.trim().to_ascii_uppercase();
        let form = written.len() == 10
            && written.ends_with('X')
            && written.bytes().all(|b| b.is_ascii_alphanumeric());
        form.then_some(Self(written))
    }
    /// Its ten characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A taxpayer number of nine digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaxId {
    digits: String,
    /// A person's social security number rather than an employer's number.
    pub person: bool,
}

impl TaxId {
    /// Reads `12-3456789` as an employer's and `123-45-6789` as a person's number; without hyphens, an employer's.
    #[must_use]
    pub fn of(written: &str) -> Option<Self> {
        let written = written.trim();
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        let clean = written.chars().all(|c| c.is_ascii_digit() || c == '-');
        let person = written.len() == 11 && written.match_indices('-').map(|(at, _)| at).eq([3, 6]);
        (digits.len() == 9 && clean).then_some(Self { digits, person })
    }
    /// The same, where it is said whether it is a person's.
    #[must_use]
    pub fn of_person(self, person: Option<bool>) -> Self {
        Self { person: person.unwrap_or(self.person), ..self }
    }
    /// Its nine digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digits
    }
}

#[cfg(test)]
mod tests {
    use super::{Npi, TaxId, Taxonomy, Text, Unfit, amount, read_amount, read_date};
    use iambilly_claim::money::Cents;

    #[test]
    fn text_is_folded_never_cut() {
        for (written, text) in [
            ("  José  Ñuñez-Øster ", "JOSE NUNEZ-OSTER"),
            ("O’Brien", "O'BRIEN"),
            ("level: L4~L5*now", "LEVEL L4 L5 NOW"),
            ("Straße\n7", "STRASSE 7"),
        ] {
            assert_eq!(Text::of(written, 60).unwrap().as_str(), text);
        }
        assert_eq!(Text::of(" ~ ", 9), Err(Unfit::Empty));
        assert_eq!(Text::of("李", 9), Err(Unfit::Letters));
        assert_eq!(Text::of("abcdef", 5), Err(Unfit::Long(5)));
        assert_eq!(format!("{:?}", Text::of("Exampleby", 60)), "Ok(Text([PHI]))");
    }

    #[test]
    fn amounts_go_out_and_come_back() {
        for (cents, text) in
            [(820_000, "8200"), (50, "0.5"), (5, "0.05"), (-150, "-1.5"), (0, "0"), (12_345, "123.45")]
        {
            assert_eq!(amount(Cents(cents)), text);
            assert_eq!(read_amount(text), Some(Cents(cents)));
        }
        assert_eq!(read_amount("12.5000"), Some(Cents(1250)));
        assert_eq!(read_amount(".5"), Some(Cents(50)));
        for bad in ["", "-", "1,000", "1.234", "1e3", "+1", "9999999999999999"] {
            assert_eq!(read_amount(bad), None, "{bad}");
        }
    }

    #[test]
    fn identifiers_are_checked() {
        assert!(
            Npi::of("1234567893").is_some()
                && Npi::of("1234567890").is_none()
                && Npi::of("12345678933").is_none()
        );
        assert!(Taxonomy::of("207xs0117x").is_some() && Taxonomy::of("207").is_none());
        assert!(!TaxId::of("12-3456789").unwrap().person && TaxId::of("123-45-6789").unwrap().person);
        assert!(TaxId::of("12345678").is_none() && TaxId::of("12 3456789").is_none());
        assert!(
            read_date("20260230").is_none()
                && read_date("2026021").is_none()
                && read_date("20260202").is_some()
        );
    }
}
