//! Measures an import: `cargo run --release -p iambilly-speech --example import -- IN.wav` seals the file in a
//! temporary folder, opens it again and brings it to the recogniser; prints seconds of sound per second.
#![allow(clippy::print_stdout, reason = "a measuring program")]

use iambilly_claim::ids::RecordingId;
use iambilly_speech::{Endpointer, Endpoints, LevelMeter, Mono16k, PcmFormat, WavSource};
use iambilly_vault::{OsRandom, SealedFile, SealedHeader, SealedReader, SecretKey};
use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: import IN.wav")?;
    let dir = tempfile::tempdir()?;
    let sealed = dir.path().join("recording");
    let recording = RecordingId::new(uuid::Uuid::nil());
    let key = SecretKey::random(&mut OsRandom)?;

    let begin = Instant::now();
    let mut source = WavSource::open(BufReader::new(File::open(path)?))?;
    let (info, format) = (source.info(), source.info().sealed_format());
    let header = SealedHeader {
        recording,
        sample_rate: info.sample_rate,
        channels: info.channels,
        format: format.tag(),
    };
    let mut file = SealedFile::create(&sealed, header, &key)?;
    let (mut block, mut bytes) = (vec![], vec![]);
    while source.next_block(info.sample_rate as usize, &mut block)? {
        bytes.clear();
        format.encode(&block, &mut bytes);
        file.append(&bytes)?;
    }
    file.finish()?;
    let sealing = begin.elapsed();

    let begin = Instant::now();
    let mut reader = SealedReader::open(BufReader::new(File::open(&sealed)?), recording, &key)?;
    let format = PcmFormat::from_tag(reader.header().format)?;
    let mut mono = Mono16k::new(info.sample_rate, info.channels)?;
    let (mut endpointer, mut meter, mut out) =
        (Endpointer::new(Endpoints::default()), LevelMeter::new(), vec![]);
    let (mut pieces, mut samples) = (0_u32, 0_usize);
    while let Some(frame) = reader.next_frame()? {
        block.clear();
        out.clear();
        format.decode(&frame, &mut block);
        mono.push(&block, &mut out)?;
        meter.push(&out);
        endpointer.push(&out);
        while let Some(piece) = endpointer.next_piece() {
            pieces += 1;
            samples += piece.samples.len();
        }
    }
    out.clear();
    mono.finish(&mut out)?;
    endpointer.push(&out);
    endpointer.finish();
    while let Some(piece) = endpointer.next_piece() {
        pieces += 1;
        samples += piece.samples.len();
    }
    let opening = begin.elapsed();

    #[allow(clippy::cast_precision_loss, reason = "a figure to print")]
    let seconds = info.duration_ms as f64 / 1000.0;
    println!("{info:?}");
    println!("{:?}", meter.level());
    println!("{pieces} pieces, {samples} samples");
    println!("read and sealed: {:.0} times real time", seconds / sealing.as_secs_f64());
    println!("opened and resampled: {:.0} times real time", seconds / opening.as_secs_f64());
    Ok(())
}
