//! Endpointing on real speech: the project's own dictations, with silence, noise and hum around them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test"
)]

use iambilly_speech::{Endpointer, Endpoints, Mono16k, Piece, WavSource};
use proptest::prelude::*;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::LazyLock;

const RATE: usize = 16_000;
/// Other limits than the product's, for the laws.
const LONG: Endpoints =
    Endpoints { long_pause_ms: 3000, pause_ms: 240, enough_ms: 18_000, longest_ms: 28_000 };

/// Twenty-six seconds of dictation.
static SPEECH: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/dictations/tlif_l34.wav");
    let mut wav = WavSource::open(BufReader::new(File::open(path).unwrap())).unwrap();
    let info = wav.info();
    let mut mono = Mono16k::new(info.sample_rate, info.channels).unwrap();
    let (mut block, mut out) = (vec![], vec![]);
    while wav.next_block(RATE, &mut block).unwrap() {
        mono.push(&block, &mut out).unwrap();
    }
    mono.finish(&mut out).unwrap();
    out
});

fn cut(stream: &[f32], endpoints: Endpoints, block: usize) -> Vec<Piece> {
    let mut endpointer = Endpointer::new(endpoints);
    let mut pieces = vec![];
    for b in stream.chunks(block) {
        endpointer.push(b);
        pieces.extend(std::iter::from_fn(|| endpointer.next_piece()));
    }
    endpointer.finish();
    pieces.extend(std::iter::from_fn(|| endpointer.next_piece()));
    pieces
}

fn noise(seconds: f32, level: f32) -> Vec<f32> {
    // splitmix64: a linear congruence has patterns that the detector hears.
    let random = |i: u64| {
        let mut z = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / 8_388_608.0 - 1.0
    };
    (0..(seconds * RATE as f32) as u64).map(|i| level * random(i)).collect()
}

fn seconds(pieces: &[Piece]) -> Vec<(f32, f32)> {
    let at = |sample: u64| sample as f32 / RATE as f32;
    pieces.iter().map(|p| (at(p.start), at(p.start + p.samples.len() as u64))).collect()
}

#[test]
fn speech_is_found_between_silence_noise_and_hum() {
    let hum: Vec<f32> = (0..10 * RATE).map(|i| 0.1 * (i as f32 * 0.0236).sin()).collect();
    for (name, around) in [
        ("silence", vec![0.0; 10 * RATE]),
        ("hiss", noise(10.0, 0.001)),
        ("fan", noise(10.0, 0.05)),
        ("hum", hum),
    ] {
        for endpoints in [Endpoints::default(), LONG] {
            // A fan that starts with the recording may be taken for speech until the detector has settled.
            let noise: usize = cut(&around, endpoints, 777).iter().map(|p| p.samples.len()).sum();
            assert!(noise <= if name == "fan" { 2 * RATE } else { 0 }, "{name} is not speech: {noise}");
            let stream = [&around[..], &SPEECH, &around].concat();
            let found = seconds(&cut(&stream, endpoints, 777));
            let (first, last) = (found.first().unwrap().0, found.last().unwrap().1);
            // 200 ms before the first word begins, and all of the last one.
            assert!((9.2..=10.1).contains(&first), "{name}: {found:?}");
            assert!((35.7..=38.5).contains(&last), "{name}: {found:?}");
            let gaps: f32 = found.windows(2).map(|p| p[1].0 - p[0].1).sum();
            assert!(gaps < 1.0, "{name}: speech lost between pieces: {found:?}");
        }
    }
}

#[test]
fn a_distant_microphone_is_heard_too() {
    for gain in [0.3, 0.03, 0.005] {
        let quiet: Vec<f32> = SPEECH.iter().map(|s| s * gain).collect();
        let heard: usize = cut(&quiet, Endpoints::default(), 4000).iter().map(|p| p.samples.len()).sum();
        assert!(heard > 25 * RATE, "gain {gain}: {} s heard", heard / RATE);
    }
}

#[test]
fn two_sentences_apart_are_two_pieces() {
    let stream = [&SPEECH[..6 * RATE], &vec![0.0; 5 * RATE], &SPEECH[..6 * RATE]].concat();
    for endpoints in [Endpoints::default(), LONG] {
        let found = seconds(&cut(&stream, endpoints, 160));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].1 < 7.2 && found[1].0 > 10.0, "{found:?}");
    }
}

#[test]
fn running_speech_is_cut_at_its_longest() {
    let stream = SPEECH.repeat(4);
    for (endpoints, longest) in [(Endpoints::default(), 26.1), (LONG, 28.1)] {
        let found = seconds(&cut(&stream, endpoints, 1600));
        assert!(found.iter().all(|(from, to)| to - from <= longest), "{found:?}");
        assert!(found.len() >= 4);
    }
}

#[test]
fn what_is_said_shows_before_it_ends() {
    let mut endpointer = Endpointer::new(Endpoints::default());
    assert!(endpointer.open_piece().is_none());
    endpointer.push(&SPEECH[..4 * RATE]);
    let open = endpointer.open_piece().unwrap();
    assert!(open.samples.len() > 3 * RATE && open.start < 6_400, "{open:?}");
    endpointer.push(&vec![0.0; 3 * RATE]);
    let ended = endpointer.next_piece().unwrap();
    assert_eq!(ended.start, open.start);
    assert!(endpointer.open_piece().is_none());
}

#[test]
fn a_short_pause_is_known_while_somebody_goes_on() {
    let mut endpointer = Endpointer::new(Endpoints::default());
    endpointer.push(&SPEECH[..4 * RATE]);
    endpointer.push(&vec![0.0; RATE / 2]);
    assert!(endpointer.is_quiet());
    let paused = endpointer.up_to_pause().unwrap();
    let quiet = paused.start + paused.samples.len() as u64 - paused.voiced_until;
    assert!(quiet >= RATE as u64 / 4 && paused.sure > RATE as u64, "{paused:?} {quiet} {}", paused.sure);
    endpointer.push(&SPEECH[..3 * RATE]);
    let open = endpointer.open_piece().unwrap();
    let pause = endpointer.up_to_pause().unwrap();
    assert_eq!((open.start, pause.start), (paused.start, paused.start));
    assert!(pause.voiced_until >= paused.voiced_until && open.voiced_until > paused.voiced_until);
    assert!(open.sure > paused.sure);
    // What follows the pause, on its own.
    let end = paused.start + paused.samples.len() as u64;
    let after = open.after(end).unwrap();
    assert_eq!((after.start, after.samples.len()), (end, open.samples.len() - paused.samples.len()));
    assert!(open.after(open.start + open.samples.len() as u64).is_none());
}

#[test]
fn what_is_no_number_is_silence() {
    assert!(cut(&vec![f32::NAN; 3 * RATE], Endpoints::default(), 1000).is_empty());
    assert!(cut(&[], Endpoints::default(), 1000).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// However the samples arrive, the pieces are the same, in order, without overlap, and are the stream's own.
    #[test]
    fn arrival_does_not_matter(from in 0_usize..20, length in 1_usize..26, gap in 0_usize..4, block in 1_usize..50_000) {
        let part = &SPEECH[from * RATE..((from + length) * RATE).min(SPEECH.len())];
        let stream = [part, &vec![0.0; gap * RATE], part].concat();
        for endpoints in [Endpoints::default(), LONG] {
            let pieces = cut(&stream, endpoints, block);
            prop_assert_eq!(&pieces, &cut(&stream, endpoints, 16_000));
            let mut end = 0;
            for piece in &pieces {
                prop_assert!(piece.start as usize >= end);
                end = piece.start as usize + piece.samples.len();
                prop_assert_eq!(&piece.samples[..], &stream[piece.start as usize..end]);
            }
        }
    }
}
