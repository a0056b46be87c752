//! The National Provider Identifier's check digit (45 CFR 162.406).

/// Whether a text is an NPI: ten digits whose check digit agrees (ISO 7812, Luhn over 80840 and the number).
#[must_use]
pub fn is_npi(text: &str) -> bool {
    if text.len() != 10 {
        return false;
    }
    let mut sum = 24; // what the prefix 80840 adds
    for (i, c) in text.chars().enumerate() {
        let Some(digit) = c.to_digit(10) else { return false };
        sum += if i % 2 == 0 && i < 9 { digit * 2 / 10 + digit * 2 % 10 } else { digit };
    }
    sum % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::is_npi;

    #[test]
    fn the_check_digit_must_agree() {
        assert!(is_npi("1234567893") && is_npi("1245319599"));
        for bad in ["1234567890", "123456789", "12345678933", "12345A7893", "", "١٢٣٤٥"] {
            assert!(!is_npi(bad), "{bad}");
        }
    }
}
