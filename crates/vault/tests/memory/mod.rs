//! Looks for secrets in this process's own memory. A secret is kept masked, so that looking for it does not find itself.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "made for tests"
)]

use std::fs::File;
use std::os::unix::fs::FileExt;

const MASK: u8 = 0xA5;

/// A secret under its mask.
pub struct Secret(Vec<u8>);

impl Secret {
    pub fn of(bytes: &[u8]) -> Self {
        Self(bytes.iter().map(|b| b ^ MASK).collect())
    }

    /// The secret as lower-case hex, as a statement would hold it.
    pub fn as_hex(&self) -> Self {
        let digit = |n: u8| MASK ^ b"0123456789abcdef"[usize::from(n)];
        Self(self.0.iter().flat_map(|b| [digit((b ^ MASK) >> 4), digit((b ^ MASK) & 15)]).collect())
    }

    /// Where in the writable memory of this process it is: the names of the mappings.
    #[inline(never)]
    pub fn found(&self) -> Vec<String> {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let memory = File::open("/proc/self/mem").unwrap();
        let mut buffer = vec![0_u8; 1 << 20];
        let own = buffer.as_ptr().addr()..buffer.as_ptr().addr() + buffer.len();
        let (mut found, len) = (vec![], self.0.len());
        for line in maps.lines() {
            let (range, rest) = line.split_once(' ').unwrap();
            if !rest.starts_with("rw") {
                continue;
            }
            let (from, to) = range.split_once('-').unwrap();
            let address = |text: &str| usize::from_str_radix(text, 16).unwrap();
            let (mut at, end) = (address(from), address(to));
            while at + len <= end {
                let part = buffer.len().min(end - at);
                // A mapping that is gone by now holds nothing.
                if memory.read_exact_at(&mut buffer[..part], at as u64).is_err() {
                    break;
                }
                for place in 0..=part - len {
                    if buffer[place] ^ MASK == self.0[0]
                        && self.0.iter().zip(&buffer[place..]).all(|(masked, byte)| masked ^ MASK == *byte)
                        && !own.contains(&(at + place))
                    {
                        found.push(line.to_owned());
                    }
                }
                if at + part == end {
                    break;
                }
                at += part - (len - 1);
            }
        }
        buffer.fill(0);
        found
    }
}
