//! Which model of a role a person chose, kept in `chosen.toml` in the models folder.

use crate::library::Library;
use crate::model_error::ModelError;
use iambilly_worker_protocol::Role;
use std::collections::BTreeMap;

const FILE: &str = "chosen.toml";
/// Name of the choice of a final pass; no role has it.
const FINAL_PASS: &str = "final_pass";

impl Library {
    /// Id of the model a person chose for a role, if its file is here.
    #[must_use]
    pub fn chosen(&self, role: Role) -> Option<String> {
        self.choices().remove(role.as_str()).filter(|id| self.path(id).is_ok_and(|path| path.role == role))
    }

    /// Takes a model for its role from now on.
    ///
    /// # Errors
    /// `model_unknown`, `model_missing`, `model_corrupt`; the models folder cannot be written.
    pub fn choose(&self, id: &str) -> Result<Role, ModelError> {
        let role = self.path(id)?.role;
        let mut all = self.choices();
        all.insert(role.as_str().to_owned(), id.to_owned());
        self.keep_choices(&all)?;
        Ok(role)
    }

    /// Id of the speech model that hears a dictation again after the stop, if one was chosen and its file is here.
    #[must_use]
    pub fn final_pass(&self) -> Option<String> {
        self.choices()
            .remove(FINAL_PASS)
            .filter(|id| self.path(id).is_ok_and(|path| path.role == Role::Speech))
    }

    /// Takes a speech model for the final pass; none for no final pass.
    ///
    /// # Errors
    /// `model_unknown`, `model_missing`, `model_corrupt`, `model_role`; the models folder cannot be written.
    pub fn choose_final_pass(&self, id: Option<&str>) -> Result<(), ModelError> {
        let mut all = self.choices();
        match id {
            Some(id) => {
                let role = self.path(id)?.role;
                if role != Role::Speech {
                    return Err(ModelError::Role { id: id.to_owned(), role: Role::Speech });
                }
                all.insert(FINAL_PASS.to_owned(), id.to_owned());
            }
            None => drop(all.remove(FINAL_PASS)),
        }
        self.keep_choices(&all)
    }

    fn keep_choices(&self, all: &BTreeMap<String, String>) -> Result<(), ModelError> {
        let cannot = |e| ModelError::io("write the choice of models", e);
        let text = toml::to_string_pretty(all).map_err(|e| cannot(std::io::Error::other(e)))?;
        let mut new = tempfile::NamedTempFile::new_in(self.dir()).map_err(cannot)?;
        std::io::Write::write_all(&mut new, text.as_bytes()).map_err(cannot)?;
        new.persist(self.dir().join(FILE)).map_err(|e| cannot(e.error))?;
        Ok(())
    }

    /// A choice that cannot be read is none.
    fn choices(&self) -> BTreeMap<String, String> {
        let text = std::fs::read_to_string(self.dir().join(FILE)).unwrap_or_default();
        toml::from_str(&text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Library, ModelError};
    use iambilly_worker_protocol::Role;

    #[test]
    fn a_choice_is_remembered_while_its_file_is_here() {
        let folder = tempfile::tempdir().unwrap();
        let mut library = Library::open(folder.path()).unwrap();
        assert_eq!(library.chosen(Role::Speech), None);
        assert!(matches!(library.choose("whisper-base"), Err(ModelError::Missing(_))));
        let weights = folder.path().join("clinic.bin");
        std::fs::write(&weights, b"weights").unwrap();
        library.register("clinic", Role::Speech, &weights).unwrap();
        assert_eq!(library.choose("clinic").unwrap(), Role::Speech);
        let again = Library::open(folder.path()).unwrap();
        assert_eq!(again.chosen(Role::Speech).as_deref(), Some("clinic"));
        assert_eq!(again.chosen(Role::Language), None);
        assert_eq!(again.final_pass(), None);
        again.choose_final_pass(Some("clinic")).unwrap();
        assert_eq!(again.final_pass().as_deref(), Some("clinic"));
        assert!(again.choose_final_pass(Some("whisper-base")).is_err());
        assert!(again.choose_final_pass(Some("qwen2.5-coder-0.5b")).is_err());
        assert_eq!(again.chosen(Role::Speech).as_deref(), Some("clinic"));
        again.choose_final_pass(None).unwrap();
        assert_eq!(again.final_pass(), None);
        again.choose_final_pass(Some("clinic")).unwrap();
        let used = |library: &Library| {
            library.list().into_iter().filter(|l| l.used).map(|l| l.model.id).collect::<Vec<_>>()
        };
        assert!(used(&again).contains(&"clinic".to_owned()));
        assert!(!used(&again).contains(&"whisper-tiny.en".to_owned()));
        std::fs::remove_file(&weights).unwrap();
        assert_eq!((again.chosen(Role::Speech), again.final_pass()), (None, None));
        assert!(used(&again).contains(&"whisper-tiny.en".to_owned()));
    }
}
