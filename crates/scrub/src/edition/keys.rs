//! Keys of a table: sorted, and found through a hash index in one or two probes.

use super::container::{Packed, TableError, u32_at};
use std::ops::Range;

/// Bytes of a key; codes, codes with a modifier, localities and diagnoses all fit.
pub(super) const WIDTH: usize = 8;

/// A key padded with zeros; its big-endian value sorts as the text does.
pub(super) fn key(text: &str) -> Option<[u8; WIDTH]> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > WIDTH || !text.is_ascii() || bytes.contains(&0) {
        return None;
    }
    let mut key = [0; WIDTH];
    key.iter_mut().zip(bytes).for_each(|(k, b)| *k = *b);
    Some(key)
}

/// The text of a key.
pub(super) fn text(key: &[u8]) -> &str {
    let end = key.iter().position(|b| *b == 0).unwrap_or(key.len());
    key.get(..end).and_then(|k| std::str::from_utf8(k).ok()).unwrap_or_default()
}

/// Slots for so many keys: at least twice as many, a power of two.
fn slot_count(keys: usize) -> usize {
    (keys * 2).max(2).next_power_of_two()
}

/// Multiplicative (Fibonacci) hashing: the high bits of the product choose the slot.
fn slot_of(key: [u8; WIDTH], slots: usize) -> usize {
    let product = u64::from_be_bytes(key).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bits = slots.trailing_zeros().max(1);
    usize::try_from(product >> (64 - bits)).unwrap_or(0)
}

/// The sections `keys` and `slots` for sorted, distinct keys.
pub(super) fn pack(keys: &[[u8; WIDTH]]) -> Result<(Vec<u8>, Vec<u8>), TableError> {
    let count = slot_count(keys.len());
    let mut slots = vec![0_u32; count];
    for (i, key) in keys.iter().enumerate() {
        let number = u32::try_from(i + 1).map_err(|_| TableError::TooMany("codes"))?;
        let mut at = slot_of(*key, count);
        loop {
            match slots.get_mut(at) {
                Some(slot) if *slot == 0 => {
                    *slot = number;
                    break;
                }
                _ => at = (at + 1) % count,
            }
        }
    }
    Ok((keys.concat(), slots.into_iter().flat_map(u32::to_le_bytes).collect()))
}

/// The keys of an edition.
#[derive(Debug)]
pub(super) struct Keys {
    keys: Range<usize>,
    slots: Range<usize>,
    slot_count: usize,
    pub(super) count: usize,
}

impl Keys {
    pub(super) fn open(packed: &Packed) -> Result<Self, TableError> {
        let (keys, slots) = (packed.section("keys", WIDTH)?, packed.section("slots", 4)?);
        let (count, slot_count) = (keys.len() / WIDTH, slots.len() / 4);
        // More slots than keys: a probe always meets an empty slot.
        if !slot_count.is_power_of_two() || slot_count <= count {
            return Err(TableError::Section("slots"));
        }
        Ok(Self { keys, slots, slot_count, count })
    }

    /// Number of a key.
    pub(super) fn find(&self, packed: &Packed, wanted: &str) -> Option<usize> {
        let wanted = key(wanted)?;
        let (keys, slots) = (packed.slice(&self.keys), packed.slice(&self.slots));
        let mut at = slot_of(wanted, self.slot_count);
        for _ in 0..self.slot_count {
            let number = usize::try_from(u32_at(slots, at * 4)?).ok()?.checked_sub(1)?;
            if keys.get(number * WIDTH..(number + 1) * WIDTH)? == wanted {
                return Some(number);
            }
            at = (at + 1) % self.slot_count;
        }
        None
    }

    /// Text of a key by its number.
    pub(super) fn text<'p>(&self, packed: &'p Packed, number: usize) -> Option<&'p str> {
        packed.slice(&self.keys).get(number * WIDTH..(number + 1) * WIDTH).map(text)
    }
}
