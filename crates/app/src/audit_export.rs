//! Audit events as a file for an auditor, with an Ed25519 signature under a key of the vault.
//!
//! The signature file names the public key: an auditor who has noted it once needs nothing else to see that a later
//! export comes from the same data folder and is unchanged. The hashes in the events can be followed without any key.

use crate::audit::{Format, write_durably};
use crate::error::AppError;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::AuditEvent;
use iambilly_vault::SecretKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What stands in a signature file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuditSignature")]
pub struct Signature {
    /// `Ed25519`, over the line `iambilly export 1`, vault, events and SHA-256 (below), each with a line end.
    pub algorithm: String,
    /// Which data folder.
    pub vault: String,
    /// How many events.
    pub events: u64,
    /// SHA-256 of the exported file.
    pub sha256: String,
    /// Public key in hex.
    pub public_key: String,
    /// Signature in hex.
    pub signature: String,
}

impl Signature {
    fn message(&self) -> String {
        format!("iambilly export 1\n{}\n{}\n{}\n", self.vault, self.events, self.sha256)
    }
}

/// Where the signature of an export is.
#[must_use]
pub fn signature_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig.json");
    name.into()
}

pub(crate) fn write(
    events: &[AuditEvent],
    format: Format,
    file: &Path,
    signature_file: &Path,
    vault: &str,
    seed: &SecretKey,
) -> Result<Signature, AppError> {
    let bytes = match format {
        Format::Json => {
            serde_json::to_vec_pretty(events).map_err(|_| AppError::internal("events without a JSON form"))?
        }
        Format::Csv => csv(events).into_bytes(),
    };
    let key = SigningKey::from_bytes(seed.expose());
    let mut signed = Signature {
        algorithm: "Ed25519".to_owned(),
        vault: vault.to_owned(),
        events: events.len() as u64,
        sha256: format!("{:x}", Sha256::digest(&bytes)),
        public_key: hex(key.verifying_key().as_bytes()),
        signature: String::new(),
    };
    signed.signature = hex(&key.sign(signed.message().as_bytes()).to_bytes());
    let text = serde_json::to_vec_pretty(&signed)
        .map_err(|_| AppError::internal("a signature without a JSON form"))?;
    for (path, bytes) in [(file, &bytes), (signature_file, &text)] {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        write_durably(folder, &name, bytes).map_err(|e| AppError::file("write the export", &e))?;
    }
    Ok(signed)
}

/// Checks an exported file against its signature file; needs no key but the public one in it.
///
/// # Errors
/// `signature_invalid` with what does not hold; what the disk says.
pub fn check(file: &Path) -> Result<Signature, Fault> {
    let read = |path: &Path| std::fs::read(path).map_err(|e| AppError::file("read the export", &e).fault());
    let bytes = read(file)?;
    let wrong = |what: &str| {
        Fault::new(
            FaultKind::Input,
            "signature_invalid",
            format!("The export does not hold: {what}."),
            "Ask for the export again; this one was changed after it was written, or its signature file is another's.",
        )
    };
    let signed: Signature = serde_json::from_slice(&read(&signature_path(file))?)
        .map_err(|_| wrong("its signature file cannot be read"))?;
    if format!("{:x}", Sha256::digest(&bytes)) != signed.sha256 {
        return Err(wrong("the file is not the one that was signed"));
    }
    let key = unhex(&signed.public_key).and_then(|k| VerifyingKey::from_bytes(&k).ok());
    let signature = unhex(&signed.signature).map(|s| ed25519_dalek::Signature::from_bytes(&s));
    match (key, signature) {
        (Some(key), Some(signature))
            if key.verify_strict(signed.message().as_bytes(), &signature).is_ok() =>
        {
            Ok(signed)
        }
        _ => Err(wrong("the signature is not of this key")),
    }
}

/// Ids, action names and hashes: nothing in them needs quoting, and none begins like a formula.
fn csv(events: &[AuditEvent]) -> String {
    let mut out = String::from("seq,at,actor,action,subject_id,dictation_id,previous_sha256,sha256,mac\n");
    for e in events {
        let safe = |text: &str| text.replace([',', '"', '\n', '\r'], " ");
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{},{:.3},{},{},{},{},{},{},{}",
            e.seq,
            e.at,
            safe(&e.actor),
            safe(&e.action),
            safe(&e.subject_id),
            safe(e.dictation_id.as_deref().unwrap_or_default()),
            e.previous_sha256,
            e.sha256,
            e.mac.as_deref().unwrap_or_default()
        );
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if !text.is_ascii() || text.len() != 2 * N {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{check, csv, signature_path, write};
    use crate::audit::Format;
    use iambilly_store::AuditEvent;
    use iambilly_vault::SecretKey;

    fn events() -> Vec<AuditEvent> {
        vec![AuditEvent {
            seq: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            actor: "owner".to_owned(),
            action: "claim.viewed".to_owned(),
            subject_id: "a,b".to_owned(),
            dictation_id: None,
            previous_sha256: "0".repeat(64),
            sha256: "1".repeat(64),
            mac: Some("2".repeat(64)),
        }]
    }

    #[test]
    fn an_export_is_checked_by_its_signature_and_any_change_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("audit.csv");
        let seed = SecretKey::from_bytes([7; 32]);
        let made = write(&events(), Format::Csv, &file, &signature_path(&file), "ab", &seed).unwrap();
        assert_eq!(check(&file).unwrap(), made);
        let signature = std::fs::read_to_string(signature_path(&file)).unwrap();
        for (from, to) in
            [("\"ab\"", "\"ac\""), ("\"events\": 1", "\"events\": 2"), (made.signature.as_str(), "00")]
        {
            std::fs::write(signature_path(&file), signature.replacen(from, to, 1)).unwrap();
            assert_eq!(check(&file).unwrap_err().code, "signature_invalid", "{from}");
        }
        std::fs::write(signature_path(&file), &signature).unwrap();
        std::fs::write(&file, csv(&events()).replace("viewed", "edited")).unwrap();
        assert_eq!(check(&file).unwrap_err().code, "signature_invalid");
    }

    #[test]
    fn every_line_has_its_columns() {
        let text = csv(&events());
        assert!(text.lines().all(|l| l.split(',').count() == 9), "{text}");
    }
}
