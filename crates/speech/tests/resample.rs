//! The converter to 16 kHz: length, tones, aliasing, tail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a test fails by panicking, and casts its own small numbers"
)]

use iambilly_speech::Mono16k;
use std::f64::consts::TAU;

const RATES: [u32; 10] = [4_000, 8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000];

fn tone(rate: u32, hertz: f64, frames: usize) -> Vec<f32> {
    (0..frames).map(|i| (0.5 * (TAU * hertz * i as f64 / f64::from(rate)).sin()) as f32).collect()
}

fn convert(rate: u32, channels: u16, interleaved: &[f32], block: usize) -> Vec<f32> {
    let mut converter = Mono16k::new(rate, channels).unwrap();
    let mut out = vec![];
    for part in interleaved.chunks(block * usize::from(channels)) {
        converter.push(part, &mut out).unwrap();
    }
    converter.finish(&mut out).unwrap();
    out
}

/// Amplitude, delay in milliseconds and what is left over (dB below the tone) when a tone is fitted to
/// 16 kHz samples that begin at sample `first`.
fn fit(samples: &[f32], first: usize, hertz: f64) -> (f64, f64, f64) {
    let omega = TAU * hertz / 16_000.0;
    let at = |i: usize| ((omega * (first + i) as f64).sin(), (omega * (first + i) as f64).cos());
    let (mut ss, mut sc, mut cc, mut ys, mut yc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (i, y) in samples.iter().enumerate() {
        let ((s, c), y) = (at(i), f64::from(*y));
        (ss, sc, cc, ys, yc) = (ss + s * s, sc + s * c, cc + c * c, ys + y * s, yc + y * c);
    }
    let det = ss * cc - sc * sc;
    let (a, b) = ((ys * cc - yc * sc) / det, (yc * ss - ys * sc) / det);
    let residue: Vec<f32> =
        samples.iter().enumerate().map(|(i, y)| (f64::from(*y) - a * at(i).0 - b * at(i).1) as f32).collect();
    (a.hypot(b), -b.atan2(a) / omega / 16.0, rms_db(&residue) - rms_db(samples))
}

fn rms_db(samples: &[f32]) -> f64 {
    let mean = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64;
    10.0 * mean.max(1e-20).log10()
}

#[test]
fn the_length_is_exact_for_every_rate_and_block() {
    for rate in RATES.into_iter().chain([16_000, 44_101]) {
        for frames in [1_usize, 37, 4_096, 30_011] {
            for block in [1_000, 4_096, 50_000] {
                let out = convert(rate, 1, &tone(rate, 300.0, frames), block);
                let expected = (frames as f64 * 16_000.0 / f64::from(rate)).round() as usize;
                assert_eq!(out.len(), expected, "{rate} Hz, {frames} frames in blocks of {block}");
            }
        }
    }
}

#[test]
fn a_tone_keeps_its_pitch_its_level_and_its_time() {
    for rate in RATES {
        for hertz in [150.0, 1_000.0, f64::from(rate.min(16_000)) * 0.4] {
            let out = convert(rate, 1, &tone(rate, hertz, rate as usize), 1_111);
            let (level, delay, residue) = fit(&out[2_000..14_000], 2_000, hertz);
            assert!((0.49..0.51).contains(&level), "{rate} Hz: {hertz} Hz has amplitude {level}");
            assert!(delay.abs() < 0.04, "{rate} Hz: {hertz} Hz comes {delay} ms late");
            assert!(residue < -60.0, "{rate} Hz: {hertz} Hz with {residue:.1} dB of something else");
        }
    }
}

#[test]
fn what_would_alias_is_sixty_decibels_down() {
    for rate in [22_050, 32_000, 44_100, 48_000, 96_000, 192_000_u32] {
        for hertz in [8_300.0, 9_000.0, 10_500.0, f64::from(rate) * 0.45] {
            if hertz >= f64::from(rate) / 2.0 {
                continue;
            }
            let input = tone(rate, hertz, rate as usize);
            let out = convert(rate, 1, &input, 4_096);
            let down = rms_db(&out[2_000..14_000]) - rms_db(&input);
            assert!(down < -60.0, "{rate} Hz: {hertz} Hz comes through at {down:.1} dB");
        }
    }
}

#[test]
fn the_tail_is_not_lost() {
    for rate in RATES {
        let frames = rate as usize * 2;
        let mut input = vec![0.0; frames];
        let burst = rate as usize / 50;
        input[frames - burst..].copy_from_slice(&tone(rate, 500.0, burst));
        let out = convert(rate, 1, &input, 777);
        assert!(rms_db(&out[out.len() - 320..]) > -12.0, "{rate} Hz lost its last 20 ms");
        assert!(rms_db(&out[..30_000]) < -60.0, "{rate} Hz heard it too early");
    }
}

#[test]
fn channels_are_averaged_and_blocks_do_not_matter() {
    let left = tone(44_100, 440.0, 44_100);
    let stereo: Vec<f32> = left.iter().flat_map(|s| [*s, 0.0]).collect();
    let half: Vec<f32> = left.iter().map(|s| s / 2.0).collect();
    let (a, b) = (convert(44_100, 2, &stereo, 441), convert(44_100, 1, &half, 44_100));
    assert!(a.iter().zip(&b).all(|(x, y)| (x - y).abs() < 1e-6));
    let out = convert(16_000, 2, &stereo[..1000], 100);
    assert_eq!(out, half[..500]);
}

#[test]
fn no_rate_and_no_channels_are_refused() {
    assert!(Mono16k::new(0, 1).is_err() && Mono16k::new(16_000, 0).is_err());
    let mut out = vec![];
    Mono16k::new(48_000, 1).unwrap().finish(&mut out).unwrap();
    assert!(out.is_empty(), "nothing in, nothing out");
}
