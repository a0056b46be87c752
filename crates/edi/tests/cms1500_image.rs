//! The form as an image, as a printer lays it on paper: rendered by poppler, which is not ours, and compared with the
//! images that were looked at (`tests/snapshots/*.png`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod made;

use iambilly_edi::cms1500::{Print, Shift, fill, print, test_page};
use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Dots an inch: a tenth of an inch is six dots.
const RESOLUTION: &str = "60";
/// Edge of a square in which ink is compared, in dots (2.1 mm).
const SQUARE: usize = 5;

/// A grey image: 0 is black.
#[derive(PartialEq)]
struct Grey {
    width: usize,
    height: usize,
    dots: Vec<u8>,
}

/// The first page, by poppler.
fn rendered(pdf: &[u8]) -> Grey {
    let mut poppler = Command::new("pdftoppm")
        .args(["-r", RESOLUTION, "-gray", "-singlefile", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftoppm (package poppler-utils) is there");
    let mut into = poppler.stdin.take().unwrap();
    let pdf = pdf.to_vec();
    let feed = std::thread::spawn(move || into.write_all(&pdf).unwrap());
    let out = poppler.wait_with_output().unwrap();
    feed.join().unwrap();
    assert!(out.status.success());
    // P5, width, height, 255, then one byte a dot.
    let mut at = 0;
    let mut word = || {
        let end = at + out.stdout[at..].iter().position(u8::is_ascii_whitespace).unwrap();
        let word = std::str::from_utf8(&out.stdout[at..end]).unwrap();
        at = end + 1;
        word
    };
    assert_eq!(word(), "P5");
    let (width, height) = (word().parse().unwrap(), word().parse().unwrap());
    assert_eq!(word(), "255");
    Grey { width, height, dots: out.stdout[at..].to_vec() }
}

fn place(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name)
}

fn kept(name: &str) -> Grey {
    let decoder = png::Decoder::new(BufReader::new(File::open(place(name)).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut dots = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut dots).unwrap();
    assert_eq!(info.color_type, png::ColorType::Grayscale);
    Grey { width: info.width as usize, height: info.height as usize, dots }
}

/// How much of the ink stands elsewhere, square by square, in hundredths of all ink: letters may be drawn a little
/// otherwise by another version of poppler or of its fonts, but nothing may stand elsewhere.
fn apart(one: &Grey, other: &Grey) -> usize {
    assert_eq!((one.width, one.height), (other.width, other.height));
    let ink = |image: &Grey, column: usize, row: usize| -> usize {
        (row..(row + SQUARE).min(image.height))
            .flat_map(|y| (column..(column + SQUARE).min(image.width)).map(move |x| (x, y)))
            .map(|(x, y)| usize::from(255 - image.dots[y * image.width + x]))
            .sum()
    };
    let (mut elsewhere, mut all) = (0, 0);
    for row in (0..one.height).step_by(SQUARE) {
        for column in (0..one.width).step_by(SQUARE) {
            let (a, b) = (ink(one, column, row), ink(other, column, row));
            elsewhere += a.abs_diff(b);
            all += a.max(b);
        }
    }
    elsewhere * 100 / all.max(1)
}

fn sheets() -> [(&'static str, Vec<u8>); 3] {
    let form = fill(&made::claim(2), "PCN2");
    [
        ("cms1500-preview.png", print(&form, Print::Preview)),
        ("cms1500-preprinted.png", print(&form, Print::Preprinted(Shift::default()))),
        ("cms1500-test-page.png", test_page(Shift::default())),
    ]
}

/// Writes the images anew, to be looked at: `IAMBILLY_WRITE_SNAPSHOTS=1`.
fn write(name: &str, image: &Grey) {
    let (width, height) = (u32::try_from(image.width).unwrap(), u32::try_from(image.height).unwrap());
    let mut encoder = png::Encoder::new(File::create(place(name)).unwrap(), width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_compression(png::Compression::High);
    encoder.write_header().unwrap().write_image_data(&image.dots).unwrap();
}

#[test]
fn the_sheets_are_those_that_were_looked_at() {
    for (name, pdf) in sheets() {
        let now = rendered(&pdf);
        if std::env::var_os("IAMBILLY_WRITE_SNAPSHOTS").is_some() {
            write(name, &now);
        }
        let differ = apart(&now, &kept(name));
        assert!(
            differ <= 15,
            "{name}: {differ} % of the ink stands elsewhere; look at it, then write it anew"
        );
    }
}

#[test]
fn a_millimetre_beside_its_place_is_seen() {
    let form = fill(&made::claim(2), "PCN2");
    let moved = rendered(&print(&form, Print::Preprinted(Shift { right: 10, up: 0 })));
    let differ = apart(&moved, &kept("cms1500-preprinted.png"));
    assert!(differ > 25, "{differ}");
    let lower = rendered(&print(&form, Print::Preprinted(Shift { right: 0, up: -10 })));
    let differ = apart(&lower, &kept("cms1500-preprinted.png"));
    assert!(differ > 25, "{differ}");
}
