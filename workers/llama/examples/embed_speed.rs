//! Texts to vectors through the worker and by llama.cpp's binding called directly, in turns in one run:
//! `cargo run --release -p iambilly-llama --example embed_speed -- MODEL WORKER`.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement"
)]

use iambilly_claim::Phi;
use iambilly_worker_protocol::frame::{read_frame, write_json};
use iambilly_worker_protocol::{Embed, Load, Reply, Request};
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

const TEXTS: usize = 512;
const THREADS: u32 = 2;
/// Texts the library hands over at once.
const TOGETHER: usize = 64;
/// Tokens and texts of a batch: what the worker uses.
const BATCH: usize = 512;
const MOST: usize = 32;

fn texts() -> Vec<String> {
    let acts = ["Therapy", "Imaging", "An injection", "A brace", "A second opinion"];
    let parts = ["the disc", "the facet joint", "the nerve root", "the sacroiliac joint"];
    let one = |at: usize| {
        format!(
            "Surgery of the spine. {}. Criteria. All of these: {} for {} over at least {} weeks, shown in the record of the treating physician by {} dated visits.",
            at % 9 + 1,
            acts[at % acts.len()],
            parts[at % parts.len()],
            at % 20 + 3,
            at % 7 + 2
        )
    };
    (0..TEXTS).map(one).collect()
}

/// The worker as the program runs it.
struct Worker(Child, ChildStdin, ChildStdout);

impl Worker {
    fn start(program: &str, model: &str) -> Self {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker starts");
        let (to, from) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let mut worker = Self(child, to, from);
        let load = Load {
            id: 1,
            path: PathBuf::from(model),
            gpu: false,
            context_tokens: 0,
            threads: THREADS,
            embedding: true,
        };
        write_json(&mut worker.1, &Request::Load(load)).expect("writes");
        while !matches!(worker.reply(), Reply::Loaded(_)) {}
        worker
    }
    fn reply(&mut self) -> Reply {
        let frame = read_frame(&mut self.2).expect("a frame");
        let reply: Reply = frame.message().expect("a message");
        assert!(!matches!(reply, Reply::Error { .. }), "the worker refused");
        reply
    }
    fn embed(&mut self, texts: &[String]) -> usize {
        let mut vectors = 0;
        for (id, run) in (2..).zip(texts.chunks(TOGETHER)) {
            let ask = Embed { id, texts: Phi::from(run.to_vec()) };
            write_json(&mut self.1, &Request::Embed(ask)).expect("writes");
            loop {
                if let Reply::Embedded { embedded, .. } = self.reply() {
                    vectors += embedded.vectors.len();
                    break;
                }
            }
        }
        vectors
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = write_json(&mut self.1, &Request::Shutdown);
        let _ = self.0.wait();
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(program)) = (arguments.next(), arguments.next()) else {
        println!("usage: embed_speed MODEL WORKER");
        return;
    };
    let texts = texts();
    let mut worker = Worker::start(&program, &path);
    let mut backend = LlamaBackend::init().expect("llama.cpp");
    backend.void_logs();
    let model = LlamaModel::load_from_file(&backend, &path, &LlamaModelParams::default()).expect("the model");
    let batch = u32::try_from(BATCH).unwrap_or(512);
    let parameters = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(batch))
        .with_n_batch(batch)
        .with_n_ubatch(batch)
        .with_n_seq_max(u32::try_from(MOST).unwrap_or(1))
        .with_n_threads(i32::try_from(THREADS).unwrap_or(1))
        .with_n_threads_batch(i32::try_from(THREADS).unwrap_or(1))
        .with_embeddings(true)
        .with_pooling_type(LlamaPoolingType::Unspecified);
    let mut context = model.new_context(&backend, parameters).expect("a context");
    let mut directly = |texts: &[String]| {
        let vocabulary = model.vocab();
        let mut vectors: Vec<Vec<f32>> = vec![];
        let mut waiting = vec![];
        let mut read = |waiting: &[Vec<_>]| {
            let mut batch = LlamaBatch::new(waiting.iter().map(Vec::len).sum(), 1);
            for (sequence, tokens) in (0_i32..).zip(waiting) {
                for (position, token) in (0_i32..).zip(tokens) {
                    batch.add(*token, position, &[sequence], true).expect("room");
                }
            }
            context.clear_kv_cache();
            context.encode(&mut batch).expect("encodes");
            for (sequence, _) in (0_i32..).zip(waiting) {
                vectors.push(context.embeddings_seq_ith(sequence).expect("a vector").to_vec());
            }
        };
        let mut room = BATCH;
        for text in texts {
            let tokens = vocabulary.tokenize(text.as_bytes(), true, false);
            if !waiting.is_empty() && (tokens.len() > room || waiting.len() == MOST) {
                read(&waiting);
                waiting.clear();
                room = BATCH;
            }
            room = room.saturating_sub(tokens.len());
            waiting.push(tokens);
        }
        read(&waiting);
        vectors.len()
    };
    let (mut ours, mut theirs) = (vec![], vec![]);
    // The first round warms both.
    for round in 0..6 {
        let since = Instant::now();
        assert_eq!(worker.embed(&texts), TEXTS);
        let a = TEXTS as f64 / since.elapsed().as_secs_f64();
        let since = Instant::now();
        assert_eq!(directly(&texts), TEXTS);
        let b = TEXTS as f64 / since.elapsed().as_secs_f64();
        if round > 0 {
            ours.push(a);
            theirs.push(b);
        }
    }
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    let (a, b) = (ours[ours.len() / 2], theirs[theirs.len() / 2]);
    println!(
        "through the worker {a:.1} texts/s, directly {b:.1} texts/s: {:.3} of it (medians of {})",
        a / b,
        ours.len()
    );
}
