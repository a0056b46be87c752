//! Which devices llama.cpp can use here.

use iambilly_worker_protocol::Backend;
use llama_cpp_2::{LlamaBackendDevice, LlamaBackendDeviceType, list_llama_ggml_backend_devices};

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

/// The graphics device that a model would be put on.
pub(crate) fn graphics() -> Option<LlamaBackendDevice> {
    list_llama_ggml_backend_devices().into_iter().find(|device| {
        matches!(device.device_type, LlamaBackendDeviceType::Gpu | LlamaBackendDeviceType::IntegratedGpu)
    })
}

/// Devices this worker could use, the processor last.
#[must_use]
pub fn seen() -> Vec<String> {
    let mut devices = list_llama_ggml_backend_devices();
    devices.sort_by_key(|device| device.device_type == LlamaBackendDeviceType::Cpu);
    devices.into_iter().map(|device| describe(&device)).collect()
}

pub(crate) fn describe(device: &LlamaBackendDevice) -> String {
    if device.description.is_empty() { device.name.clone() } else { device.description.clone() }
}
