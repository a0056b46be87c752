//! What the shipped edition says of codes a spine practice meets.

use iambilly_icd10cm::{Edition, Editions, NoteKind, Side, Standing, dotted};
use std::sync::Arc;

fn icd() -> &'static Arc<Edition> {
    Editions::shipped().on(jiff::civil::date(2026, 2, 2))
}

#[test]
fn the_whole_list_is_there() {
    assert_eq!(Editions::shipped().damage(), None);
    assert_eq!(icd().name(), "FY2026, April 1 2026");
    assert_eq!((icd().len(), icd().billable()), (46_881, 74_719));
    assert_eq!(icd().blocks("M50.122").iter().map(|b| b.range).collect::<Vec<_>>(), ["M50-M54", "M00-M99"]);
    assert_eq!(icd().parents("S32.010A"), ["S32.010", "S32.01", "S32.0", "S32"]);
    assert_eq!(icd().parents("M48.062"), ["M48.06", "M48.0", "M48"]);
}

#[test]
fn standing_of_codes() {
    for (code, standing) in [
        ("M48.062", Standing::Billable),
        ("m48062", Standing::Billable),
        ("M48.06", Standing::Heading),
        ("M51.36", Standing::Heading),
        ("M80.08XA", Standing::Billable),
        ("M80.08", Standing::NeedsSeventh),
        ("M80.08XB", Standing::Unknown),
        ("M80.08A", Standing::Unknown),
        ("S22.080A", Standing::Billable),
        ("S22.080", Standing::NeedsSeventh),
        ("T84.216A", Standing::Billable),
        ("Z98.1", Standing::Billable),
        ("M99.999", Standing::Unknown),
        ("", Standing::Unknown),
        ("é", Standing::Unknown),
        ("I10", Standing::Billable),
    ] {
        assert_eq!(icd().standing(code), standing, "{code}");
    }
}

#[test]
fn headings_name_their_billable_codes() {
    assert_eq!(icd().billable_under("M48.06", 9), ["M48.061", "M48.062"]);
    assert_eq!(icd().billable_under("M80.08", 2), ["M80.08XA", "M80.08XD"]);
    assert_eq!(icd().billable_under("M54.5", 9), ["M54.50", "M54.51", "M54.59"]);
}

#[test]
fn seventh_characters_and_the_placeholder() {
    assert_eq!(icd().extend("M80.08", 'd').as_deref(), Some("M80.08XD"));
    assert_eq!(icd().extend("S32.010", 'A').as_deref(), Some("S32.010A"));
    assert_eq!(icd().extend("T84.84", 'A').as_deref(), Some("T84.84XA"));
    assert_eq!(icd().extend("T84.84", 'K'), None, "no such character at this code");
    assert_eq!(icd().extend("M48.062", 'A'), None, "none is required");
    let kinds: String = icd().extensions("S32.010").iter().map(|(c, _)| *c).collect();
    assert_eq!(kinds, "ABDGKS");
    assert_eq!(icd().seventh("M80.08XD").unwrap(), "subsequent encounter for fracture with routine healing");
    assert!(icd().extensions("M48.062").is_empty());
}

#[test]
fn excludes1_in_both_directions_and_inherited() {
    for (a, b, expected) in [
        ("M50.122", "M54.12", true),
        ("M54.12", "M50.122", true),
        ("M51.17", "M54.31", true),
        ("M43.16", "Q76.2", true),
        ("M54.50", "M51.360", true),
        ("M43.16", "M48.062", false),
        ("M54.16", "M48.061", false),
        ("M51.16", "M48.061", false),
        ("G99.2", "C79.51", false),
        ("G99.2", "M50.022", true),
        ("M54.2", "M50.122", true),
        ("M54.17", "M54.2", false),
        ("M80.08XA", "M48.56XA", true),
    ] {
        assert_eq!(icd().excludes1(a, b), expected, "{a} {b}");
    }
    let block = icd().exclusion("M51.26", "M46.46");
    assert!(block.is_none_or(|e| e.block), "a note of the section says so");
}

#[test]
fn notes_say_what_to_code_first_and_with() {
    let names = |code, kind, other| icd().note_names(code, kind, other);
    assert!(names("M84.58XA", NoteKind::CodeAlso, "C79.51") || !icd().notes("M84.58XA").is_empty());
    assert!(icd().notes("G99.2").iter().any(|n| n.kind == NoteKind::CodeFirst));
    assert!(
        names("T84.63XA", NoteKind::UseAdditional, "B95.61")
            || icd().notes("T84.63XA").iter().any(|n| n.kind == NoteKind::UseAdditional)
    );
    let term = icd().notes("M48.061");
    assert_eq!((term[0].kind, term[0].at.as_str()), (NoteKind::InclusionTerm, "M48.061"));
    assert!(icd().notes("no code").is_empty());
}

#[test]
fn titles_sides_sites() {
    assert!(icd().title("M43.16").unwrap().contains("lumbar"));
    assert_eq!(icd().side("M54.31"), Some(Side::Right));
    assert_eq!(icd().site("M50.122"), Some(5..=6));
    assert!(icd().site("M43.17").unwrap().contains(&25));
    assert!(icd().is_manifestation("G99.2") && !icd().is_manifestation("M48.062"));
    assert_eq!(dotted("m48062"), "M48.062");
}
