//! The form as PDF: text alone for a pre-printed form, with places that can be shifted; or on a plain drawing of our
//! own. Fonts are the standard ones of every reader, so nothing is embedded and the same claim gives the same bytes.

use super::fill::{Filled, Form};
use super::layout::{ADVANCE, LINE_SPOTS, LINES_A_PAGE, SHADED_Y, SIZE, SPOTS, Spot};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

/// How far everything is moved on the paper, in tenths of a millimetre, right and up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shift {
    /// To the right.
    pub right: i32,
    /// Upwards.
    pub up: i32,
}

/// What it is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Print {
    /// A form that is printed already.
    Preprinted(Shift),
    /// White paper: boxes and names of the items are drawn.
    Preview,
}

/// Points in a tenth of a millimetre.
const TENTH: f32 = 72.0 / 254.0;
const PAGE: Rect = Rect { x1: 0.0, y1: 0.0, x2: 612.0, y2: 792.0 };
/// Furthest a page is shifted: this is for aligning, not for another form.
const FURTHEST: i32 = 250;

/// Prints a filled form.
#[must_use]
pub fn print(form: &Form, how: Print) -> Vec<u8> {
    let sheets = form.pages.iter().enumerate().map(|(number, page)| {
        let mut content = Content::new();
        let shift = match how {
            Print::Preprinted(shift) => shift,
            Print::Preview => {
                draw(&mut content, number + 1, form.pages.len());
                Shift::default()
            }
        };
        for filled in &page.items {
            write(&mut content, filled, shift);
        }
        content
    });
    document(sheets)
}

/// A page that shows where text would stand on a pre-printed form: a cross at the beginning of each place, and rulers in
/// millimetres.
#[must_use]
pub fn test_page(shift: Shift) -> Vec<u8> {
    let mut content = Content::new();
    let (dx, dy) = moved(shift);
    content.set_line_width(0.4);
    for spot in SPOTS {
        cross(&mut content, spot.x + dx, spot.y + dy);
    }
    for spot in LINE_SPOTS {
        for row in 1..=LINES_A_PAGE {
            let (x, y) = spot.at(Some(row));
            cross(&mut content, x + dx, y + dy);
        }
    }
    for millimetre in 0..=200_u16 {
        let along = f32::from(millimetre) * 10.0 * TENTH;
        let length = if millimetre % 10 == 0 { 8.0 } else { 4.0 };
        content
            .move_to(along, 0.0)
            .line_to(along, length)
            .move_to(0.0, along)
            .line_to(length, along)
            .stroke();
    }
    let words = format!("Shifted {} right and {} up, in tenths of a millimetre", shift.right, shift.up);
    say(&mut content, b"H", 9.0, 40.0, 776.0, &words);
    document(std::iter::once(content))
}

fn cross(content: &mut Content, x: f32, y: f32) {
    content.move_to(x - 3.0, y).line_to(x + 3.0, y).move_to(x, y - 3.0).line_to(x, y + 3.0).stroke();
}

fn moved(shift: Shift) -> (f32, f32) {
    let points =
        |tenths: i32| f32::from(i16::try_from(tenths.clamp(-FURTHEST, FURTHEST)).unwrap_or(0)) * TENTH;
    (points(shift.right), points(shift.up))
}

fn say(content: &mut Content, font: &[u8], size: f32, x: f32, y: f32, text: &str) {
    content.begin_text().set_font(Name(font), size).next_line(x, y).show(Str(text.as_bytes())).end_text();
}

fn write(content: &mut Content, filled: &Filled, shift: Shift) {
    let text = filled.text.expose();
    if text.is_empty() {
        return;
    }
    let ((x, y), (dx, dy)) = ((filled.x, filled.y), moved(shift));
    // Amounts end where their place ends, as columns of money do.
    let x = if matches!(filled.key, "24F" | "28" | "29" | "20.charge") {
        let length = u16::try_from(text.chars().count()).map_or(0.0, f32::from) * ADVANCE;
        x + (filled.spot.width - length).max(0.0)
    } else {
        x
    };
    say(content, b"C", SIZE, x + dx, y + dy, text);
}

/// Our own plain form: a box around each place with its item and name.
fn draw(content: &mut Content, number: usize, of: usize) {
    content.set_line_width(0.3);
    content.set_stroke_gray(0.7).set_fill_gray(0.3);
    let title = format!("CMS-1500 (02/12) - preview, not for filing - sheet {number} of {of}");
    say(content, b"H", 8.0, 20.0, 776.0, &title);
    let mut before = "";
    for spot in SPOTS {
        frame(content, spot, None);
        label(content, spot, before);
        before = spot.item;
    }
    for row in 1..=LINES_A_PAGE {
        for spot in LINE_SPOTS {
            frame(content, spot, Some(row));
        }
    }
    let mut before = "";
    for spot in LINE_SPOTS.iter().filter(|spot| !spot.key.ends_with("shaded") || spot.item == "24I") {
        heading(content, spot, before);
        before = spot.item;
    }
    content.set_fill_gray(0.0);
}

/// Size of the words on the drawing, and about what a letter of it takes.
const SMALL: f32 = 4.5;
const LETTER: f32 = 2.3;

fn width(words: &str) -> f32 {
    u16::try_from(words.chars().count()).map_or(f32::MAX, f32::from) * LETTER
}

fn frame(content: &mut Content, spot: &Spot, row: Option<usize>) {
    let (x, y) = spot.at(row);
    content.rect(x - 1.5, y - 2.0, spot.width + 1.5, 10.0).stroke();
}

/// Words of a place above the service lines' rows; `before` is the item of the place before it.
fn label(content: &mut Content, spot: &Spot, before: &str) {
    let mut small = |x: f32, y: f32, words: &str| say(content, b"H", SMALL, x, y, words);
    // The first box of an item names it; those after it only their own part.
    let (whole, part) = spot.name.split_once(": ").unwrap_or((spot.name, spot.name));
    let narrow = spot.width < 9.0;
    match spot.key {
        // Where rows stand close, the first one's words are enough.
        "carrier.2" | "carrier.3" | "carrier.4" | "32.street" | "32.city" | "33.street" | "33.city"
        | "17a" | "33.phone" => {}
        // Rows above leave no room: the words stand before the box.
        "17a.qualifier" | "17b" | "21.ind" => {
            let words = format!("{} {}", spot.item, if spot.item == "17a" { "other" } else { spot.name });
            small(spot.x - 4.0 - width(&words), spot.y + 0.5, &words);
        }
        "33.area" => small(spot.x - 30.0, spot.y + 0.5, "33 telephone"),
        "31.date" => small(spot.x - 12.0, spot.y + 0.5, "date"),
        "25.ssn" | "25.ein" => small(spot.x - 1.0, spot.y + 9.2, spot.name),
        key if key.starts_with("21.") => small(spot.x - 7.0, spot.y + 0.5, spot.name),
        _ if before != spot.item => {
            small(spot.x - 1.0, spot.y + 9.2, &format!("{} {whole}", spot.item));
            if narrow && whole != part {
                small(spot.x + 9.0, spot.y + 0.5, part);
            }
        }
        _ if narrow => small(spot.x + 9.0, spot.y + 0.5, part),
        // A date says which part is which by its place.
        _ if whole == part => small(spot.x - 1.0, spot.y + 9.2, part),
        _ if part == "month" => small(spot.x - 1.0, spot.y + 9.2, whole),
        _ => {}
    }
}

/// Words over a column of the service lines: the item, and its name where that has room.
fn heading(content: &mut Content, spot: &Spot, before: &str) {
    let (whole, part) = spot.name.split_once(": ").unwrap_or((spot.name, spot.name));
    let words = match (before == spot.item, part) {
        (false, _) if width(spot.item) + width(whole) + LETTER <= spot.width + 6.0 => {
            format!("{} {whole}", spot.item)
        }
        (false, _) => spot.item.to_owned(),
        (true, "month") => whole.to_owned(),
        (true, _) => return,
    };
    say(content, b"H", SMALL, spot.x - 1.0, SHADED_Y[0] + 9.2, &words);
}

fn document(sheets: impl Iterator<Item = Content>) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let (catalog, tree, courier, helvetica) = (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4));
    pdf.catalog(catalog).pages(tree);
    pdf.type1_font(courier).base_font(Name(b"Courier")).encoding_predefined(Name(b"WinAnsiEncoding"));
    pdf.type1_font(helvetica).base_font(Name(b"Helvetica")).encoding_predefined(Name(b"WinAnsiEncoding"));
    let mut kids = vec![];
    let mut next = 5;
    for content in sheets {
        let (page, stream) = (Ref::new(next), Ref::new(next + 1));
        next += 2;
        kids.push(page);
        let mut sheet = pdf.page(page);
        sheet.media_box(PAGE).parent(tree).contents(stream);
        let mut resources = sheet.resources();
        resources.fonts().pair(Name(b"C"), courier).pair(Name(b"H"), helvetica);
        resources.finish();
        sheet.finish();
        pdf.stream(stream, &content.finish());
    }
    let count = i32::try_from(kids.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(kids).count(count);
    pdf.finish()
}
