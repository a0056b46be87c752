//! A recording and its words out of the sealed store, as plain files a person asked for; each leaves an audit
//! entry. The files are theirs to protect from then on.

use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use crate::sound::sealed;
use crate::stages::chain::Chain;
use crate::stages::recognise::Source;
use iambilly_claim::ids::DictationId;
use iambilly_claim::{Fault, FaultKind};
use iambilly_speech::PcmFormat;
use std::path::Path;

/// Writes the audio as a WAV file, sample for sample as recorded, and with `transcript` the newest transcript
/// as plain text. A file that exists is never overwritten.
///
/// # Errors
/// `no_audio`, `recording_erased`, `no_transcript`, `file_exists`, and what the disk says.
pub async fn export(
    session: &Session,
    id: DictationId,
    audio: &Path,
    transcript: Option<&Path>,
) -> Result<(), AppError> {
    session.allow(Action::ExportRecording).await?;
    let mut source = sealed(session, id).await?;
    let words = match transcript {
        Some(_) => {
            Some(session.store(move |s| s.read(|r| r.latest_transcript(id))).await?.ok_or_else(|| {
                AppError::from(Fault::new(
                    FaultKind::Input,
                    "no_transcript",
                    "This dictation has no transcript yet.",
                    "Wait until it is transcribed, or export the audio alone.",
                ))
            })?)
        }
        None => None,
    };
    for path in [Some(audio), transcript].into_iter().flatten() {
        if path.exists() {
            return Err(Fault::new(
                FaultKind::Usage,
                "file_exists",
                "A file of that name exists already.",
                "Choose another name; nothing was written.",
            )
            .into());
        }
    }
    let (now, by) = ((session.surroundings.now)(), session.by());
    // The entry comes first: what leaves is never without one.
    session
        .store(move |s| s.write(|r| r.append_audit(&by, "recording.exported", &id.to_string(), now)))
        .await?;
    let path = audio.to_owned();
    blocking(move || write_wav(&mut source, &path)).await?;
    if let (Some(path), Some(row)) = (transcript, words) {
        std::fs::write(path, row.transcript.text.expose())
            .map_err(|e| AppError::file("write the transcript", &e))?;
    }
    Ok(())
}

fn write_wav(source: &mut Chain, path: &Path) -> Result<(), AppError> {
    let float = source.format() == PcmFormat::F32;
    let spec = hound::WavSpec {
        channels: source.channels(),
        sample_rate: source.rate(),
        bits_per_sample: if float { 32 } else { 16 },
        sample_format: if float { hound::SampleFormat::Float } else { hound::SampleFormat::Int },
    };
    let failed = |error: hound::Error| match error {
        hound::Error::IoError(e) => AppError::file("write the recording", &e),
        _ => AppError::internal("the recording could not be written as WAV"),
    };
    let mut out = hound::WavWriter::create(path, spec).map_err(failed)?;
    let mut block = vec![];
    while source.next(&mut block)? {
        for sample in &block {
            if float {
                out.write_sample(*sample).map_err(failed)?;
            } else {
                out.write_sample(PcmFormat::i16_of(*sample)).map_err(failed)?;
            }
        }
    }
    out.finalize().map_err(failed)
}
