//! Sealed recordings against crash, cut, flip, swap and the wrong key.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a test fails by panicking, and casts its own small numbers"
)]

use iambilly_claim::ids::RecordingId;
use iambilly_vault::{
    Ending, OsRandom, SealedError, SealedFile, SealedHeader, SealedReader, SealedWriter, SecretKey,
};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use uuid::Uuid;

fn recording(n: u128) -> RecordingId {
    RecordingId::new(Uuid::from_u128(n))
}

fn header(n: u128) -> SealedHeader {
    SealedHeader { recording: recording(n), sample_rate: 44_100, channels: 2, format: 1 }
}

fn key(n: u8) -> SecretKey {
    SecretKey::from_bytes([n; 32])
}

fn frames(lengths: &[usize]) -> Vec<Vec<u8>> {
    lengths.iter().enumerate().map(|(i, n)| (0..*n).map(|j| (i * 31 + j) as u8).collect()).collect()
}

/// The sealed bytes, finished, and the offset of the end of each audio frame.
fn seal(n: u128, key: &SecretKey, frames: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
    let mut writer = SealedWriter::new(vec![], header(n), key).unwrap();
    let mut ends = vec![];
    let mut end = 33;
    for frame in frames {
        writer.append(frame).unwrap();
        end += 13 + frame.len() + 16;
        ends.push(end);
    }
    (writer.finish().unwrap(), ends)
}

type Reader = SealedReader<Cursor<Vec<u8>>>;

fn open(bytes: &[u8], n: u128, key: &SecretKey) -> Result<Reader, SealedError> {
    SealedReader::open(Cursor::new(bytes.to_vec()), recording(n), key)
}

fn read_all(reader: &mut Reader) -> Result<Vec<Vec<u8>>, SealedError> {
    let mut all = vec![];
    while let Some(frame) = reader.next_frame()? {
        all.push(frame);
    }
    Ok(all)
}

#[test]
fn it_comes_back_and_shows_nothing() {
    let plain = frames(&[1000, 1, 44_100 * 4, 77]);
    let (bytes, _) = seal(1, &key(7), &plain);
    assert!(!bytes.windows(40).any(|w| w == &plain[0][..40]), "plain audio in the file");
    let mut reader = open(&bytes, 1, &key(7)).unwrap();
    assert_eq!(reader.header(), header(1));
    assert_eq!(reader.ending(), Ending::Finished { frames: 4 });
    assert_eq!(reader.plain_bytes(), plain.iter().map(|f| f.len() as u64).sum::<u64>());
    assert_eq!(read_all(&mut reader).unwrap(), plain);
    reader.seek_frame(2).unwrap();
    assert_eq!(reader.next_frame().unwrap().unwrap(), plain[2]);
    assert!(matches!(reader.seek_frame(5), Err(SealedError::NoSuchFrame { frame: 5 })));
    reader.seek_frame(4).unwrap();
    assert_eq!(reader.next_frame().unwrap(), None);
    assert_eq!(reader.verify().unwrap(), Ending::Finished { frames: 4 });
}

#[test]
fn an_empty_recording_is_finished_too() {
    let (bytes, _) = seal(1, &key(7), &[]);
    assert_eq!(open(&bytes, 1, &key(7)).unwrap().ending(), Ending::Finished { frames: 0 });
}

/// Cut at every byte: the whole frames before the cut open, and only the whole file counts as finished.
#[test]
fn every_cut_leaves_a_valid_prefix() {
    let plain = frames(&[40, 3, 90, 1, 25]);
    let (bytes, ends) = seal(1, &key(7), &plain);
    for cut in 0..bytes.len() {
        let opened = open(&bytes[..cut], 1, &key(7));
        if cut < 33 {
            assert!(matches!(opened, Err(SealedError::NotSealed)), "cut {cut}");
            continue;
        }
        let mut reader = opened.unwrap();
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let valid = if whole == 0 { 33 } else { ends[whole - 1] as u64 };
        assert_eq!(reader.ending(), Ending::Torn { frames: whole as u64, valid }, "cut {cut}");
        assert_eq!(read_all(&mut reader).unwrap(), plain[..whole], "cut {cut}");
    }
}

/// Flip every bit: never the whole recording as if nothing had happened, never a wrong byte of audio.
#[test]
fn every_flipped_bit_is_noticed() {
    let plain = frames(&[20, 3, 17]);
    let (bytes, _) = seal(1, &key(7), &plain);
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let Ok(mut reader) = open(&altered, 1, &key(7)) else { continue };
        let mut read = vec![];
        let failed = loop {
            match reader.next_frame() {
                Ok(Some(frame)) => read.push(frame),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(plain.starts_with(&read), "bit {bit}: wrong audio");
        let finished = matches!(reader.ending(), Ending::Finished { .. });
        assert!(failed || !finished, "bit {bit} of {}: nothing noticed", bytes.len() * 8);
    }
}

#[test]
fn altered_frames_are_named() {
    let plain = frames(&[50, 50, 50]);
    let (bytes, ends) = seal(1, &key(7), &plain);
    let cases: Vec<(&str, Vec<u8>, Option<u64>)> = vec![
        (
            "a byte of the second frame",
            [&bytes[..ends[0] + 20], &[bytes[ends[0] + 20] ^ 1], &bytes[ends[0] + 21..]].concat(),
            Some(1),
        ),
        (
            "frames one and two swapped",
            [&bytes[..33], &bytes[ends[0]..ends[1]], &bytes[33..ends[0]], &bytes[ends[1]..]].concat(),
            None,
        ),
        ("the second frame left out", [&bytes[..ends[0]], &bytes[ends[1]..]].concat(), None),
        ("the second frame twice", [&bytes[..ends[1]], &bytes[ends[0]..]].concat(), None),
        ("the last frame left out", [&bytes[..ends[1]], &bytes[ends[2]..]].concat(), None),
        ("bytes after the end", [&bytes[..], &[0]].concat(), None),
    ];
    for (name, altered, frame) in cases {
        let error = open(&altered, 1, &key(7)).and_then(|mut r| read_all(&mut r)).unwrap_err();
        assert_eq!(error.fault().code, "sealed_altered", "{name}");
        if let Some(frame) = frame {
            assert!(matches!(error, SealedError::FrameAltered { frame: f } if f == frame), "{name}: {error}");
        }
    }
    // A renumbered frame fails its seal even where its place would be right.
    let mut renumbered = [&bytes[..33], &bytes[ends[0]..ends[1]]].concat();
    renumbered[33 + 5] = 0;
    let error = open(&renumbered, 1, &key(7)).and_then(|mut r| read_all(&mut r)).unwrap_err();
    assert!(matches!(error, SealedError::FrameAltered { frame: 0 }));
}

#[test]
fn frames_of_another_recording_or_key_do_not_fit() {
    let plain = frames(&[50, 50]);
    let (one, ends) = seal(1, &key(7), &plain);
    let (two, _) = seal(2, &key(7), &plain);
    assert!(matches!(open(&two, 1, &key(7)), Err(SealedError::OtherRecording)));
    // The second frame of recording 2, sealed by mistake with the same key, in recording 1.
    let mixed = [&one[..ends[0]], &two[ends[0]..ends[1]], &one[ends[1]..]].concat();
    let error = open(&mixed, 1, &key(7)).and_then(|mut r| read_all(&mut r)).unwrap_err();
    assert!(matches!(error, SealedError::FrameAltered { frame: 1 }));
    assert!(matches!(open(&one, 1, &key(8)), Err(SealedError::FrameAltered { .. })));
    assert!(matches!(
        open(b"RIFF....WAVEfmt ................................", 1, &key(7)),
        Err(SealedError::NotSealed)
    ));
    let mut newer = one;
    newer[8] = 9;
    assert!(matches!(open(&newer, 1, &key(7)), Err(SealedError::Newer { found: 9, known: 1 })));
}

#[test]
fn a_tail_of_zeros_after_a_power_cut_is_torn_not_altered() {
    let (bytes, ends) = seal(1, &key(7), &frames(&[50, 50]));
    let mut torn = bytes[..ends[0]].to_vec();
    torn.extend([0; 5000]);
    let mut reader = open(&torn, 1, &key(7)).unwrap();
    assert_eq!(reader.ending(), Ending::Torn { frames: 1, valid: ends[0] as u64 });
    assert_eq!(read_all(&mut reader).unwrap().len(), 1);
}

/// A disk that takes so many bytes and then is full.
struct FullDisk {
    kept: Vec<u8>,
    room: usize,
}

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = bytes.len().min(self.room - self.kept.len());
        if n == 0 && !bytes.is_empty() {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.kept.extend_from_slice(&bytes[..n]);
        Ok(n)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_says_so_and_keeps_what_was_sealed() {
    let plain = frames(&[30, 30, 30]);
    let (bytes, ends) = seal(1, &key(7), &plain);
    for room in 33..bytes.len() {
        let mut disk = FullDisk { kept: vec![], room };
        let mut writer = SealedWriter::new(&mut disk, header(1), &key(7)).unwrap();
        let mut written = 0;
        let error = loop {
            if written == plain.len() {
                break writer.finish().map(|_| ()).unwrap_err();
            }
            match writer.append(&plain[written]) {
                Ok(()) => written += 1,
                Err(e) => {
                    assert!(matches!(writer.append(&plain[0]), Err(SealedError::Stopped)));
                    break e;
                }
            }
        };
        assert_eq!(error.fault().code, "disk_full", "room {room}");
        assert_eq!(written, ends.iter().filter(|e| **e <= room).count());
        let mut reader = open(&disk.kept, 1, &key(7)).unwrap();
        assert_eq!(read_all(&mut reader).unwrap(), plain[..written]);
    }
}

#[test]
fn files_are_private_and_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("1.sealed");
    let key = SecretKey::random(&mut OsRandom).unwrap();
    let mut file = SealedFile::create(&path, header(1), &key).unwrap();
    file.append(&[1, 2, 3]).unwrap();
    file.sync().unwrap();
    // What is synced is readable while the recorder still runs.
    let read = std::fs::read(&path).unwrap();
    assert_eq!(open(&read, 1, &key).unwrap().ending(), Ending::Torn { frames: 1, valid: read.len() as u64 });
    file.finish().unwrap();
    let mut reader = SealedReader::open(std::fs::File::open(&path).unwrap(), recording(1), &key).unwrap();
    assert_eq!(reader.next_frame().unwrap(), Some(vec![1, 2, 3]));
    assert!(SealedFile::create(&path, header(1), &key).is_err());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_cut_and_any_garbage(lengths in prop::collection::vec(1_usize..300, 0..6), cut in any::<prop::sample::Index>(), garbage in prop::collection::vec(any::<u8>(), 0..80)) {
        let plain = frames(&lengths);
        let (bytes, ends) = seal(3, &key(9), &plain);
        let cut = cut.index(bytes.len());
        let damaged = [&bytes[..cut], &garbage[..]].concat();
        prop_assume!(damaged != bytes);
        if let Ok(mut reader) = open(&damaged, 3, &key(9)) {
            let mut read = vec![];
            let mut failed = false;
            loop {
                match reader.next_frame() {
                    Ok(Some(frame)) => read.push(frame),
                    Ok(None) => break,
                    Err(_) => { failed = true; break }
                }
            }
            prop_assert!(plain.starts_with(&read));
            prop_assert!(read.len() >= ends.iter().filter(|e| **e <= cut).count());
            let finished = matches!(reader.ending(), Ending::Finished { .. });
            prop_assert!(failed || !finished);
        }
    }
}
