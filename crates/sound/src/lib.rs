//! Sound devices: playing a passage of a recording, and capturing from a microphone.
//!
//! Playback runs in the program, from decrypted memory, so that no media stack buffers audio to disk. Both
//! directions own their stream on one thread of their own; the audio callbacks (`callback.rs`) only touch a
//! wait-free ring and atomics: they never allocate, lock or log. Samples are `f32` in -1..1, times in milliseconds.

mod callback;
pub mod capture;
mod mono;
pub mod playback;
mod rate;

pub use rate::Rate;

use cpal::traits::HostTrait;
use iambilly_claim::{Fault, FaultKind};

/// What can go wrong with a sound device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SoundError {
    /// There is no output device.
    #[error("no sound output device")]
    NoOutput,
    /// There is no input device.
    #[error("no microphone")]
    NoInput,
    /// The system does not let the program use the device.
    #[error("no permission to use the sound device")]
    NoPermission,
    /// The device refused.
    #[error("the sound device failed: {0}")]
    Device(String),
}

impl SoundError {
    /// As a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::NoOutput => Fault::new(
                FaultKind::Missing,
                "no_audio_output",
                "There is no sound output on this machine.",
                "Plug in headphones or speakers, or start the sound server, and try again. The transcript is complete without it.",
            ),
            Self::NoInput => Fault::new(
                FaultKind::Missing,
                "no_microphone",
                "There is no microphone on this machine.",
                "Plug one in and allow access to it, or import a WAV file instead.",
            ),
            Self::NoPermission => Fault::new(
                FaultKind::Missing,
                "sound_permission",
                "This system does not let IamBilly use the microphone.",
                "Allow it in the system's privacy settings (on Linux the user belongs to the audio group), and try again.",
            ),
            Self::Device(why) => Fault::new(
                FaultKind::Missing,
                "sound_device_failed",
                format!("The sound device failed: {}.", why.trim_end_matches('.')),
                "Check that no other program holds it, choose another device, and try again. Nothing recorded is lost.",
            ),
        }
    }
}

impl From<cpal::Error> for SoundError {
    fn from(error: cpal::Error) -> Self {
        match error.kind() {
            cpal::ErrorKind::PermissionDenied => Self::NoPermission,
            _ => Self::Device(error.to_string()),
        }
    }
}

/// The sound host: PulseAudio where it answers (it follows device changes), else the system's default.
fn host() -> cpal::Host {
    #[cfg(target_os = "linux")]
    if let Ok(pulse) = cpal::host_from_id(cpal::HostId::PulseAudio)
        && (pulse.default_output_device().is_some() || pulse.default_input_device().is_some())
    {
        return pulse;
    }
    cpal::default_host()
}

/// Frames a callback delivers or asks for at once: 10 ms at 48 kHz. PulseAudio's default of two seconds
/// damages captured audio.
const BUFFER_FRAMES: u32 = 480;

/// Names of the default devices that can really be used, for `doctor`: output and input. (ALSA names a default
/// even where there is no card.)
#[must_use]
pub fn default_devices() -> (Option<String>, Option<String>) {
    use cpal::traits::DeviceTrait;
    let host = host();
    let name =
        |d: cpal::Device| d.description().map_or_else(|_| "unnamed".to_owned(), |d| d.name().to_owned());
    let output = host.default_output_device().filter(|d| d.default_output_config().is_ok());
    let input = host.default_input_device().filter(|d| d.default_input_config().is_ok());
    (output.map(name), input.map(name))
}
