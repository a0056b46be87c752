//! The whole way of a recording: WAV file, sealed file, 16 kHz, pieces, and the sound is still the same.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test fails by panicking, and casts its own small numbers"
)]

use iambilly_claim::ids::RecordingId;
use iambilly_speech::{LevelMeter, Mono16k, PcmFormat, Peaks, WavSource, duration_ms};
use iambilly_vault::{Ending, SealedFile, SealedHeader, SealedReader, SecretKey};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Tone bursts of 0.8 s with pauses of 0.2 s, `seconds` long, in both channels.
fn write_wav(path: &Path, rate: u32, bits: u16, seconds: u32) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: rate,
        bits_per_sample: bits,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let full = 2_f64.powi(i32::from(bits) - 1);
    for i in 0..rate * seconds {
        let at = f64::from(i) / f64::from(rate);
        let loud = if at.fract() < 0.8 { 0.4 } else { 0.0 };
        let value = (loud * full * (at * 440.0 * std::f64::consts::TAU).sin()) as i32;
        writer.write_sample(value).unwrap();
        writer.write_sample(value).unwrap();
    }
    writer.finalize().unwrap();
}

fn seal(wav: &Path, sealed: &Path, header: SealedHeader, key: &SecretKey) {
    let mut source = WavSource::open(BufReader::new(File::open(wav).unwrap())).unwrap();
    let format = source.info().sealed_format();
    assert_eq!(format.tag(), header.format);
    let mut file = SealedFile::create(sealed, header, key).unwrap();
    let (mut block, mut bytes) = (vec![], vec![]);
    while source.next_block(header.sample_rate as usize, &mut block).unwrap() {
        bytes.clear();
        format.encode(&block, &mut bytes);
        file.append(&bytes).unwrap();
    }
    file.finish().unwrap();
}

/// The sealed recording as the recogniser's 16 kHz mono.
fn heard(reader: &mut SealedReader<BufReader<File>>, meter: &mut LevelMeter) -> Vec<f32> {
    let header = reader.header();
    let format = PcmFormat::from_tag(header.format).unwrap();
    let mut mono = Mono16k::new(header.sample_rate, header.channels).unwrap();
    let (mut block, mut out) = (vec![], vec![]);
    while let Some(frame) = reader.next_frame().unwrap() {
        block.clear();
        format.decode(&frame, &mut block);
        mono.push(&block, &mut out).unwrap();
    }
    mono.finish(&mut out).unwrap();
    meter.push(&out);
    out
}

#[test]
fn from_the_file_to_the_recogniser() {
    let dir = tempfile::tempdir().unwrap();
    let recording = RecordingId::new(uuid::Uuid::from_u128(1));
    for (rate, bits, format) in
        [(44_100, 16, PcmFormat::I16), (48_000, 24, PcmFormat::F32), (16_000, 16, PcmFormat::I16)]
    {
        let (wav, sealed) =
            (dir.path().join(format!("{rate}.wav")), dir.path().join(format!("{rate}.sealed")));
        write_wav(&wav, rate, bits, 65);
        let header = SealedHeader { recording, sample_rate: rate, channels: 2, format: format.tag() };
        let key = SecretKey::from_bytes([5; 32]);
        seal(&wav, &sealed, header, &key);

        let mut reader =
            SealedReader::open(BufReader::new(File::open(&sealed).unwrap()), recording, &key).unwrap();
        assert_eq!(reader.ending(), Ending::Finished { frames: 65 }, "a frame a second");
        let frames = reader.plain_bytes() / (format.sample_bytes() as u64 * 2);
        assert_eq!(duration_ms(frames, rate), 65_000);

        let mut meter = LevelMeter::new();
        let heard = heard(&mut reader, &mut meter);
        meter.require_speech().unwrap();
        assert_eq!(heard.len(), 65 * 16_000);
        for second in heard.chunks(16_000) {
            let loudest = |part: &[f32]| part.iter().fold(0.0_f32, |m, s| m.max(s.abs()));
            assert!(
                loudest(&second[..12_000]) > 0.35 && loudest(&second[13_200..15_600]) < 0.01,
                "{rate} Hz"
            );
        }

        // A stretch for playback comes from its frames alone.
        reader.seek_frame(60).unwrap();
        let mut block = vec![];
        format.decode(&reader.next_frame().unwrap().unwrap(), &mut block);
        let mut peaks = Peaks::new(u64::from(rate), 2, 10);
        peaks.push(&block);
        let peaks = peaks.finish();
        assert!(peaks[..8].iter().all(|p| (0.39..0.41).contains(&p.max) && (-0.41..-0.39).contains(&p.min)));
        assert!(peaks[8..].iter().all(|p| p.max < 0.001 && p.min > -0.001));
    }
}
