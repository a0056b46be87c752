//! What the reader gives up before it looks at the first byte.

use iambilly_worker_protocol::confine;

/// Most memory, in bytes.
pub const MEMORY: u64 = 1 << 30;
/// Most time of the processor, in seconds.
pub const SECONDS: u64 = 90;

/// Gives up network, files, other programs, memory and time. `false` where this system would let a file out of the
/// box: then nothing is read.
#[must_use]
#[cfg(target_os = "linux")]
pub fn take() -> bool {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let to = |what, most: u64| setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) }).is_ok();
    let held = confine::confine();
    let limited = to(Resource::As, MEMORY) && to(Resource::Cpu, SECONDS) && to(Resource::Fsize, 0)
        // The three streams are open already; nothing else will be.
        && to(Resource::Nofile, 3);
    limited && held.no_network && confine::no_programs_no_files()
}

/// Outside Linux the box is only as good as its time-out.
#[must_use]
#[cfg(not(target_os = "linux"))]
pub fn take() -> bool {
    let _ = confine::confine();
    true
}
