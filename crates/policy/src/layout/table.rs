//! Tables: lines whose words keep to the same columns, and which lines make one row.

use super::line::{Line, Style, Word, join};

/// A table found in a region.
pub(super) struct Table {
    /// Lines it takes.
    pub(super) lines: usize,
    /// Rows of cells.
    pub(super) rows: Vec<Vec<String>>,
    /// Whether the first row is set in bold.
    pub(super) bold_first: bool,
}

/// The table that begins with the first of these lines, if one does.
pub(super) fn at_start(lines: &[Line], rules: &[(f32, f32, f32)], style: Style) -> Option<Table> {
    let first = lines.first()?;
    if first.segments().len() < 2 {
        return None;
    }
    let end = extent(lines, rules, style);
    let body = lines.get(..end)?;
    let several = body.iter().filter(|l| l.segments().len() >= 2).count();
    if several < 2 {
        return None;
    }
    let edges = columns(body);
    if edges.len() < 2 {
        return None;
    }
    let starts = row_starts(body, rules, &edges, style);
    let mut rows: Vec<Vec<String>> = vec![];
    let mut bold_first = true;
    for (at, line) in body.iter().enumerate() {
        if starts.get(at).copied().unwrap_or(true) {
            rows.push(vec![String::new(); edges.len()]);
        }
        if rows.len() == 1 {
            bold_first &= line.bold();
        }
        let Some(row) = rows.last_mut() else { continue };
        for (cell, words) in row.iter_mut().zip(cells(line, &edges)) {
            if !words.is_empty() {
                if !cell.is_empty() {
                    cell.push(' ');
                }
                cell.push_str(&join(&words));
            }
        }
    }
    Some(Table { lines: end, rows, bold_first })
}

/// How many lines belong to the table.
fn extent(lines: &[Line], rules: &[(f32, f32, f32)], style: Style) -> usize {
    let mut end = 1;
    let mut last_several = 1;
    while let (Some(before), Some(line)) = (lines.get(end - 1), lines.get(end)) {
        let several = line.segments().len() >= 2;
        let gap = line.y - before.y;
        let ruled = is_ruled(rules, before, line);
        if gap > 3.2 * style.pitch && !ruled {
            break;
        }
        if several {
            end += 1;
            last_several = end;
            continue;
        }
        // A line with words in one column only goes on with a row, if it keeps to that column.
        let known = columns(lines.get(..end).unwrap_or_default());
        let next = known.iter().skip(1).map(|(a, _)| *a).chain([f32::INFINITY]);
        let inside = known.iter().zip(next).any(|((a, _), b)| line.x0() >= a - 1.0 && line.x1() < b);
        let beside = known.first().is_none_or(|(a, _)| line.x0() > a + 1.0);
        let under_rule = rules.iter().any(|(a, b, y)| {
            *y > line.y - 0.5
                && *a <= line.x1()
                && *b >= line.x0()
                && *y < line.y + 2.5 * style.pitch
                && b - a > 100.0
        });
        let tight = gap < 1.25 * style.pitch;
        if inside && ((beside && gap < 1.6 * style.pitch) || (tight && under_rule) || (ruled && under_rule)) {
            end += 1;
            if tight || ruled || beside {
                last_several = end;
            }
            continue;
        }
        break;
    }
    last_several
}

/// Whether a rule runs between two lines.
fn is_ruled(rules: &[(f32, f32, f32)], above: &Line, below: &Line) -> bool {
    let from = above.x0().min(below.x0());
    rules.iter().any(|(a, b, y)| *y > above.y && *y < below.y && *a <= from + 4.0 && *b >= from + 20.0)
}

/// Left and right edge of each column: what no word crosses in any line lies between them.
fn columns(lines: &[Line]) -> Vec<(f32, f32)> {
    let mut spans: Vec<(f32, f32)> = vec![];
    for line in lines {
        for segment in line.segments() {
            if let (Some(first), Some(last)) = (segment.first(), segment.last()) {
                spans.push((first.x0, last.x1));
            }
        }
    }
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut out: Vec<(f32, f32)> = vec![];
    for (from, to) in spans {
        match out.last_mut() {
            Some((_, end)) if from < *end + 2.0 => *end = end.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

fn cells(line: &Line, edges: &[(f32, f32)]) -> Vec<Vec<Word>> {
    let mut out = vec![vec![]; edges.len()];
    for word in &line.words {
        let middle = f32::midpoint(word.x0, word.x1);
        let at = edges.iter().rposition(|(a, _)| *a <= middle).unwrap_or(0);
        if let Some(cell) = out.get_mut(at) {
            cell.push(word.clone());
        }
    }
    out
}

/// Which lines begin a row.
fn row_starts(body: &[Line], rules: &[(f32, f32, f32)], edges: &[(f32, f32)], style: Style) -> Vec<bool> {
    let between: Vec<bool> =
        body.iter().zip(body.iter().skip(1)).map(|(a, b)| is_ruled(rules, a, b)).collect();
    let ruled = between.iter().filter(|r| **r).count() >= 2.min(between.len());
    let gaps: Vec<f32> = body.iter().zip(body.iter().skip(1)).map(|(a, b)| b.y - a.y).collect();
    let tight = gaps.iter().copied().fold(f32::INFINITY, f32::min).max(0.5 * style.body);
    // Rows with air between them: a gap clearly above the smallest begins a row.
    let airy = gaps.iter().any(|g| *g > 1.2 * tight);
    let mut out = vec![true];
    for (at, line) in body.iter().enumerate().skip(1) {
        let starts = if ruled {
            between.get(at - 1).copied().unwrap_or(true)
        } else if airy && gaps.iter().filter(|g| **g <= 1.2 * tight).count() * 8 >= gaps.len() {
            gaps.get(at - 1).is_none_or(|g| *g > 1.2 * tight)
        } else {
            let filled: Vec<bool> = cells(line, edges).iter().map(|c| !c.is_empty()).collect();
            filled.first().copied().unwrap_or(false) && filled.iter().filter(|f| **f).count() >= 2
        };
        out.push(starts);
    }
    out
}
