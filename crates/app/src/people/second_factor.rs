//! The second factor: time-based codes of an authenticator (RFC 6238), and recovery codes that stand in for one.

use crate::error::AppError;
use crate::surroundings::Surroundings;
use iambilly_claim::{Fault, FaultKind};
use jiff::Timestamp;
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Serialize;
use totp_rs::{Algorithm, Secret, TOTP};

/// Seconds a code lasts, and its digits: what every authenticator takes for granted.
const STEP: u64 = 30;
const DIGITS: usize = 6;
/// Recovery codes of a person.
const CODES: usize = 10;

/// A second factor that was drawn, to be shown once.
#[derive(Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewSecondFactor {
    /// For typing into an authenticator, in base32.
    pub secret: String,
    /// The same as a link, `otpauth://…`.
    pub uri: String,
    /// The link as a QR code: rows of dark (true) and light modules, without the quiet edge.
    pub qr: Vec<Vec<bool>>,
    /// Each opens once in place of a code.
    pub recovery_codes: Vec<String>,
}

impl std::fmt::Debug for NewSecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[second factor]")
    }
}

fn broken() -> AppError {
    AppError::internal("a second factor could not be made")
}

fn totp(secret: &str, name: &str) -> Result<TOTP, AppError> {
    let bytes = Secret::Encoded(secret.to_owned()).to_bytes().map_err(|_| broken())?;
    // A colon would part the issuer from the name.
    let account = name.replace(':', " ");
    TOTP::new(Algorithm::SHA1, DIGITS, 1, STEP, bytes, Some("IamBilly".to_owned()), account)
        .map_err(|_| broken())
}

fn random(surroundings: Surroundings, buffer: &mut [u8]) -> Result<(), AppError> {
    if (surroundings.random)(buffer) { Ok(()) } else { Err(iambilly_vault::VaultError::NoRandomness.into()) }
}

/// Draws a second factor for a person of this name.
pub(super) fn draw(name: &str, surroundings: Surroundings) -> Result<NewSecondFactor, AppError> {
    let mut bytes = [0; 20];
    random(surroundings, &mut bytes)?;
    let Secret::Encoded(secret) = Secret::Raw(bytes.to_vec()).to_encoded() else { return Err(broken()) };
    let uri = totp(&secret, name)?.get_url();
    let code = QrCode::encode_text(&uri, QrCodeEcc::Medium).map_err(|_| broken())?;
    let qr = (0..code.size()).map(|y| (0..code.size()).map(|x| code.get_module(x, y)).collect()).collect();
    let mut recovery_codes = vec![];
    for _ in 0..CODES {
        let mut bytes = [0; 10];
        random(surroundings, &mut bytes)?;
        let Secret::Encoded(text) = Secret::Raw(bytes.to_vec()).to_encoded() else { return Err(broken()) };
        let text = text.to_lowercase();
        let groups: Vec<_> = text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        recovery_codes.push(groups.join("-"));
    }
    Ok(NewSecondFactor { secret, uri, qr, recovery_codes })
}

/// The time step that a code belongs to, if it is one of now, of half a minute ago or of half a minute ahead.
pub(super) fn step_of(secret: &str, code: &str, now: Timestamp) -> Result<Option<u64>, AppError> {
    let typed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let totp = totp(secret, "anybody")?;
    let step = u64::try_from(now.as_second()).unwrap_or(0) / STEP;
    Ok([step, step.saturating_sub(1), step + 1].into_iter().find(|s| same(&totp.generate(s * STEP), &typed)))
}

/// Compares every character, so that the time tells nothing about where two codes differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |different, (a, b)| different | (a ^ b)) == 0
}

/// A recovery code as it is sealed: letters and digits only, in one case. None where nothing could be one.
pub(super) fn recovery_code(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    (plain.len() == 16).then(|| plain.to_lowercase())
}

/// The refusal of a sign-in without a code.
pub(super) fn needed() -> Fault {
    Fault::new(
        FaultKind::Locked,
        "second_factor_needed",
        "This sign-in needs the code of your authenticator too.",
        "Give the six digits it shows now (IAMBILLY_TOTP on the command line), or one of your recovery codes.",
    )
}

/// The refusal of a code.
pub(super) fn wrong() -> Fault {
    Fault::new(
        FaultKind::Locked,
        "wrong_code",
        "This code is not the one of now, or it was used already.",
        "Wait for the next code and type that; check that this computer's clock is right. Each recovery code opens once.",
    )
}

#[cfg(test)]
mod tests {
    use super::{draw, recovery_code, step_of, totp};
    use crate::Surroundings;
    use jiff::Timestamp;
    use std::collections::HashSet;

    /// RFC 6238, appendix B: the secret "12345678901234567890", SHA-1, the last six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let table = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ];
        for (at, code) in table {
            let step = u64::try_from(at).unwrap() / 30;
            let found = |second: i64, code: &str| {
                step_of(secret, code, Timestamp::from_second(second).unwrap()).unwrap()
            };
            assert_eq!(found(at, code), Some(step), "{at}");
            let (first, last) = code.split_at(3);
            assert_eq!(found(at + 30, &format!(" {first} {last}")), Some(step), "half a minute late");
            assert_eq!(found(at + 90, code), None, "too late");
            assert_eq!(found(at, "000000"), None);
            assert_eq!(found(at, ""), None);
        }
    }

    #[test]
    fn what_is_drawn_can_be_scanned_typed_and_used() {
        let drawn = draw("Dr. A: Billy", Surroundings::system()).unwrap();
        assert!(drawn.uri.starts_with("otpauth://totp/IamBilly"), "{}", drawn.uri);
        assert!(drawn.uri.contains(&drawn.secret));
        assert!(drawn.qr.len() >= 21 && drawn.qr.iter().all(|row| row.len() == drawn.qr.len()));
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let code = totp(&drawn.secret, "x").unwrap().generate(1_800_000_000);
        assert_eq!(step_of(&drawn.secret, &code, now).unwrap(), Some(60_000_000));
        let different: HashSet<_> = drawn.recovery_codes.iter().collect();
        assert_eq!(different.len(), 10);
        let first = drawn.recovery_codes[0].as_str();
        assert_eq!(recovery_code(&first.to_uppercase()), recovery_code(&first.replace('-', " ")));
        assert_eq!(recovery_code("123456"), None, "a code of the authenticator is none");
        assert_eq!(format!("{drawn:?}"), "[second factor]");
    }
}
