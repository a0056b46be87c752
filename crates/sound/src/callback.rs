//! What runs inside the audio callbacks. Nothing here allocates, frees, locks, waits or logs: a wait-free ring and
//! atomics are all it touches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes what the device delivers into the ring.
pub(crate) struct Ear {
    ring: rtrb::Producer<f32>,
    lost: Arc<AtomicU64>,
}

impl Ear {
    pub(crate) const fn new(ring: rtrb::Producer<f32>, lost: Arc<AtomicU64>) -> Self {
        Self { ring, lost }
    }

    /// Takes interleaved samples of any format; what finds no room is counted.
    pub(crate) fn hear<T: Copy>(&mut self, data: &[T])
    where
        f32: cpal::FromSample<T>,
    {
        use cpal::FromSample;
        for &sample in data {
            if self.ring.push(f32::from_sample_(sample)).is_err() {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// Gives the device what the ring holds; silence where it holds nothing.
pub(crate) struct Mouth {
    ring: rtrb::Consumer<f32>,
    channels: usize,
    played: Arc<AtomicU64>,
}

impl Mouth {
    pub(crate) fn new(ring: rtrb::Consumer<f32>, channels: usize, played: Arc<AtomicU64>) -> Self {
        Self { ring, channels: channels.max(1), played }
    }

    /// Fills the device's buffer, every channel alike.
    pub(crate) fn speak<T: Copy + cpal::FromSample<f32>>(&mut self, out: &mut [T]) {
        let mut spoken = 0;
        for frame in out.chunks_mut(self.channels) {
            let sample = self.ring.pop();
            spoken += u64::from(sample.is_ok());
            frame.fill(T::from_sample_(sample.unwrap_or(0.0)));
        }
        self.played.fetch_add(spoken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{Ear, Mouth};
    use assert_no_alloc::{AllocDisabler, assert_no_alloc};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Ends the test process at any allocation within `assert_no_alloc`.
    #[global_allocator]
    static ALLOCATOR: AllocDisabler = AllocDisabler;

    #[test]
    fn hearing_never_allocates_not_even_when_the_ring_is_full() {
        let lost = Arc::new(AtomicU64::new(0));
        let (producer, mut ring) = rtrb::RingBuffer::new(1000);
        let mut ear = Ear::new(producer, Arc::clone(&lost));
        assert_no_alloc(|| {
            ear.hear(&[i16::MIN, 0, 16_384]);
            ear.hear(&[0_u8; 100]);
            ear.hear(&[i32::MAX; 100]);
            ear.hear(&[0.25_f32; 1000]);
        });
        assert_eq!(lost.load(Ordering::Relaxed), 203);
        let heard: Vec<f32> = ring.read_chunk(3).map(|c| c.into_iter().collect()).unwrap_or_default();
        assert_eq!(heard, [-1.0, 0.0, 0.5]);
    }

    #[test]
    fn speaking_never_allocates_not_even_when_the_ring_is_empty() {
        let played = Arc::new(AtomicU64::new(0));
        let (mut producer, ring) = rtrb::RingBuffer::new(3);
        for sample in [0.5, -0.5, 0.25] {
            assert!(producer.push(sample).is_ok());
        }
        let mut mouth = Mouth::new(ring, 2, Arc::clone(&played));
        let (mut first, mut second) = ([0_i16; 4], [1.0_f32; 6]);
        assert_no_alloc(|| {
            mouth.speak(&mut first);
            mouth.speak(&mut second);
        });
        assert_eq!(first, [16_384, 16_384, -16_384, -16_384]);
        assert_eq!(second, [0.25, 0.25, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(played.load(Ordering::Relaxed), 3, "silence between is not counted");
    }
}
