//! Two columns on a page: where the gutter runs, and what is read first.

use super::PageMarks;
use super::line::{Line, Word};

/// Least lines on either side of a gutter.
const LEAST: usize = 4;
/// Steps of the search for a gutter, in points.
const STEP: f32 = 3.0;

/// The page cut into regions that are read one after the other.
pub(super) fn regions(lines: Vec<Line>, page: &PageMarks) -> Vec<Vec<Line>> {
    let left = lines.iter().map(Line::x0).fold(f32::INFINITY, f32::min);
    let right = lines.iter().map(Line::x1).fold(0.0, f32::max);
    let width = right - left;
    if lines.len() < LEAST || width < 0.5 * page.width {
        return vec![lines];
    }
    let mut best: Option<(usize, f32)> = None;
    let mut x = left + 0.3 * width;
    while x < left + 0.7 * width {
        let count = bands(&lines, x, left, right, page).iter().filter(|b| b.2).map(|b| b.1 - b.0).sum();
        if count > 0 && best.is_none_or(|(most, _)| count > most) {
            best = Some((count, x));
        }
        x += STEP;
    }
    let Some((_, x)) = best else { return vec![lines] };
    let mut out = vec![];
    let mut open: Vec<Line> = vec![];
    for (from, to, split) in bands(&lines, x, left, right, page) {
        let band = lines.get(from..to).unwrap_or_default();
        if !split {
            open.extend_from_slice(band);
            continue;
        }
        out.push(std::mem::take(&mut open));
        for side in [true, false] {
            let of = |line: &Line| Line {
                y: line.y,
                words: line.words.iter().filter(|w| (w.x1 <= x) == side).cloned().collect::<Vec<Word>>(),
            };
            out.push(band.iter().map(of).filter(|l| !l.words.is_empty()).collect());
        }
    }
    out.push(open);
    out.retain(|region| !region.is_empty());
    out
}

/// Runs of lines: from, to, and whether the run is two columns.
fn bands(lines: &[Line], x: f32, left: f32, right: f32, page: &PageMarks) -> Vec<(usize, usize, bool)> {
    let crosses = |line: &Line| line.words.iter().any(|w| w.x0 < x && w.x1 > x);
    let mut out: Vec<(usize, usize, bool)> = vec![];
    let mut at = 0;
    while at < lines.len() {
        let crossing = lines.get(at).is_some_and(&crosses);
        let end = lines.iter().skip(at).position(|l| crosses(l) != crossing).map_or(lines.len(), |n| at + n);
        let split = !crossing && lines.get(at..end).is_some_and(|band| is_split(band, x, left, right, page));
        out.push((at, end, split));
        at = end;
    }
    out
}

/// Prose on both sides, and no rule that joins them.
fn is_split(band: &[Line], x: f32, left: f32, right: f32, page: &PageMarks) -> bool {
    let side = |is_left: bool| {
        let mut lines = 0;
        let mut full = 0;
        for line in band {
            let words = line.words.iter().filter(|w| (w.x1 <= x) == is_left);
            let (from, to) = words.fold((f32::INFINITY, 0.0_f32), |(a, b), w| (a.min(w.x0), b.max(w.x1)));
            if to > 0.0 {
                lines += 1;
                let room = if is_left { x - left } else { right - x };
                full += usize::from(to - from > 0.6 * room);
            }
        }
        lines >= LEAST && full * 2 >= lines
    };
    let (top, bottom) = (band.first().map_or(0.0, |l| l.y), band.last().map_or(0.0, |l| l.y));
    let joined = page.rules.iter().filter(|(a, b, y)| *a < x && *b > x && *y > top && *y < bottom).count();
    joined < 2 && side(true) && side(false)
}
