//! Whether a patient of an EMR is the claim's: the date of birth must agree; what else differs is said, and a person
//! answers for it.

use iambilly_claim::Phi;
use iambilly_claim::claim::Patient;
use iambilly_emr::RemotePatient;

/// What the comparison says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Match {
    /// Name, date of birth and sex agree.
    Same,
    /// It may be the same person: what differs or is missing, in words without a patient.
    Unsure(Vec<&'static str>),
    /// Another date of birth: another person.
    Other,
}

/// Words of a name: letters only, in lower case.
fn words(name: &Phi<Option<String>>) -> Vec<String> {
    let name = name.expose().clone().unwrap_or_default().to_lowercase();
    name.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// Whether two names have a word in common: a second family name, a hyphen or a middle name is no difference. A given name
/// may be an initial; in a family name a lone letter says nothing.
fn share(ours: &[String], theirs: &[String], initials: bool) -> bool {
    let letter = |word: &String| word.chars().count() == 1;
    let fits = |a: &String, b: &String| match letter(a) || letter(b) {
        true => initials && (a.starts_with(b.as_str()) || b.starts_with(a.as_str())),
        false => a == b,
    };
    ours.iter().any(|a| theirs.iter().any(|b| fits(a, b)))
}

/// Compares.
pub(super) fn compare(ours: &Patient, theirs: &RemotePatient) -> Match {
    let mut unsure = vec![];
    match (ours.birth_date.expose(), theirs.birth_date.expose()) {
        (Some(a), Some(b)) if a != b => return Match::Other,
        (Some(_), Some(_)) => {}
        (None, _) => unsure.push("the claim has no date of birth"),
        (_, None) => unsure.push("the EMR has no date of birth"),
    }
    // An EMR that has a name as one text only has all of it in the family's place.
    let whole = [words(&theirs.last), words(&theirs.first)].concat();
    if !share(&words(&ours.last), &whole, false) {
        unsure.push("the family name differs");
    }
    if !share(&words(&ours.first), &whole, true) {
        unsure.push("the given name differs");
    }
    let sex = |s: &Phi<Option<String>>| s.expose().clone().filter(|s| s == "F" || s == "M");
    if let (Some(a), Some(b)) = (sex(&ours.sex), sex(&theirs.sex))
        && a != b
    {
        unsure.push("the sex differs");
    }
    if theirs.inactive {
        unsure.push("the EMR says that this record is no longer used");
    }
    if unsure.is_empty() { Match::Same } else { Match::Unsure(unsure) }
}

#[cfg(test)]
mod tests {
    use super::{Match, compare};
    use iambilly_claim::claim::Patient;
    use iambilly_emr::RemotePatient;

    #[test]
    fn who_is_the_same_person() {
        let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty()).into();
        let of = |last: &str, first: &str, born: &str, sex: &str| Patient {
            last: some(last),
            first: some(first),
            birth_date: some(born),
            sex: some(sex),
            ..Patient::default()
        };
        let there = |last: &str, first: &str, born: &str, sex: &str, inactive| RemotePatient {
            last: some(last),
            first: some(first),
            birth_date: some(born),
            sex: some(sex),
            inactive,
            ..RemotePatient::default()
        };
        let ours = of("O'Neil-Smith", "Ada", "1960-05-04", "F");
        let same = [
            there("ONEIL SMITH", "ADA JO", "1960-05-04", "F", false),
            there("Smith", "A", "1960-05-04", "U", false),
            there("Ada Smith", "", "1960-05-04", "F", false),
        ];
        for theirs in same {
            assert_eq!(compare(&ours, &theirs), Match::Same, "{:?}", theirs.last.expose());
        }
        let unsure = [
            (there("Jones", "Ada", "1960-05-04", "F", false), "the family name differs"),
            (there("Owens", "Ada", "1960-05-04", "F", false), "the family name differs"),
            (there("Smith", "Bea", "1960-05-04", "F", false), "the given name differs"),
            (there("Smith", "Ada", "1960-05-04", "M", false), "the sex differs"),
            (there("Smith", "Ada", "", "F", false), "the EMR has no date of birth"),
            (
                there("Smith", "Ada", "1960-05-04", "F", true),
                "the EMR says that this record is no longer used",
            ),
        ];
        for (theirs, why) in unsure {
            assert_eq!(compare(&ours, &theirs), Match::Unsure(vec![why]));
        }
        assert_eq!(compare(&ours, &there("O'Neil-Smith", "Ada", "1961-05-04", "F", false)), Match::Other);
    }
}
