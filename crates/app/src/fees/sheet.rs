//! A fee schedule as a CSV file: columns found by their names, a bad row refuses the whole with its line.

use super::Charges;
use iambilly_claim::money::Cents;
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::FeeRate;
use std::collections::HashMap;

const CODE: [&str; 5] = ["code", "cpt", "hcpcs", "cpt/hcpcs", "procedure"];
const MODIFIER: [&str; 4] = ["modifier", "mod", "modifiers", "mods"];
const CHARGE: [&str; 6] = ["charge", "fee", "amount", "rate", "price", "charges"];
/// Most rates in a file: every CPT and HCPCS code with some modifiers.
const MOST: usize = 60_000;

fn fault(line: Option<u64>, what: &str) -> Fault {
    let place = line.map(|l| format!("Line {l}: ")).unwrap_or_default();
    Fault::new(
        FaultKind::Input,
        "fee_file_invalid",
        format!("{place}{what}"),
        "Give a CSV file with a header row: code, modifier (optional), charge. Nothing was kept.",
    )
}

/// Largest file read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Reads a fee schedule's rates from a file.
///
/// # Errors
/// `fee_file_invalid` when it cannot be read, is too large or no text, and as [`read`].
pub fn read_file(path: &std::path::Path) -> Result<Charges, Fault> {
    let size = std::fs::metadata(path).map_err(|_| fault(None, "The file cannot be read."))?.len();
    if size > LARGEST {
        return Err(fault(None, "The file is larger than any fee schedule."));
    }
    let text = std::fs::read_to_string(path).map_err(|_| fault(None, "The file cannot be read as text."))?;
    read(&text)
}

/// Reads a fee schedule's rates.
///
/// # Errors
/// `fee_file_invalid` with the line: no header with code and charge, a code or amount that is none, one code and
/// modifier twice, no rows, or far too many.
pub fn read(text: &str) -> Result<Charges, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|d| first.bytes().filter(|b| b == d).count())
        .unwrap_or(b',');
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = rows.headers().map_err(|_| fault(Some(1), "the header row cannot be read."))?.clone();
    let column = |names: &[&str]| header.iter().position(|h| names.contains(&h.to_lowercase().as_str()));
    let (Some(code_at), Some(charge_at)) = (column(&CODE), column(&CHARGE)) else {
        return Err(fault(Some(1), "the header row names no column of codes, or none of charges."));
    };
    let modifier_at = column(&MODIFIER);
    let (mut rates, mut seen) = (vec![], HashMap::new());
    for row in rows.records() {
        let row =
            row.map_err(|e| fault(e.position().map(csv::Position::line), "this row cannot be read."))?;
        let line = row.position().map_or(0, csv::Position::line);
        if row.iter().all(str::is_empty) {
            continue;
        }
        let field = |at: usize| row.get(at).unwrap_or_default();
        let code = field(code_at).to_uppercase();
        let modifier = modifier_at.map(field).unwrap_or_default().to_uppercase();
        let plain = |t: &str, n: usize| t.len() == n && t.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain(&code, 5) {
            return Err(fault(Some(line), "this is not a CPT or HCPCS code of five characters."));
        }
        if !modifier.is_empty() && !plain(&modifier, 2) {
            return Err(fault(Some(line), "a modifier has two characters."));
        }
        let amount: String = field(charge_at).chars().filter(|c| !matches!(c, '$' | ',' | ' ')).collect();
        let charge = match amount.parse::<Cents>() {
            Ok(charge) if (0..=99_999_999).contains(&charge.0) => charge,
            _ => {
                return Err(fault(
                    Some(line),
                    "the charge is not an amount like 1234.50, at most 999999.99.",
                ));
            }
        };
        if let Some(earlier) = seen.insert((code.clone(), modifier.clone()), line) {
            return Err(fault(
                Some(line),
                &format!("this code and modifier stand in line {earlier} already."),
            ));
        }
        rates.push(FeeRate { code, modifier, charge });
        if rates.len() > MOST {
            return Err(fault(Some(line), "more rates than there are codes."));
        }
    }
    if rates.is_empty() {
        return Err(fault(None, "The file has no rates."));
    }
    Ok(Charges::Rates(rates))
}

#[cfg(test)]
mod tests {
    use super::{Charges, read};

    #[test]
    fn columns_are_found_by_name_and_amounts_as_people_write_them() {
        let text = "\u{feff}Description;CPT;Mod;Fee\nlumbar disc;63030;;$4,210.50\nneck disc;22551;62;900\n;;;\nlevel two;63035;;0.5\n";
        let Ok(Charges::Rates(rates)) = read(text) else { panic!() };
        let told: Vec<(String, String, i64)> =
            rates.into_iter().map(|r| (r.code, r.modifier, r.charge.0)).collect();
        let want = [("63030", "", 421_050), ("22551", "62", 90_000), ("63035", "", 50)];
        assert_eq!(told, want.map(|(c, m, a)| (c.to_owned(), m.to_owned(), a)));
    }

    #[test]
    fn a_bad_row_refuses_the_whole_with_its_line() {
        for (text, line) in [
            ("", "Line 1"),
            ("code\n63030\n", "Line 1"),
            ("code,charge\n", "no rates"),
            ("code,charge\n63030,1.00\n6303,2.00\n", "Line 3"),
            ("code,charge\n63030,-1.00\n", "Line 2"),
            ("code,charge\n63030,1.005\n", "Line 2"),
            ("code,charge\n63030,1000000\n", "Line 2"),
            ("code,charge\n63030\n", "Line 2"),
            ("code,mod,charge\n63030,5,1.00\n", "Line 2"),
            ("code,charge\n63030,1.00\n63030,1.00\n", "line 2 already"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(
                fault.code == "fee_file_invalid" && fault.message.contains(line),
                "{text:?}: {}",
                fault.message
            );
        }
    }
}
