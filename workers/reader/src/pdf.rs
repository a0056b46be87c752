//! PDF: every glyph with its place and letters, rules of tables, and what a policy has no business to hold.

use crate::{MAX_PAGES, Refusal};
use hayro_interpret::font::{Glyph as Drawn, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object};
use hayro_interpret::hayro_syntax::{LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Shape};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, interpret_page,
};
use iambilly_policy::Document;
use iambilly_policy::layout::{self, Glyph, PageMarks};
use std::collections::HashMap;

/// Most glyphs of a document: about 6,000 dense pages.
const GLYPHS: usize = 20_000_000;
/// How deep direct objects may nest before nobody looks further.
const DEPTH: u8 = 12;

/// Reads a PDF.
///
/// # Errors
/// Encrypted, damaged, scripted, too many pages.
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Refusal::Encrypted,
        LoadPdfError::Invalid => Refusal::Damaged,
    })?;
    let pages = pdf.pages();
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    if count > MAX_PAGES {
        return Err(Refusal::TooManyPages { pages: count });
    }
    if pdf.objects().into_iter().any(|object| acts(&object, DEPTH)) {
        return Err(Refusal::Scripted);
    }
    if count == 0 {
        return Err(Refusal::Damaged);
    }
    let cache = InterpreterCache::new();
    let mut inks = HashMap::new();
    let mut left = GLYPHS;
    let mut read = vec![];
    for page in pages.iter() {
        let (width, height) = page.render_dimensions();
        let mut painter =
            Painter { marks: PageMarks { width, height, ..PageMarks::default() }, inks: &mut inks, left };
        let to_top_left = Affine::new(page.initial_transform(true).as_coeffs());
        let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut context =
            Context::new(to_top_left, bounds, &cache, pdf.xref(), InterpreterSettings::default());
        interpret_page(page, &mut context, &mut painter);
        left = painter.left;
        if left == 0 {
            return Err(Refusal::TooLarge);
        }
        read.push(painter.marks);
    }
    Ok(layout::read(&read))
}

/// Whether an object runs a script or a program, or carries a file.
fn acts(object: &Object<'_>, depth: u8) -> bool {
    let Some(deeper) = depth.checked_sub(1) else { return false };
    match object {
        Object::Dict(dict) => acts_dict(dict, deeper),
        Object::Stream(stream) => acts_dict(stream.dict(), deeper),
        Object::Array(array) => direct(array).any(|o| acts(&o, deeper)),
        _ => false,
    }
}

/// References are objects of their own and looked at there.
fn direct<'a>(array: &Array<'a>) -> impl Iterator<Item = Object<'a>> {
    array.raw_iter().filter_map(|o| match o {
        hayro_interpret::hayro_syntax::object::MaybeRef::NotRef(object) => Some(object),
        hayro_interpret::hayro_syntax::object::MaybeRef::Ref(_) => None,
    })
}

fn acts_dict(dict: &Dict<'_>, depth: u8) -> bool {
    let action = dict.get::<Name<'_>>("S").is_some_and(|s| {
        matches!(
            s.as_str(),
            "JavaScript" | "Launch" | "ImportData" | "SubmitForm" | "Rendition" | "Movie" | "Sound"
        )
    });
    let file = dict.get::<Name<'_>>("Type").is_some_and(|t| t.as_str() == "EmbeddedFile");
    action
        || file
        || dict.contains_key("JS")
        || dict.contains_key("JavaScript")
        || dict.contains_key("XFA")
        || dict.entries().any(|(_, value)| match value {
            hayro_interpret::hayro_syntax::object::MaybeRef::NotRef(object) => acts(&object, depth),
            hayro_interpret::hayro_syntax::object::MaybeRef::Ref(_) => false,
        })
}

struct Painter<'p> {
    marks: PageMarks,
    /// Printed share of a glyph's square, by glyph.
    inks: &'p mut HashMap<u128, f32>,
    left: usize,
}

impl Painter<'_> {
    /// A thin and wide box is a rule of a table.
    fn rule(&mut self, bounds: Rect) {
        let (x0, x1) = (bounds.min_x(), bounds.max_x());
        let thin = bounds.height() < 2.5 && x1 - x0 > 12.0;
        if thin && self.marks.rules.len() < 20_000 {
            self.marks.rules.push((near(x0), near(x1), near(bounds.center().y)));
        }
    }
}

impl Device<'_> for Painter<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'_>, mode: &DrawMode) {
        let bounds = props.transform.transform_rect_bbox(path.bounding_box());
        self.rule(bounds);
        // A frame around a cell or a shaded row: its upper and lower edges are rules.
        let framed = matches!(mode, DrawMode::Stroke(_)) || path.elements().len() <= 6;
        if framed && bounds.height() >= 2.5 && bounds.width() > 12.0 && bounds.height() < 200.0 {
            for y in [bounds.min_y(), bounds.max_y()] {
                self.rule(Rect::new(bounds.min_x(), y, bounds.max_x(), y));
            }
        }
    }
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        for glyph in run.glyphs() {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            let Some(unicode) = glyph.as_unicode() else { continue };
            let text = match unicode {
                BfString::Char(c) => c.to_string(),
                BfString::String(s) => s,
            };
            let text: String = text.chars().map(plain).filter(|c| !c.is_control()).collect();
            let place = props.transform * glyph.transform();
            let at = place * Point::ZERO;
            let up = place * Point::new(0.0, 1000.0) - at;
            // Text that does not stand upright is a watermark or a note at the edge.
            if up.x.abs() > 0.2 * up.y.abs() || up.y > 0.0 {
                continue;
            }
            let (advance, ink) = match &**glyph {
                Drawn::Outline(outline) => {
                    let ink = self
                        .inks
                        .entry(outline.identifier().cache_key())
                        .or_insert_with(|| near(outline.outline().area().abs() / 1_000_000.0));
                    (outline.advance_width(), *ink)
                }
                Drawn::Type3(drawn) => (drawn.advance_width(), 0.0),
            };
            let along = place * Point::new(f64::from(advance.unwrap_or(500.0)), 0.0) - at;
            self.marks.glyphs.push(Glyph {
                x: near(at.x),
                y: near(at.y),
                width: near(along.hypot()),
                size: near(up.hypot()),
                text,
                ink,
            });
        }
    }
    fn draw_image(&mut self, _: Image<'_, '_>, props: ImageDrawProps<'_>) {
        // A picture is a unit square until it is placed.
        let bounds = props.transform.transform_rect_bbox(Rect::new(0.0, 0.0, 1.0, 1.0));
        let page = f64::from(self.marks.width) * f64::from(self.marks.height);
        let size = f64::max(bounds.area().abs(), 0.0);
        self.marks.picture |= size > 0.08 * page || size <= 1.0;
    }
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// Letters as people type them.
fn plain(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{a0}' | '\u{2009}' | '\u{202f}' => ' ',
        '\u{2010}' | '\u{2011}' | '\u{ad}' => '-',
        c => c,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "points of a page")]
const fn near(value: f64) -> f32 {
    value as f32
}
