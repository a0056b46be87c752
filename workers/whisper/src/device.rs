//! Which device whisper.cpp runs on: what this build can use, and what a load really took.
//!
//! The library tells it only in its log, in lines `…: using CUDA0 backend`. All other lines are dropped: a log
//! of a recogniser may hold what it recognised.

use iambilly_worker_protocol::Backend;
use std::sync::{Mutex, PoisonError};

static TAKEN: Mutex<Option<String>> = Mutex::new(None);

struct DeviceLines;

impl log::Log for DeviceLines {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Info
    }
    fn log(&self, record: &log::Record<'_>) {
        if let Some(device) = device_of(&record.args().to_string()) {
            *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(device);
        }
    }
    fn flush(&self) {}
}

/// The device named by a line of whisper.cpp's log.
fn device_of(line: &str) -> Option<String> {
    let (function, rest) = line.trim().split_once(": using ")?;
    let device = rest.strip_suffix(" backend")?;
    function.starts_with("whisper_backend_init").then(|| device.to_owned())
}

/// Silences the native library but for the device it takes. Call it before the first load.
pub fn listen() {
    // Only a second call fails, and the first one's logger is then in place.
    let _ = log::set_logger(&DeviceLines);
    log::set_max_level(log::LevelFilter::Info);
    whisper_rs::install_logging_hooks();
}

/// Forgets the device of the last load.
pub(crate) fn forget() {
    *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// The device the last load took beside the processor.
pub(crate) fn taken() -> Option<String> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The arithmetic this worker was built for.
#[must_use]
pub const fn built_for() -> Backend {
    if cfg!(feature = "cuda") {
        Backend::Cuda
    } else if cfg!(feature = "vulkan") {
        Backend::Vulkan
    } else if cfg!(feature = "metal") {
        Backend::Metal
    } else {
        Backend::Cpu
    }
}

/// Devices this worker could use, the processor last.
#[must_use]
pub fn seen() -> Vec<String> {
    #[cfg(feature = "vulkan")]
    let mut devices: Vec<String> = whisper_rs::vulkan::list_devices().into_iter().map(|d| d.name).collect();
    #[cfg(not(feature = "vulkan"))]
    let mut devices: Vec<String> = match built_for() {
        Backend::Cpu => vec![],
        backend => vec![backend.to_string()],
    };
    devices.push("cpu".to_owned());
    devices
}

#[cfg(test)]
mod tests {
    use super::device_of;

    #[test]
    fn only_device_lines_are_read() {
        let cases = [
            ("whisper_backend_init_gpu: using CUDA0 backend\n", Some("CUDA0")),
            ("whisper_backend_init: using BLAS backend", Some("BLAS")),
            ("whisper_full: using the word backend", None),
            ("somebody said: using CUDA0 backend", None),
            ("whisper_backend_init_gpu: no GPU found", None),
        ];
        for (line, device) in cases {
            assert_eq!(device_of(line).as_deref(), device, "{line}");
        }
    }
}
