//! Reading what a claim says into what can be sent, noting everything that is missing instead of stopping at the first.

use super::model::{Demographics, Person, Place, Practitioner, Sex};
use crate::error::Lack;
use crate::text::{Npi, Taxonomy, Text, Unfit};
use iambilly_claim::claim::{Address, Provider};
use jiff::civil::Date;

/// What is missing so far.
#[derive(Default)]
pub(super) struct Collect {
    pub(super) lacks: Vec<Lack>,
}

/// States and territories that an address of the United States can name.
const STATES: &str = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY \
                      NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI AS MP AA AE AP";

/// Letters after a name that are no given name.
const CREDENTIALS: [&str; 16] = [
    "MD", "DO", "PA", "PAC", "NP", "DC", "PT", "PHD", "FACS", "FAAOS", "FAANS", "DPM", "RN", "CRNA", "JR",
    "SR",
];

impl Collect {
    pub(super) fn lack(&mut self, item: &str, says: impl Into<String>) {
        self.lacks.push(Lack { item: item.to_owned(), says: says.into() });
    }

    /// Text that must be there; `what` begins a sentence.
    pub(super) fn needed(
        &mut self,
        item: &str,
        what: &str,
        written: Option<&str>,
        most: usize,
    ) -> Option<Text> {
        match Text::of(written.unwrap_or_default(), most) {
            Ok(text) => return Some(text),
            Err(Unfit::Empty) => self.lack(item, format!("{what} is missing.")),
            Err(unfit) => self.unfit(item, what, unfit),
        }
        None
    }

    /// Text that may be there.
    pub(super) fn allowed(
        &mut self,
        item: &str,
        what: &str,
        written: Option<&str>,
        most: usize,
    ) -> Option<Text> {
        match Text::of(written?, most) {
            Ok(text) => return Some(text),
            Err(Unfit::Empty) => {}
            Err(unfit) => self.unfit(item, what, unfit),
        }
        None
    }

    fn unfit(&mut self, item: &str, what: &str, unfit: Unfit) {
        self.lack(
            item,
            match unfit {
                Unfit::Empty => format!("{what} is missing."),
                Unfit::Letters => {
                    format!("{what} has letters that X12 does not have; write it in Latin letters.")
                }
                Unfit::Long(most) => {
                    format!("{what} is longer than the {most} characters there is room for.")
                }
            },
        );
    }

    /// A date that must be there.
    pub(super) fn date(&mut self, item: &str, what: &str, written: Option<&str>) -> Option<Date> {
        let found = written.unwrap_or_default().trim().parse().ok();
        if found.is_none() {
            self.lack(item, format!("{what} is missing or not a date."));
        }
        found
    }

    /// A date that may be there.
    pub(super) fn date_if(&mut self, item: &str, what: &str, written: Option<&str>) -> Option<Date> {
        written.filter(|w| !w.trim().is_empty()).and_then(|w| self.date(item, what, Some(w)))
    }

    /// An NPI that must be there.
    pub(super) fn npi(&mut self, item: &str, whose: &str, written: Option<&str>) -> Option<Npi> {
        let written = written.unwrap_or_default();
        let found = Npi::of(written);
        if found.is_none() {
            let wrong =
                if written.trim().is_empty() { "is missing" } else { "is not a valid number (check digit)" };
            self.lack(item, format!("the NPI of {whose} {wrong}."));
        }
        found
    }

    /// A taxonomy code that may be there.
    pub(super) fn taxonomy(&mut self, item: &str, whose: &str, written: Option<&str>) -> Option<Taxonomy> {
        let written = written.filter(|w| !w.trim().is_empty())?;
        let found = Taxonomy::of(written);
        if found.is_none() {
            self.lack(item, format!("the taxonomy of {whose} is not one: ten characters ending in X."));
        }
        found
    }

    /// An address that must be there; `nine`: with a ZIP of nine digits and no post box.
    pub(super) fn place(
        &mut self,
        item: &str,
        whose: &str,
        written: Option<&Address>,
        nine: bool,
    ) -> Option<Place> {
        let Some(written) = written else {
            self.lack(item, format!("the address of {whose} is missing."));
            return None;
        };
        let street = self.needed(item, &format!("the street of {whose}"), written.line.as_deref(), 55);
        let city = self.needed(item, &format!("the city of {whose}"), written.city.as_deref(), 30);
        let state = self.needed(item, &format!("the state of {whose}"), written.state.as_deref(), 30);
        let zip = self.zip(item, whose, written.zip.as_deref(), nine);
        if let Some(state) = &state
            && !STATES.split(' ').any(|s| s == state.as_str())
        {
            self.lack(item, format!("the state of {whose} is not two letters of a state."));
            return None;
        }
        let street = street?;
        let post_box: String = street.as_str().chars().filter(char::is_ascii_alphanumeric).take(5).collect();
        if nine && post_box.starts_with("POBOX") {
            self.lack(item, format!("the address of {whose} is a post box; X12 wants a street."));
            return None;
        }
        if city.as_ref().is_some_and(|c| c.as_str().len() < 2) {
            self.lack(item, format!("the city of {whose} has one letter."));
            return None;
        }
        let second =
            self.allowed(item, &format!("the second street line of {whose}"), written.line2.as_deref(), 55);
        Some(Place { street, second, city: city?, state: state?, zip: zip? })
    }

    /// An address to which post goes: a post box is one.
    pub(super) fn place_or_box(
        &mut self,
        item: &str,
        whose: &str,
        written: Option<&Address>,
    ) -> Option<Place> {
        self.place(item, whose, written, false)
    }

    fn zip(&mut self, item: &str, whose: &str, written: Option<&str>, nine: bool) -> Option<Text> {
        let written = written.unwrap_or_default().trim();
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        let clean = written.chars().all(|c| c.is_ascii_digit() || c == '-' || c == ' ');
        let good = clean && (digits.len() == 9 || (digits.len() == 5 && !nine));
        if !good {
            let want = if nine { "nine digits" } else { "five or nine digits" };
            self.lack(item, format!("the ZIP of {whose} needs {want}."));
            return None;
        }
        Text::of(&digits, 9).ok()
    }

    /// A person's name in parts.
    pub(super) fn person(
        &mut self,
        item: &str,
        whose: &str,
        last: Option<&str>,
        first: Option<&str>,
    ) -> Option<Person> {
        let last = self.needed(item, &format!("the family name of {whose}"), last, 60);
        let (given, middle) = first.map_or((None, None), |first| {
            let first = first.trim();
            match first.rsplit_once(' ') {
                // A middle initial is told apart; a second given name is part of the given name.
                Some((given, middle)) if middle.trim_end_matches('.').chars().count() == 1 => {
                    (Some(given), Some(middle.trim_end_matches('.')))
                }
                _ => (Some(first), None),
            }
        });
        let first = self.needed(item, &format!("the given name of {whose}"), given, 35);
        let middle = self.allowed(item, &format!("the middle name of {whose}"), middle, 25);
        Some(Person { last: last?, first: Some(first?), middle, suffix: None })
    }

    /// A name with the parts that are written apart.
    pub(super) fn completed(
        &mut self,
        item: &str,
        whose: &str,
        name: Option<Person>,
        middle: Option<&str>,
        suffix: Option<&str>,
    ) -> Option<Person> {
        let middle = self.allowed(item, &format!("the middle name of {whose}"), middle, 25);
        let suffix = self.allowed(item, &format!("the suffix of {whose}"), suffix, 10);
        name.map(|name| Person { middle: middle.or(name.middle), suffix, ..name })
    }

    /// A provider's name: in its parts, or written as `Last, First`.
    pub(super) fn provider_name(&mut self, item: &str, whose: &str, written: &Provider) -> Option<Person> {
        match written.last.as_deref().filter(|l| !l.trim().is_empty()) {
            Some(last) => {
                let name = self.person(item, whose, Some(last), written.first.as_deref());
                // Titles have no place beside a name; generations do.
                let suffix = written
                    .suffix
                    .as_deref()
                    .filter(|s| ["JR", "SR", "II", "III", "IV"].contains(&bare(s).as_str()));
                self.completed(item, whose, name, written.middle.as_deref(), suffix)
            }
            None => self.person_written(item, whose, written.name.as_deref()),
        }
    }

    /// A name written as `Last, First`.
    pub(super) fn person_written(
        &mut self,
        item: &str,
        whose: &str,
        written: Option<&str>,
    ) -> Option<Person> {
        let written = written.unwrap_or_default().trim();
        if written.is_empty() {
            self.lack(item, format!("the name of {whose} is missing."));
            return None;
        }
        match surname_first(written) {
            Some((last, first)) => self.person(item, whose, Some(last), Some(&first)),
            None => {
                self.lack(item, format!("the name of {whose} must be written as “Family name, Given name”."));
                None
            }
        }
    }

    /// A provider who is a person.
    pub(super) fn practitioner(
        &mut self,
        item: &str,
        whose: &str,
        written: &Provider,
    ) -> Option<Practitioner> {
        let name = self.provider_name(item, whose, written);
        let npi = self.npi(item, whose, written.npi.as_deref());
        let taxonomy = self.taxonomy(item, whose, written.taxonomy.as_deref());
        Some(Practitioner { name: name?, npi: npi?, taxonomy })
    }

    /// Birth and sex that must be there.
    pub(super) fn demographics(
        &mut self,
        item: &str,
        whose: &str,
        birth: Option<&str>,
        sex: Option<&str>,
    ) -> Option<Demographics> {
        let birth = self.date(item, &format!("the date of birth of {whose}"), birth);
        let written = sex.unwrap_or_default().trim().to_ascii_uppercase();
        let first: String = written.chars().take(1).collect();
        let known = ["F", "M", "U", "FEMALE", "MALE", "UNKNOWN"].contains(&written.as_str());
        let sex = Sex::of(&first).filter(|_| known);
        if sex.is_none() {
            self.lack(item, format!("the sex of {whose} is F, M or U."));
        }
        Some(Demographics { birth: birth?.into(), sex: sex? })
    }
}

fn bare(text: &str) -> String {
    text.replace(['.', '-', ' '], "").to_ascii_uppercase()
}

/// `Last, First` in its two parts; none where what follows the comma is a title or a company's form.
pub(super) fn surname_first(written: &str) -> Option<(&str, String)> {
    let mut parts = written.split(',').map(str::trim);
    let (last, first) = (parts.next()?, parts.next()?);
    let title = |text: &str| CREDENTIALS.contains(&bare(text).as_str());
    let company = ["LLC", "INC", "PC", "PLLC", "LLP", "LTD", "CORP"].contains(&bare(first).as_str());
    if last.is_empty() || first.is_empty() || title(first) || company || !parts.all(title) {
        return None;
    }
    // A title may follow without a comma.
    let given: Vec<&str> = first.split_whitespace().filter(|w| w.chars().count() == 1 || !title(w)).collect();
    Some((last, given.join(" "))).filter(|(_, given)| !given.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Collect, surname_first};
    use iambilly_claim::claim::Address;

    #[test]
    fn names_are_split_only_where_it_is_sure() {
        for (written, parts) in [
            ("Surgeon, Sam A.", Some(("Surgeon", "Sam A."))),
            ("van der Berg, Ann MD", Some(("van der Berg", "Ann"))),
            ("Surgeon, Sam, MD, FACS", Some(("Surgeon", "Sam"))),
            ("Sam Surgeon, MD", None),
            ("Sam Surgeon", None),
            ("Spine Clinic, LLC", None),
            ("Spine Clinic, P.C.", None),
        ] {
            let found = surname_first(written);
            assert_eq!(found.as_ref().map(|(l, f)| (*l, f.as_str())), parts, "{written}");
        }
        let mut collect = Collect::default();
        let person = collect.person_written("24J", "x", Some("Surgeon, Sam A.")).unwrap();
        assert_eq!(person.middle.unwrap().as_str(), "A");
        assert!(collect.lacks.is_empty());
    }

    #[test]
    fn addresses_say_what_is_wrong_with_them() {
        let address = |zip: &str, line: &str| Address {
            line: Some(line.to_owned()),
            line2: None,
            city: Some("Springfield".to_owned()),
            state: Some("IL".to_owned()),
            zip: Some(zip.to_owned()),
        };
        let said = |address: &Address, nine| {
            let mut collect = Collect::default();
            let place = collect.place("33", "the billing provider", Some(address), nine);
            assert_eq!(place.is_some(), collect.lacks.is_empty());
            collect.lacks.into_iter().map(|l| l.says).collect::<Vec<_>>()
        };
        assert!(said(&address("62701-1234", "1 Test Way"), true).is_empty());
        assert!(said(&address("62701", "1 Test Way"), false).is_empty());
        assert_eq!(
            said(&address("62701", "1 Test Way"), true),
            ["the ZIP of the billing provider needs nine digits."]
        );
        assert!(said(&address("627011234", "P.O. Box 7"), true)[0].contains("post box"));
    }
}
