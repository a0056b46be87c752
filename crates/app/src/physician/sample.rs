//! A sample dictation for whoever is new: a recorded operation of nobody, on its way to a draft like any other.

use super::refused;
use crate::error::AppError;
use crate::intake::{self, NewDictation};
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::Phi;
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::{ClaimId, DictationId};
use iambilly_coding::Reader;
use jiff::civil::Date;
use serde::Serialize;

/// Our own words, spoken by a synthetic voice; the same file the tests use.
const SOUND: &[u8] = include_bytes!("../../../../tests/fixtures/dictations/tlif_l34.wav");
const TEXT: &str = include_str!("../../../../tests/fixtures/dictations/tlif_l34.txt");
/// Chart number of the sample's patient: a claim of it is not approved.
const NOBODY: &str = "SAMPLE";

/// What was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// The dictation.
    pub id: DictationId,
}

/// Whether a claim is the sample's.
fn is_sample(patient: &Patient) -> bool {
    patient.id.expose().as_deref() == Some(NOBODY)
}

impl Session {
    /// Refuses to approve the sample's claim: it is of nobody, and must never be sent.
    ///
    /// # Errors
    /// `sample_claim`.
    pub(crate) async fn of_somebody(&self, claim: ClaimId) -> Result<(), AppError> {
        let revision = self.store(move |s| s.read(|r| r.revision(claim, None))).await?;
        if !revision.is_some_and(|r| is_sample(&r.claim.patient)) {
            return Ok(());
        }
        self.note("claim.approved_refused", &claim.to_string()).await?;
        Err(refused(
            "sample_claim",
            "This is the sample: a claim of nobody is not approved.",
            "Look at its proofs, change its codes, reject it; then dictate one of your own.",
        ))
    }

    /// Begins the sample: as a recording, or where no speech model is there yet as its text.
    ///
    /// # Errors
    /// Those of the store and the disk.
    pub async fn begin_sample(&self, spoken: bool, dos: Date) -> Result<Sample, AppError> {
        self.allow(Action::TakeIn).await?;
        let text = |t: &str| Phi::new(Some(t.to_owned()));
        let new = NewDictation {
            payer: "medicare".to_owned(),
            dos,
            patient: Some(Patient {
                id: text(NOBODY),
                last: text("Sample"),
                first: text("Nobody"),
                ..Patient::default()
            }),
            reader: Reader::Both,
            ..NewDictation::default()
        };
        if !spoken {
            let id = intake::add_note(self, Phi::new(TEXT.trim().to_owned()), new).await?;
            return Ok(Sample { id });
        }
        let path = self.config.paths.data.join("sample-dictation.wav");
        let file = path.clone();
        blocking(move || std::fs::write(&file, SOUND).map_err(|e| AppError::file("write the sample", &e)))
            .await?;
        Ok(Sample { id: intake::import_audio(self, &path, new).await? })
    }
}

#[cfg(test)]
mod tests {
    use super::{SOUND, TEXT};

    #[test]
    fn the_sample_is_a_recording_with_its_words() {
        assert_eq!(SOUND.get(..4), Some(b"RIFF".as_slice()));
        assert!(TEXT.contains("L3"), "{TEXT}");
    }
}
