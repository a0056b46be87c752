//! Where things are: the data folder (sealed), the models, the workers, the rule book.

use std::path::{Path, PathBuf};

/// The folders the program uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// Encrypted store, vault file and sealed audio.
    pub data: PathBuf,
    /// Model weights; no PHI.
    pub models: PathBuf,
    /// The rule book of imported official tables; no PHI.
    pub rules: PathBuf,
    /// The worker programs.
    pub workers: PathBuf,
}

impl Paths {
    /// Works the folders out from the environment and the place of the running program.
    ///
    /// `IAMBILLY_DATA_DIR`, `IAMBILLY_MODELS_DIR`, `IAMBILLY_RULES_DIR` and `IAMBILLY_WORKERS_DIR` win; otherwise data,
    /// models and rules live under `XDG_DATA_HOME` (`~/.local/share`), `LOCALAPPDATA` or `~/Library/Application Support`, and the
    /// workers beside the program.
    #[must_use]
    pub fn from_environment(variable: &dyn Fn(&str) -> Option<String>, program: &Path) -> Self {
        let set = |name| variable(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let home = set("HOME").unwrap_or_else(|| PathBuf::from("."));
        let share = if cfg!(windows) {
            set("LOCALAPPDATA").unwrap_or_else(|| home.clone())
        } else if cfg!(target_os = "macos") {
            home.join("Library/Application Support")
        } else {
            set("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share"))
        };
        let own = share.join("iambilly");
        Self {
            data: set("IAMBILLY_DATA_DIR").unwrap_or_else(|| own.join("data")),
            models: set("IAMBILLY_MODELS_DIR").unwrap_or_else(|| own.join("models")),
            rules: set("IAMBILLY_RULES_DIR").unwrap_or_else(|| own.join("rules")),
            workers: set("IAMBILLY_WORKERS_DIR")
                .unwrap_or_else(|| program.parent().unwrap_or(Path::new(".")).to_owned()),
        }
    }

    /// The encrypted database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("iambilly.db")
    }
    /// The folder of sealed recordings.
    #[must_use]
    pub fn audio(&self) -> PathBuf {
        self.data.join("audio")
    }
}

#[cfg(test)]
mod tests {
    use super::Paths;
    use std::path::Path;

    #[test]
    fn variables_win_over_defaults() {
        let none = Paths::from_environment(
            &|n| (n == "HOME").then(|| "/home/ada".to_owned()),
            Path::new("/opt/iambilly/iambilly"),
        );
        assert_eq!(none.workers, Path::new("/opt/iambilly"));
        assert!(none.data.starts_with("/home/ada"));
        let set = Paths::from_environment(
            &|n| (n == "IAMBILLY_DATA_DIR").then(|| "/vault".to_owned()),
            Path::new("/opt/iambilly/iambilly"),
        );
        assert_eq!(set.database(), Path::new("/vault/iambilly.db"));
    }
}
