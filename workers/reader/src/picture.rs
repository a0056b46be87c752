//! The picture of a scanned page, for a recogniser of letters.

use hayro_interpret::font::GlyphRun;
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::kurbo::{Affine, BezPath, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
    InterpreterCache, InterpreterSettings, LumaData, SoftMask, interpret_page,
};

/// Most pixels of a picture: a page at 600 dots an inch.
const PIXELS: u64 = 40_000_000;

/// The largest picture of a page as a portable graymap, or nothing.
#[must_use]
pub fn of_page(bytes: Vec<u8>, page: usize) -> Option<Vec<u8>> {
    let pdf = Pdf::new(bytes).ok()?;
    let page = pdf.pages().get(page.checked_sub(1)?)?;
    let cache = InterpreterCache::new();
    let unit = Rect::new(0.0, 0.0, 1.0, 1.0);
    let mut context =
        Context::new(Affine::IDENTITY, unit, &cache, pdf.xref(), InterpreterSettings::default());
    let mut largest = Largest::default();
    interpret_page(page, &mut context, &mut largest);
    let (width, height, gray) = largest.0?;
    let mut out = format!("P5\n{width} {height}\n255\n").into_bytes();
    out.extend_from_slice(&gray);
    Some(out)
}

#[derive(Default)]
struct Largest(Option<(u32, u32, Vec<u8>)>);

impl Largest {
    fn offer(&mut self, width: u32, height: u32, gray: Vec<u8>) {
        let size = u64::from(width) * u64::from(height);
        let held = self.0.as_ref().map_or(0, |(w, h, _)| u64::from(*w) * u64::from(*h));
        if size > held && u64::try_from(gray.len()).is_ok_and(|n| n == size) {
            self.0 = Some((width, height, gray));
        }
    }
}

impl Device<'_> for Largest {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, '_>, _: DrawProps<'_>, _: &DrawMode) {}
    fn draw_image(&mut self, image: Image<'_, '_>, _: ImageDrawProps<'_>) {
        let fits = |w: u32, h: u32| u64::from(w) * u64::from(h) <= PIXELS;
        if !fits(image.width(), image.height()) {
            return;
        }
        match image {
            // A mask paints where it is set: black on white.
            Image::Stencil(stencil) => stencil.with_stencil(
                |mask: LumaData, _| {
                    let gray = mask.data.iter().map(|v| 255 - v).collect();
                    self.offer(mask.width, mask.height, gray);
                },
                None,
            ),
            Image::Raster(raster) => raster.with_rgba(
                |data, _| match data {
                    ImageData::Luma(l) => self.offer(l.width, l.height, l.data),
                    ImageData::Rgb(c) => {
                        let (pixels, _) = c.data.as_chunks::<3>();
                        let gray = pixels.iter().map(|[r, g, b]| luma(*r, *g, *b)).collect();
                        self.offer(c.width, c.height, gray);
                    }
                },
                None,
            ),
        }
    }
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// Brightness by ITU-R BT.601.
fn luma(r: u8, g: u8, b: u8) -> u8 {
    let sum = 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
    u8::try_from(sum / 1000).unwrap_or(u8::MAX)
}
