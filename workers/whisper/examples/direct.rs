//! Measures the engine called in this process against the same engine behind a worker process.
//!
//! `direct MODEL WORKER THREADS WAV…` prints one JSON object: for each way the real-time factor (time of
//! recognition over length of audio, model already loaded), and whether both heard the same words.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sample positions of a measuring tool"
)]

use iambilly_claim::Phi;
use iambilly_whisper_engine::{Whisper, device};
use iambilly_worker_protocol::serve::{Engine, Job};
use iambilly_worker_protocol::{
    Load, Recognised, Reply, Request, Transcribe, read_frame, write_json, write_samples,
};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    device::listen();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, worker, threads, wavs @ ..] = arguments.as_slice() else {
        return Err("usage: direct MODEL WORKER THREADS WAV…".into());
    };
    let threads: u32 = threads.parse()?;
    let audio = wavs.iter().map(|wav| samples(Path::new(wav))).collect::<Outcome<Vec<_>>>()?;
    let load =
        Load { id: 1, path: PathBuf::from(model), gpu: false, context_tokens: 0, embedding: false, threads };

    let mut engine = Whisper::default();
    engine.load(&load).map_err(|refusal| refusal.message)?;
    let mut child = Command::new(worker).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (Some(mut to), Some(mut from)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("the worker has no pipes".into());
    };
    write_json(&mut to, &Request::Load(load))?;
    while !matches!(read_frame(&mut from)?.message()?, Reply::Loaded(_)) {}

    let (mut direct_s, mut worker_s, mut length_s, mut same) = (0.0, 0.0, 0.0, true);
    for (id, audio) in (2u64..).zip(&audio) {
        let ask = Transcribe {
            id,
            samples: audio.len() as u64,
            language: Some("en".into()),
            initial_prompt: Phi::new(None),
            rough: false,
            threads,
        };
        let since = Instant::now();
        let here = engine.transcribe(&ask, audio, &Job::detached()).map_err(|refusal| refusal.message)?;
        direct_s += since.elapsed().as_secs_f64();
        let since = Instant::now();
        let there = through_worker(&mut to, &mut from, ask, audio)?;
        worker_s += since.elapsed().as_secs_f64();
        length_s += audio.len() as f64 / 16_000.0;
        same &= here.segments == there.segments;
    }
    let report = serde_json::json!({
        "audio_s": length_s, "threads": threads,
        "direct": {"elapsed_s": direct_s, "real_time_factor": direct_s / length_s},
        "worker": {"elapsed_s": worker_s, "real_time_factor": worker_s / length_s},
        "overhead": worker_s / direct_s - 1.0, "same_words": same,
    });
    write_json(&mut to, &Request::Shutdown)?;
    child.wait()?;
    serde_json::to_writer_pretty(std::io::stdout(), &report)?;
    Ok(())
}

fn through_worker(
    to: &mut ChildStdin,
    from: &mut ChildStdout,
    ask: Transcribe,
    audio: &[f32],
) -> Outcome<Recognised> {
    write_json(to, &Request::Transcribe(ask))?;
    write_samples(to, audio)?;
    loop {
        match read_frame(from)?.message()? {
            Reply::Recognised { recognised, .. } => return Ok(recognised),
            Reply::Error { message, .. } => return Err(message.into()),
            _ => {}
        }
    }
}

/// A WAV file as mono 16 kHz: rates that are a multiple are averaged down, enough for a measurement of time.
fn samples(path: &Path) -> Outcome<Vec<f32>> {
    let mut wav = hound::WavReader::open(path)?;
    let spec = wav.spec();
    let step = usize::from(spec.channels) * usize::try_from(spec.sample_rate / 16_000)?.max(1);
    let all: Vec<f32> =
        wav.samples::<i16>().map(|s| s.map(|s| f32::from(s) / 32_768.0)).collect::<Result<_, _>>()?;
    if spec.sample_rate % 16_000 == 0 {
        return Ok(all.chunks(step).map(|c| c.iter().sum::<f32>() / c.len() as f32).collect());
    }
    // Nearest sample: words suffer, times do not.
    let mono: Vec<f32> = all.chunks(usize::from(spec.channels)).map(|c| c.iter().sum::<f32>()).collect();
    let ratio = f64::from(spec.sample_rate) / 16_000.0;
    let count = (mono.len() as f64 / ratio) as usize;
    Ok((0..count).filter_map(|i| mono.get((i as f64 * ratio) as usize).copied()).collect())
}
