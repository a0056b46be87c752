//! whisper.cpp as an engine of the worker protocol: greedy, with word times, progress and a way to stop.

use crate::onset::onset;
use crate::prompt::fitting;
use crate::words::{Token, segment};
use crate::{device, header, quiet};
use iambilly_worker_protocol::cores::{self, Share};
use iambilly_worker_protocol::serve::{Engine, Job, Refusal, codes};
use iambilly_worker_protocol::{
    Backend, Load, Loaded, Recognised, RecognisedSegment, SAMPLE_RATE, Transcribe,
};
use std::ffi::c_int;
use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use whisper_rs::{
    DtwMode, DtwParameters, FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters,
    WhisperState,
};

/// Shorter pieces are filled up with silence: whisper.cpp drops what is under a second.
const MIN_SAMPLES: usize = SAMPLE_RATE as usize * 11 / 10;
/// Positions of the encoder's window of 30 seconds, and the samples of each (20 ms).
const POSITIONS: usize = 1500;
const SAMPLES_A_POSITION: usize = SAMPLE_RATE as usize / 50;
/// Silence after the sound that the encoder is shown: 2.6 s.
const POSITIONS_AFTER: usize = 128;
/// A sign of life at least this often, however slow the machine.
const PULSE: Duration = Duration::from_secs(1);

/// The speech engine; holds at most one model.
#[derive(Default)]
pub struct Whisper {
    model: Option<Model>,
}

struct Model {
    context: WhisperContext,
    state: WhisperState,
    /// Token times by dynamic time warping.
    aligned: bool,
}

impl Engine for Whisper {
    fn load(&mut self, load: &Load) -> Result<Loaded, Refusal> {
        self.model = None;
        let since = Instant::now();
        let gpu = load.gpu && device::built_for() != Backend::Cpu;
        let file = File::open(&load.path).map_err(|_| not_a_model())?;
        let header = header::read(file).map_err(|_| not_a_model())?.ok_or_else(not_a_model)?;
        let alignment = header.alignment();
        let mut parameters = WhisperContextParameters::default();
        parameters.use_gpu(gpu);
        if let Some(model_preset) = alignment.clone() {
            let mode = DtwMode::ModelPreset { model_preset };
            parameters.dtw_parameters(DtwParameters { mode, ..DtwParameters::default() });
        } else {
            // Flash attention hides the weights that dynamic time warping reads; without it, it is free.
            parameters.flash_attn(true);
        }
        device::forget();
        let context = WhisperContext::new_with_params(&load.path, parameters).map_err(|_| not_a_model())?;
        let state = context.create_state().map_err(|_| {
            Refusal::new(
                codes::ENGINE_FAILED,
                "The speech model could not be set up; memory is probably short.",
                "Close other programs or choose a smaller model.",
            )
        })?;
        let device = device::taken().filter(|_| gpu);
        let loaded = Loaded {
            id: load.id,
            model: context
                .model_type_readable_str_lossy()
                .map_or_else(|_| "?".into(), |name| name.into_owned()),
            backend: if device.is_some() { device::built_for() } else { Backend::Cpu },
            device: device.unwrap_or_else(|| "cpu".to_owned()),
            multilingual: context.is_multilingual(),
            context_tokens: 0,
            elapsed_ms: millis(since),
        };
        self.model = Some(Model { context, state, aligned: alignment.is_some() });
        Ok(loaded)
    }

    fn transcribe(&mut self, ask: &Transcribe, samples: &[f32], job: &Job) -> Result<Recognised, Refusal> {
        let since = Instant::now();
        let model = self
            .model
            .as_mut()
            .ok_or_else(|| Refusal::new(codes::NO_MODEL, "No speech model is loaded.", "Load one first."))?;
        let language = model.language(ask.language.as_deref())?;
        let pieces = quiet::pieces(samples);
        let total: usize = pieces.iter().map(ExactSizeIterator::len).sum();
        // A language that was not told is the one heard in the first piece.
        let mut heard = language;
        let (mut segments, mut done) = (vec![], 0);
        for piece in pieces {
            let part = Part {
                offset_ms: (piece.start as u64) * 1000 / u64::from(SAMPLE_RATE),
                from: share(done, total),
                to: share(done + piece.len(), total),
            };
            done += piece.len();
            let audio = samples.get(piece).unwrap_or_default();
            segments.extend(model.recognise(audio, heard.as_deref(), ask, job, &part)?);
            if heard.is_none() {
                heard = whisper_rs::get_lang_str(model.state.full_lang_id_from_state()).map(str::to_owned);
            }
        }
        let language = heard.unwrap_or_else(|| "en".to_owned());
        Ok(Recognised { language, segments, elapsed_ms: millis(since) })
    }
}

/// Where a piece is in the audio and in the progress of the whole.
struct Part {
    offset_ms: u64,
    from: f32,
    to: f32,
}

impl Model {
    /// The language to tell the model; none to let it listen for one.
    fn language(&self, asked: Option<&str>) -> Result<Option<String>, Refusal> {
        let Some(asked) = asked else {
            return Ok((!self.context.is_multilingual()).then(|| "en".to_owned()));
        };
        let known = !asked.contains('\0') && whisper_rs::get_lang_id(asked).is_some();
        if !known {
            return Err(Refusal::new(
                codes::REQUEST_INVALID,
                "The language asked for is not one the recogniser knows.",
                "Use a code of ISO 639-1, such as en.",
            ));
        }
        if asked != "en" && !self.context.is_multilingual() {
            return Err(Refusal::new(
                codes::REQUEST_INVALID,
                "The speech model understands English only.",
                "Choose a multilingual model.",
            ));
        }
        Ok(Some(asked.to_owned()))
    }

    fn recognise(
        &mut self,
        audio: &[f32],
        language: Option<&str>,
        ask: &Transcribe,
        job: &Job,
        part: &Part,
    ) -> Result<Vec<RecognisedSegment>, Refusal> {
        let mut audio: Vec<f32> = audio.iter().map(|s| if s.is_finite() { *s } else { 0.0 }).collect();
        let audio_ms = (audio.len() as u64) * 1000 / u64::from(SAMPLE_RATE);
        if audio.len() < MIN_SAMPLES {
            audio.resize(MIN_SAMPLES, 0.0);
        }
        let mut threads = cores::spare(ask.threads.clamp(1, 256));
        let expected = ask.initial_prompt.expose().as_deref().map(|words| self.expected(words));
        let outcome = loop {
            let crowded = Arc::new(AtomicBool::new(false));
            let mut parameters = self.parameters(language, job, part, threads, &crowded);
            match &expected {
                Some(tokens) => parameters.set_tokens(tokens),
                // Text of the window before is what small models repeat for ever.
                None => parameters.set_n_max_text_ctx(0),
            }
            if ask.rough {
                parameters.set_audio_ctx(encoder_positions(audio.len()));
            }
            let outcome = self.state.full(parameters, &audio);
            if job.is_cancelled() {
                return Err(Refusal::cancelled());
            }
            if threads == 1 || outcome.is_ok() || !crowded.load(Ordering::Relaxed) {
                break outcome;
            }
            // A second is lost; going on beside the others would cost many.
            threads = 1;
        };
        outcome.map_err(|_| {
            Refusal::new(
                codes::ENGINE_FAILED,
                "The speech engine failed on this recording.",
                "The recording is safe. Try again, or choose another speech model.",
            )
        })?;
        Ok(self.segments(&audio, audio_ms, part.offset_ms))
    }

    /// The tokens of the words to expect, the first of them as many as the model keeps: it would keep the last.
    fn expected(&self, words: &str) -> Vec<c_int> {
        // Half of the text context, less the token that begins it.
        let most = usize::try_from(self.context.n_text_ctx()).unwrap_or(0) / 2;
        let words = words.replace('\0', " ");
        fitting(&words, most.saturating_sub(1), |text| {
            // A token is a byte at least; the binding must never be told of fewer than there are.
            self.context.tokenize(text, text.len() + 1).unwrap_or_default()
        })
    }

    fn parameters<'a>(
        &self,
        language: Option<&'a str>,
        job: &Job,
        part: &Part,
        threads: u32,
        crowded: &Arc<AtomicBool>,
    ) -> FullParams<'a, 'a> {
        let mut p = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        p.set_n_threads(c_int::try_from(threads).unwrap_or(1));
        p.set_language(language);
        p.set_token_timestamps(true);
        p.set_no_context(true);
        for quiet in [FullParams::set_print_special, FullParams::set_print_progress] {
            quiet(&mut p, false);
        }
        p.set_print_realtime(false);
        p.set_print_timestamps(false);
        let fraction = Arc::new(AtomicU32::new(part.from.to_bits()));
        let (from, to) = (part.from, part.to);
        p.set_progress_callback_safe({
            let (job, fraction) = (job.clone(), Arc::clone(&fraction));
            move |percent: i32| {
                let at = from + (to - from) * (percent.clamp(0, 100) as f32) / 100.0;
                fraction.store(at.to_bits(), Ordering::Relaxed);
                job.progress(at);
            }
        });
        let (share, crowded) = (Share::watch(), Arc::clone(crowded));
        let pulse = Mutex::new(Instant::now());
        let job = job.clone();
        // The binding calls the closure through the type given here, so it must be the boxed one it stores.
        let abort: Box<dyn FnMut() -> bool> = Box::new(move || {
            let mut last = pulse.lock().unwrap_or_else(PoisonError::into_inner);
            if last.elapsed() >= PULSE {
                *last = Instant::now();
                job.progress(f32::from_bits(fraction.load(Ordering::Relaxed)));
                if threads > 1 && share.is_crowded(threads) {
                    crowded.store(true, Ordering::Relaxed);
                }
            }
            crowded.load(Ordering::Relaxed) || job.is_cancelled()
        });
        p.set_abort_callback_safe::<_, Box<dyn FnMut() -> bool>>(abort);
        p
    }

    fn segments(&self, audio: &[f32], audio_ms: u64, offset_ms: u64) -> Vec<RecognisedSegment> {
        let text_tokens_end = self.context.token_eot();
        let clock = |centiseconds: i64| u64::try_from(centiseconds).unwrap_or(0).saturating_mul(10);
        let within = |ms: u64| ms.min(audio_ms) + offset_ms;
        let mut segments = vec![];
        // Where the token before ended.
        let mut before = 0;
        for found in self.state.as_iter() {
            let (mut start, mut end) = (clock(found.start_timestamp()), clock(found.end_timestamp()));
            let mut tokens: Vec<Token> = (0..found.n_tokens())
                .filter_map(|i| found.get_token(i))
                .filter(|token| token.token_id() < text_tokens_end)
                .filter_map(|token| {
                    let data = token.token_data();
                    let ends = if self.aligned && data.t_dtw >= 0 { data.t_dtw } else { data.t1 };
                    let bytes = token.to_bytes().ok()?.to_vec();
                    Some(Token { bytes, start_ms: clock(data.t0), end_ms: clock(ends), p: data.p })
                })
                .collect();
            if self.aligned {
                // Warping tells where tokens end; the next begins there, or after the pause that follows.
                for token in &mut tokens {
                    token.end_ms = token.end_ms.max(before);
                    token.start_ms = onset(audio, before, token.end_ms);
                    // A full stop is not said: its time lies in the pause, or in the next word.
                    if token.bytes.iter().any(u8::is_ascii_alphanumeric) {
                        before = token.end_ms;
                    } else {
                        token.end_ms = before;
                    }
                }
                start = tokens.first().map_or(start, |first| first.start_ms);
                end = end.max(before);
            }
            for token in &mut tokens {
                token.start_ms = within(token.start_ms);
                token.end_ms = within(token.end_ms);
            }
            segments.extend(segment(within(start), within(end), found.no_speech_probability(), &tokens));
        }
        segments
    }
}

/// How much of its window of 30 seconds the encoder looks at: the sound and two and a half seconds after it.
/// Its work grows with it. With less than the whole window tiny.en made a third more raw word errors in pieces
/// of some sentences (0.220, whole 0.171, nine dictations), and a twelfth more where only the last seconds of
/// each were so recognised (0.185); ten seconds of silence more changed nothing. Base made none more (0.190,
/// whole 0.196, six dictations): the manifest's `short_window` says of which model that is known.
fn encoder_positions(samples: usize) -> c_int {
    let positions = samples.div_ceil(SAMPLES_A_POSITION) + POSITIONS_AFTER;
    c_int::try_from(positions.next_multiple_of(64).min(POSITIONS)).unwrap_or(0)
}

fn not_a_model() -> Refusal {
    Refusal::new(
        codes::MODEL_INVALID,
        "The file is not a speech model this engine can load.",
        "Fetch the model again.",
    )
}

fn share(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
