//! WAV files of every sort, good, odd and broken, through the public door.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a test fails by panicking, and casts its own small numbers"
)]

use iambilly_claim::FaultKind;
use iambilly_speech::{PcmFormat, SampleCoding, SpeechError, WavSource, peaks};
use proptest::prelude::*;
use std::io::Cursor;

type Source = WavSource<Cursor<Vec<u8>>>;

fn open(bytes: &[u8]) -> Result<Source, SpeechError> {
    WavSource::open(Cursor::new(bytes.to_vec()))
}

fn all(mut source: Source, block_frames: usize) -> Vec<f32> {
    let (mut block, mut samples) = (vec![], vec![]);
    while source.next_block(block_frames, &mut block).unwrap() {
        samples.extend_from_slice(&block);
    }
    samples
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = name.to_vec();
    bytes.extend((body.len() as u32).to_le_bytes());
    bytes.extend(body);
    if body.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

fn fmt(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let align = channels.wrapping_mul(bits / 8);
    let mut body = tag.to_le_bytes().to_vec();
    body.extend(channels.to_le_bytes());
    body.extend(rate.to_le_bytes());
    body.extend(rate.wrapping_mul(u32::from(align)).to_le_bytes());
    body.extend(align.to_le_bytes());
    body.extend(bits.to_le_bytes());
    body
}

fn wave(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((body.len() as u32 + 4).to_le_bytes());
    bytes.extend(b"WAVE");
    bytes.extend(body);
    bytes
}

fn plain(rate: u32, samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    wave(&[chunk(b"fmt ", &fmt(1, 1, rate, 16)), chunk(b"data", &data)])
}

/// Written by hound, an independent implementation.
fn hound_wav(channels: u16, rate: u32, bits: u16, float: bool, values: &[f64]) -> Vec<u8> {
    let sample_format = if float { hound::SampleFormat::Float } else { hound::SampleFormat::Int };
    let spec = hound::WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format };
    let mut bytes = Cursor::new(vec![]);
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for v in values {
        if float {
            writer.write_sample(*v as f32).unwrap();
        } else {
            writer.write_sample((v * 2_f64.powi(i32::from(bits) - 1)) as i32).unwrap();
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

#[test]
fn every_rate_channel_count_and_coding() {
    let values: Vec<f64> = (0..6000).map(|i| (f64::from(i) * 0.01).sin() * 0.9).collect();
    for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000] {
        for channels in [1, 2, 3, 6] {
            for (bits, float, coding) in [
                (8, false, SampleCoding::U8),
                (16, false, SampleCoding::I16),
                (24, false, SampleCoding::I24),
                (32, false, SampleCoding::I32),
                (32, true, SampleCoding::F32),
            ] {
                let source = open(&hound_wav(channels, rate, bits, float, &values)).unwrap();
                let info = source.info();
                assert_eq!((info.sample_rate, info.channels, info.coding), (rate, channels, coding));
                assert_eq!(info.frames, 6000 / u64::from(channels));
                assert!(!info.truncated);
                let read = all(source, 700);
                assert_eq!(read.len(), values.len());
                let worst =
                    read.iter().zip(&values).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
                let step = if bits == 8 { 1.0 / 127.0 } else { 1.0 / 32_767.0 };
                assert!(worst <= step, "{rate} Hz, {channels} ch, {coding:?}: off by {worst}");
            }
        }
    }
}

#[test]
fn f64_and_padded_containers() {
    let values = [0.25_f64, -0.5, f64::NAN, f64::INFINITY, 1e300, 0.75];
    let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let bytes = wave(&[chunk(b"fmt ", &fmt(3, 1, 48_000, 64)), chunk(b"data", &data)]);
    assert_eq!(all(open(&bytes).unwrap(), 2), [0.25, -0.5, 0.0, 0.0, 0.0, 0.75]);

    // 20 bits in three bytes: the samples are left-justified in their container.
    let mut format = fmt(1, 1, 48_000, 24);
    format[14] = 20;
    let bytes = wave(&[chunk(b"fmt ", &format), chunk(b"data", &[0x00, 0x00, 0x40, 0x00, 0x00, 0xC0])]);
    let source = open(&bytes).unwrap();
    assert_eq!(source.info().coding, SampleCoding::I24);
    assert_eq!(all(source, 10), [0.5, -0.5]);
}

#[test]
fn extensible_and_chunks_before_the_sound() {
    let mut format = fmt(0xFFFE, 2, 44_100, 16);
    format.extend(22_u16.to_le_bytes());
    format.extend(16_u16.to_le_bytes());
    format.extend(3_u32.to_le_bytes());
    format.extend([1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
    let data: Vec<u8> = [100_i16, -100, 200, -200].iter().flat_map(|s| s.to_le_bytes()).collect();
    let bytes = wave(&[
        chunk(b"JUNK", &[7; 33]),
        chunk(b"bext", &[0; 602]),
        chunk(b"fmt ", &format),
        chunk(b"LIST", b"INFOodd"),
        chunk(b"data", &data),
        chunk(b"cue ", &[0; 4]),
    ]);
    let source = open(&bytes).unwrap();
    assert_eq!((source.info().frames, source.info().channels, source.info().truncated), (2, 2, false));
    let mut back = vec![];
    PcmFormat::I16.encode(&all(source, 1), &mut back);
    assert_eq!(back, data);
}

#[test]
fn a_cut_file_gives_what_is_there_and_says_so() {
    let whole = plain(16_000, &(0..16_000).map(|i| i as i16).collect::<Vec<_>>());
    for cut in [1, 2, 1000, 31_998] {
        let source = open(&whole[..whole.len() - cut]).unwrap();
        let info = source.info();
        assert!(info.truncated, "cut by {cut}");
        assert_eq!(info.frames, (32_000 - cut as u64) / 2);
        assert_eq!(all(source, 999).len() as u64, info.frames);
    }
    assert!(matches!(open(&whole[..44]), Err(SpeechError::NoFrames)));
    // A recorder that died before it filled the lengths in.
    let mut never_closed = whole.clone();
    never_closed[4..8].copy_from_slice(&36_u32.to_le_bytes());
    never_closed[40..44].copy_from_slice(&0_u32.to_le_bytes());
    let info = open(&never_closed).unwrap().info();
    assert_eq!((info.frames, info.truncated), (16_000, true));
    // Written to a pipe: no length, but whole.
    let mut piped = whole;
    piped[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    piped[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    let info = open(&piped).unwrap().info();
    assert_eq!((info.frames, info.duration_ms, info.truncated), (16_000, 1000, false));
}

#[test]
fn rf64() {
    let mut ds64 = vec![0; 28];
    ds64[8..16].copy_from_slice(&4_u64.to_le_bytes());
    let mut bytes =
        wave(&[chunk(b"ds64", &ds64), chunk(b"fmt ", &fmt(1, 1, 16_000, 16)), chunk(b"data", &[1, 0, 2, 0])]);
    bytes[..4].copy_from_slice(b"RF64");
    bytes[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let at = bytes.len() - 8;
    bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let info = open(&bytes).unwrap().info();
    assert_eq!((info.frames, info.truncated), (2, false));
}

#[test]
fn what_is_not_usable_says_why() {
    let data = chunk(b"data", &[0; 64]);
    let with = |format: Vec<u8>| wave(&[chunk(b"fmt ", &format), data.clone()]);
    let mut odd_block = fmt(1, 2, 16_000, 16);
    odd_block[12] = 3;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", vec![], "audio_empty"),
        ("MP3 with a tag", b"ID3\x03\0\0\0\0\0\0\0\0\0\0".to_vec(), "wav_not_a_wav"),
        ("bare MP3", vec![0xFF, 0xFB, 0x90, 0x64, 0, 0, 0, 0, 0, 0, 0, 0], "wav_not_a_wav"),
        ("M4A", b"\0\0\0\x20ftypM4A \0\0\0\0".to_vec(), "wav_not_a_wav"),
        ("Ogg", b"OggS\0\x02\0\0\0\0\0\0\0\0".to_vec(), "wav_not_a_wav"),
        ("FLAC", b"fLaC\0\0\0\x22aaaaaaaa".to_vec(), "wav_not_a_wav"),
        ("text", b"Preoperative diagnosis".to_vec(), "wav_not_a_wav"),
        ("AVI", b"RIFF\x10\0\0\0AVI LIST".to_vec(), "wav_not_a_wav"),
        ("cut in the first bytes", b"RIFF\x10".to_vec(), "wav_not_a_wav"),
        ("noise", vec![3; 4000], "wav_not_a_wav"),
        ("header only", wave(&[]), "wav_bad_header"),
        ("no sound chunk", wave(&[chunk(b"fmt ", &fmt(1, 1, 16_000, 16))]), "wav_no_sound"),
        ("empty sound", wave(&[chunk(b"fmt ", &fmt(1, 1, 16_000, 16)), chunk(b"data", &[])]), "wav_no_sound"),
        (
            "half a sample",
            wave(&[chunk(b"fmt ", &fmt(1, 1, 16_000, 16)), chunk(b"data", &[1])]),
            "wav_no_sound",
        ),
        ("sound before format", wave(std::slice::from_ref(&data)), "wav_bad_header"),
        ("no channels", with(fmt(1, 0, 16_000, 16)), "wav_bad_header"),
        ("500 channels", with(fmt(1, 500, 16_000, 16)), "wav_bad_header"),
        ("1 Hz", with(fmt(1, 1, 1, 16)), "wav_bad_header"),
        ("10 MHz", with(fmt(1, 1, 10_000_000, 16)), "wav_bad_header"),
        ("0 bits", with(fmt(1, 1, 16_000, 0)), "wav_bad_header"),
        ("16-bit float", with(fmt(3, 1, 16_000, 16)), "wav_bad_header"),
        ("block of three bytes for two channels", with(odd_block), "wav_bad_header"),
        ("short format", wave(&[chunk(b"fmt ", &[1, 0, 1, 0]), data.clone()]), "wav_bad_header"),
        ("µ-law", with(fmt(7, 1, 8_000, 8)), "wav_compressed"),
        ("A-law", with(fmt(6, 1, 8_000, 8)), "wav_compressed"),
        ("ADPCM", with(fmt(0x11, 1, 8_000, 4)), "wav_compressed"),
        ("GSM", with(fmt(0x31, 1, 8_000, 0)), "wav_compressed"),
        ("MP3 in WAV", with(fmt(0x55, 2, 44_100, 0)), "wav_compressed"),
    ];
    for (name, bytes, code) in cases {
        let error = open(&bytes).map(|s| s.info()).unwrap_err();
        let fault = error.fault();
        assert_eq!(fault.code, code, "{name}");
        assert_eq!(fault.kind, FaultKind::Input, "{name}");
        assert!(fault.message.ends_with('.') && fault.advice.ends_with('.'), "{name}: {fault}");
    }
    let mp3 = open(b"ID3\x03\0\0\0\0\0\0\0\0\0\0").unwrap_err().fault();
    assert_eq!(mp3.message, "This is not a WAV file; it looks like an MP3 file.");
}

#[test]
fn the_waveform_follows_the_sound() {
    let mut samples = vec![0_i16; 1000];
    samples[500] = 16_384;
    samples[999] = -32_768;
    let found = peaks(&mut open(&plain(8_000, &samples)).unwrap(), 10).unwrap();
    let extremes: Vec<(f32, f32)> = found.iter().map(|p| (p.min, p.max)).collect();
    let mut expected = vec![(0.0, 0.0); 10];
    expected[5].1 = 0.5;
    expected[9].0 = -1.0;
    assert_eq!(extremes, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    /// Whatever the bytes, there is an answer, and never more samples than bytes.
    #[test]
    fn no_bytes_make_it_panic(flips in prop::collection::vec((0_usize..120, any::<u8>()), 0..12), cut in 0_usize..240) {
        let mut bytes = plain(16_000, &[1000; 98]);
        for (at, value) in flips {
            bytes[at] = value;
        }
        bytes.truncate(bytes.len().min(cut));
        if let Ok(source) = open(&bytes) {
            let info = source.info();
            let read = all(source, 7);
            prop_assert_eq!(read.len() as u64, info.frames * u64::from(info.channels));
            prop_assert!(read.len() <= bytes.len());
            prop_assert!(read.iter().all(|s| s.is_finite()));
        }
    }
}
