//! Nearest vectors: all of a payer's where they are few; else a sieve by the signs of their numbers, then exactly.

use crate::index::best;

/// Up to this many vectors all are compared exactly.
const FEW: usize = 4_000;
/// How many pass the sieve for each one wanted.
const SIEVE: usize = 12;

/// Vectors of one length in the order of their passages; some passages have none.
#[derive(Debug, Default)]
pub struct Vectors {
    dims: usize,
    /// Unit vectors one behind the other.
    numbers: Vec<f32>,
    /// One bit a number: whether it is above zero.
    signs: Vec<u64>,
    /// Passage of each vector.
    of: Vec<u32>,
    passages: u32,
}

impl Vectors {
    /// The next passage's vector, or that it has none (or one of another length).
    pub fn push(&mut self, vector: Option<&[f32]>) {
        let at = self.passages;
        self.passages = self.passages.saturating_add(1);
        let Some(vector) = vector.filter(|v| !v.is_empty() && (self.dims == 0 || v.len() == self.dims))
        else {
            return;
        };
        self.dims = vector.len();
        self.numbers.extend(unit(vector));
        self.signs.extend(signs(vector));
        self.of.push(at);
    }

    /// The passages nearest to a vector with the cosine of their angle, best first; only those that `wanted` lets in.
    pub fn nearest(&self, vector: &[f32], limit: usize, wanted: impl Fn(usize) -> bool) -> Vec<(u32, f32)> {
        if self.dims == 0 || vector.len() != self.dims {
            return vec![];
        }
        let asked = unit(vector);
        let let_in = |row: &usize| self.of.get(*row).is_some_and(|at| wanted(crate::index::place(*at)));
        let rows: Vec<usize> = if self.of.len() <= FEW {
            (0..self.of.len()).filter(let_in).collect()
        } else {
            let asked = signs(vector);
            let words = asked.len();
            let rows = self.signs.chunks_exact(words).enumerate().filter(|(row, _)| let_in(row));
            let scored = rows.filter_map(|(row, signs)| {
                let apart: u32 = signs.iter().zip(&asked).map(|(a, b)| (a ^ b).count_ones()).sum();
                #[allow(clippy::cast_precision_loss, reason = "at most a few thousand bits")]
                Some((u32::try_from(row).ok()?, -(apart as f32)))
            });
            let passed = best(scored.collect(), limit.saturating_mul(SIEVE));
            passed.into_iter().map(|(row, _)| crate::index::place(row)).collect()
        };
        let exact = rows.into_iter().filter_map(|row| {
            let numbers = self.numbers.get(row * self.dims..(row + 1) * self.dims)?;
            Some((*self.of.get(row)?, dot(numbers, &asked)))
        });
        best(exact.collect(), limit)
    }
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let length = dot(vector, vector).sqrt().max(1e-12);
    vector.iter().map(|n| n / length).collect()
}

fn signs(vector: &[f32]) -> Vec<u64> {
    let word =
        |chunk: &[f32]| chunk.iter().enumerate().fold(0_u64, |w, (bit, n)| w | (u64::from(*n > 0.0) << bit));
    vector.chunks(64).map(word).collect()
}

/// Eight sums at a time, so that the compiler can keep them in one register.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    for (x, y) in a8.iter().zip(b8) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::{FEW, Vectors, dot};

    /// Numbers that look random and are always the same.
    fn noise(seed: u32, dims: usize) -> Vec<f32> {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            f32::from(u16::try_from(state >> 16).unwrap_or(0)) / 32768.0 - 1.0
        };
        (0..dims).map(|_| next()).collect()
    }

    #[test]
    fn the_sieve_loses_next_to_nothing() {
        let dims = 128;
        let mut all = Vectors::default();
        let centres: Vec<Vec<f32>> = (0..40).map(|c| noise(9000 + c, dims)).collect();
        let near = |i: u32| {
            let centre = &centres[usize::try_from(i).unwrap() % centres.len()];
            centre.iter().zip(noise(i + 1, dims)).map(|(c, n)| c + 0.8 * n).collect::<Vec<f32>>()
        };
        let count = u32::try_from(FEW).unwrap() + 2_000;
        for i in 0..count {
            all.push(Some(&near(i)));
        }
        let mut found = 0;
        for q in 0..50 {
            let asked = near(q * 97 + 13);
            let exact = {
                let mut scored: Vec<(u32, f32)> = (0..count)
                    .map(|i| {
                        let v = near(i);
                        (i, dot(&v, &asked) / dot(&v, &v).sqrt())
                    })
                    .collect();
                scored.sort_by(|a, b| b.1.total_cmp(&a.1));
                scored.truncate(5);
                scored.into_iter().map(|(i, _)| i).collect::<Vec<_>>()
            };
            let sieved: Vec<u32> =
                all.nearest(&asked, 100, |_| true).into_iter().take(5).map(|(i, _)| i).collect();
            found += exact.iter().filter(|i| sieved.contains(i)).count();
        }
        assert!(found >= 248, "{found} of 250");
    }

    #[test]
    fn passages_without_a_vector_keep_their_place() {
        let mut all = Vectors::default();
        all.push(None);
        all.push(Some(&[1.0, 0.0]));
        all.push(Some(&[1.0, 0.0, 0.0]));
        all.push(Some(&[0.0, 1.0]));
        let near: Vec<u32> = all.nearest(&[0.1, 1.0], 9, |_| true).iter().map(|(at, _)| *at).collect();
        assert_eq!(near, [3, 1]);
        assert!(all.nearest(&[1.0], 9, |_| true).is_empty());
        assert_eq!(all.nearest(&[0.1, 1.0], 9, |at| at != 3).len(), 1);
    }
}
