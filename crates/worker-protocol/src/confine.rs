//! What a worker gives up before it reads its first request: core dumps, life after its parent, the network.
//!
//! A worker holds a dictation in memory, so a crash must not leave it on the disk and nothing it loads may send
//! it anywhere. Linux only so far; elsewhere [`confine`] says so instead of pretending.

/// What could be given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confined {
    /// No core file, no reading by a debugger of the same user.
    pub no_core: bool,
    /// Dies with the process that started it.
    pub dies_with_parent: bool,
    /// Cannot open a network socket.
    pub no_network: bool,
}

/// Makes sure that a crash of this process writes no core file: it would hold a dictation. `false` where the
/// system does not let it.
///
/// The limit is inherited by the processes it starts, but does not hold where the system hands cores to a program of its
/// own; that a process is not dumpable does, and ends with the next program it becomes.
#[cfg(target_os = "linux")]
#[must_use]
pub fn no_core_dumps() -> bool {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let limited = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).is_ok();
    set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok() && limited
}

/// Outside Linux nothing is promised yet.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub const fn no_core_dumps() -> bool {
    false
}

/// Gives up what this system lets a process give up. Call it first, while the process has one thread: the
/// filter then holds for all threads to come.
#[cfg(target_os = "linux")]
#[must_use]
pub fn confine() -> Confined {
    use rustix::process::{Signal, set_parent_process_death_signal};
    // What a panic says may quote a dictation.
    std::panic::set_hook(Box::new(|_| {}));
    Confined {
        no_core: no_core_dumps(),
        dies_with_parent: set_parent_process_death_signal(Some(Signal::KILL)).is_ok(),
        no_network: network::deny().is_ok(),
    }
}

/// Gives up what this system lets a process give up: nothing yet outside Linux.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn confine() -> Confined {
    Confined { no_core: false, dies_with_parent: false, no_network: false }
}

/// Gives up opening files and starting programs, for a process that has all it needs on its standard input.
#[cfg(target_os = "linux")]
#[must_use]
pub fn no_programs_no_files() -> bool {
    network::deny_files().is_ok()
}

/// Gives up opening files and starting programs: nothing yet outside Linux.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub const fn no_programs_no_files() -> bool {
    false
}

#[cfg(target_os = "linux")]
mod network {
    //! A seccomp filter that refuses sockets of the internet and packet families, and the ways around it.
    //! Local sockets stay allowed: graphics drivers use them.

    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, apply_filter,
    };
    use std::collections::BTreeMap;

    // Address families of <bits/socket.h>, the same on every Linux architecture.
    const AF_UNIX: u64 = 1;
    const AF_NETLINK: u64 = 16;
    const EACCES: u32 = 13;
    #[cfg(target_arch = "x86_64")]
    const SYS_SOCKET: i64 = 41;
    #[cfg(target_arch = "aarch64")]
    const SYS_SOCKET: i64 = 198;
    // The same number on every architecture; io_uring can open sockets on its own.
    const SYS_IO_URING_SETUP: i64 = 425;

    // open, creat, openat, openat2, execve, execveat, unlink, unlinkat, rename, renameat2.
    #[cfg(target_arch = "x86_64")]
    const FILES: [i64; 10] = [2, 85, 257, 437, 59, 322, 87, 263, 82, 316];
    // openat, openat2, execve, execveat, unlinkat, renameat2.
    #[cfg(target_arch = "aarch64")]
    const FILES: [i64; 6] = [56, 437, 221, 281, 35, 276];

    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    pub(super) fn deny_files() -> Result<(), seccompiler::Error> {
        let rules = FILES.map(|call| (call, vec![]));
        let filter = SeccompFilter::new(
            BTreeMap::from(rules),
            SeccompAction::Allow,
            SeccompAction::Errno(EACCES),
            std::env::consts::ARCH.try_into()?,
        )?;
        let program: BpfProgram = filter.try_into()?;
        apply_filter(&program)
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    pub(super) fn deny_files() -> Result<(), seccompiler::BackendError> {
        deny()
    }

    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    pub(super) fn deny() -> Result<(), seccompiler::Error> {
        let other_than = |family| SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family);
        let socket = SeccompRule::new(vec![other_than(AF_UNIX)?, other_than(AF_NETLINK)?])?;
        let rules = BTreeMap::from([(SYS_SOCKET, vec![socket]), (SYS_IO_URING_SETUP, vec![])]);
        let filter = SeccompFilter::new(
            rules,
            SeccompAction::Allow,
            SeccompAction::Errno(EACCES),
            std::env::consts::ARCH.try_into()?,
        )?;
        let program: BpfProgram = filter.try_into()?;
        apply_filter(&program)
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    pub(super) fn deny() -> Result<(), seccompiler::BackendError> {
        Err(seccompiler::BackendError::InvalidTargetArch(std::env::consts::ARCH.to_owned()))
    }
}
