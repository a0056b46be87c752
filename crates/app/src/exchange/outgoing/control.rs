//! Control numbers: of files, and of the claims in them.

use iambilly_claim::ids::ClaimId;
use jiff::Timestamp;
use jiff::civil::DateTime;

/// Seconds from 1970 to 2020.
const EPOCH: i64 = 1_577_836_800;

/// The next control number: above the last, and at least the seconds since 2020, so that an older backup that is
/// restored gives no number a second time. Nine digits last until 2051.
pub(super) fn next_control(last: u32, now: Timestamp) -> u32 {
    let clock = u32::try_from(now.as_second().saturating_sub(EPOCH)).unwrap_or(0);
    (last + 1).max(clock.min(999_999_998))
}

/// The clock of a file is UTC: it must not depend on the machine's place.
pub(super) fn utc(at: Timestamp) -> DateTime {
    at.to_zoned(jiff::tz::TimeZone::UTC).datetime()
}

/// The number by which answers name a claim: the random half of its id, and how often it was sent. Fifteen letters
/// and digits; the standard has room for twenty.
pub(super) fn claim_control(id: ClaimId, times: u32) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let letter = |n: u64| LETTERS.get(usize::try_from(n & 31).unwrap_or(0)).map_or('0', |b| char::from(*b));
    let (_, half) = id.uuid().as_u64_pair();
    let mut text: String = (0..13).rev().map(|place| letter(half >> (5 * place))).collect();
    text.push(letter(u64::from(times) >> 5));
    text.push(letter(u64::from(times)));
    text
}

#[cfg(test)]
mod tests {
    use super::{claim_control, next_control};
    use iambilly_claim::ids::ClaimId;
    use jiff::Timestamp;
    use uuid::Uuid;

    #[test]
    fn control_numbers_rise_and_outlive_a_restored_backup() {
        let at: Timestamp = "2026-11-22T09:30:00Z".parse().unwrap();
        let first = next_control(0, at);
        assert!(first > 200_000_000 && first < 999_999_999);
        assert_eq!(next_control(first, at), first + 1);
        let later = at + jiff::SignedDuration::from_hours(1);
        assert!(next_control(0, later) > next_control(first, at), "a backup of yesterday knows no number");
        assert_eq!(next_control(7, "1999-01-01T00:00:00Z".parse().unwrap()), 8, "a clock that is wrong");
    }

    #[test]
    fn claims_are_named_in_fifteen_characters() {
        let id = |n: u128| ClaimId::new(Uuid::from_u128(n));
        let one = claim_control(id(0x0197_0000_0000_7000_8abc_def0_1234_5678), 1);
        assert!(one.len() == 15 && one.bytes().all(|b| b.is_ascii_alphanumeric()), "{one}");
        assert_ne!(one, claim_control(id(0x0197_0000_0000_7000_8abc_def0_1234_5679), 1));
        assert_ne!(one, claim_control(id(0x0197_0000_0000_7000_8abc_def0_1234_5678), 2));
    }
}
