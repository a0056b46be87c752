//! Capital letters of straight strokes, painted into a picture as a scanner would see them.

/// Strokes of a letter in a box of 4 by 6, from the top left.
fn strokes(letter: char) -> &'static [(f32, f32, f32, f32)] {
    match letter {
        'A' => &[(0.0, 6.0, 2.0, 0.0), (2.0, 0.0, 4.0, 6.0), (0.8, 4.0, 3.2, 4.0)],
        'E' => &[(0.0, 0.0, 0.0, 6.0), (0.0, 0.0, 3.6, 0.0), (0.0, 3.0, 3.0, 3.0), (0.0, 6.0, 3.6, 6.0)],
        'F' => &[(0.0, 0.0, 0.0, 6.0), (0.0, 0.0, 3.6, 0.0), (0.0, 3.0, 3.0, 3.0)],
        'H' => &[(0.0, 0.0, 0.0, 6.0), (4.0, 0.0, 4.0, 6.0), (0.0, 3.0, 4.0, 3.0)],
        'I' => &[(2.0, 0.0, 2.0, 6.0)],
        'K' => &[(0.0, 0.0, 0.0, 6.0), (3.8, 0.0, 0.0, 3.4), (1.3, 2.4, 4.0, 6.0)],
        'L' => &[(0.0, 0.0, 0.0, 6.0), (0.0, 6.0, 3.6, 6.0)],
        'M' => &[(0.0, 6.0, 0.0, 0.0), (0.0, 0.0, 2.0, 4.5), (2.0, 4.5, 4.0, 0.0), (4.0, 0.0, 4.0, 6.0)],
        'N' => &[(0.0, 6.0, 0.0, 0.0), (0.0, 0.0, 4.0, 6.0), (4.0, 6.0, 4.0, 0.0)],
        'T' => &[(0.0, 0.0, 4.0, 0.0), (2.0, 0.0, 2.0, 6.0)],
        'V' => &[(0.0, 0.0, 2.0, 6.0), (2.0, 6.0, 4.0, 0.0)],
        'W' => &[(-0.6, 0.0, 0.7, 6.0), (0.7, 6.0, 2.0, 1.0), (2.0, 1.0, 3.3, 6.0), (3.3, 6.0, 4.6, 0.0)],
        'X' => &[(0.0, 0.0, 4.0, 6.0), (4.0, 0.0, 0.0, 6.0)],
        _ => &[],
    }
}

/// Width, height and grey pixels of lines of such letters, black on white.
pub fn picture(lines: &[&str]) -> (usize, usize, Vec<u8>) {
    const UNIT: f32 = 8.0;
    const HALF: f32 = 3.4;
    let most = lines.iter().map(|l| l.chars().count()).max().unwrap_or(1);
    let (advance, leading, margin) = (6.6 * UNIT, 14.0 * UNIT, 60.0);
    let width = (most as f32 * advance + 2.0 * margin) as usize;
    let height = (lines.len() as f32 * leading + 2.0 * margin) as usize;
    let mut pixels = vec![255_u8; width * height];
    for (row, line) in lines.iter().enumerate() {
        for (column, letter) in line.chars().enumerate() {
            let (left, top) = (margin + column as f32 * advance, margin + row as f32 * leading);
            for (x1, y1, x2, y2) in strokes(letter) {
                let (from, to) = ((left + x1 * UNIT, top + y1 * UNIT), (left + x2 * UNIT, top + y2 * UNIT));
                let steps = ((to.0 - from.0).hypot(to.1 - from.1) * 2.0) as usize + 1;
                for step in 0..=steps {
                    let share = step as f32 / steps as f32;
                    let (x, y) = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
                    for dy in -4_i32..=4 {
                        for dx in -4_i32..=4 {
                            let at =
                                ((y + dy as f32).round() as usize) * width + (x + dx as f32).round() as usize;
                            if (dx as f32).hypot(dy as f32) <= HALF && at < pixels.len() {
                                pixels[at] = 0;
                            }
                        }
                    }
                }
            }
        }
    }
    (width, height, pixels)
}
