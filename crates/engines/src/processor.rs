//! Which build of the workers this machine's processor can run.
//!
//! ggml chooses its instructions when it is compiled, and the bindings link it statically, so that it cannot choose
//! while it runs. Since each engine is a process of its own, the choice is made one step earlier: beside the usual workers
//! (AVX2, FMA, F16C, BMI2: x86 processors since 2013, 2015 at AMD) a package brings the same workers built for
//! SSE 4.2, under their names with `-baseline`.

use std::path::{Path, PathBuf};

/// Which instructions a worker may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// What the usual workers are built for.
    Usual,
    /// Less than that: only the workers for older processors run.
    Older,
}

impl Processor {
    /// The processor the program runs on.
    #[must_use]
    pub fn here() -> Self {
        #[cfg(target_arch = "x86_64")]
        if !(std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("fma")
            && std::arch::is_x86_feature_detected!("f16c")
            && std::arch::is_x86_feature_detected!("bmi2"))
        {
            return Self::Older;
        }
        Self::Usual
    }

    /// The file of a worker for this processor in the folder of workers, there or not.
    #[must_use]
    pub fn worker(self, folder: &Path, name: &str) -> PathBuf {
        let build = match self {
            Self::Usual => "",
            Self::Older => "-baseline",
        };
        folder.join(format!("{name}{build}{}", std::env::consts::EXE_SUFFIX))
    }
}

#[cfg(test)]
mod tests {
    use super::Processor;
    use std::path::Path;

    #[test]
    fn older_processors_get_workers_of_their_own() {
        let name = |p: Processor| {
            p.worker(Path::new("bin"), "iambilly-whisper").file_stem().unwrap().to_string_lossy().into_owned()
        };
        assert_eq!(name(Processor::Usual), "iambilly-whisper");
        assert_eq!(name(Processor::Older), "iambilly-whisper-baseline");
    }
}
