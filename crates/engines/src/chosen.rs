//! Which model of a role a person chose, kept in `chosen.toml` in the models folder.

use crate::library::Library;
use crate::model_error::ModelError;
use iambilly_worker_protocol::Role;
use std::collections::BTreeMap;

const FILE: &str = "chosen.toml";

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
        let cannot = |e| ModelError::io("write the choice of models", e);
        let text = toml::to_string_pretty(&all).map_err(|e| cannot(std::io::Error::other(e)))?;
        let mut new = tempfile::NamedTempFile::new_in(self.dir()).map_err(cannot)?;
        std::io::Write::write_all(&mut new, text.as_bytes()).map_err(cannot)?;
        new.persist(self.dir().join(FILE)).map_err(|e| cannot(e.error))?;
        Ok(role)
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
        let used = |library: &Library| {
            library.list().into_iter().filter(|l| l.used).map(|l| l.model.id).collect::<Vec<_>>()
        };
        assert!(used(&again).contains(&"clinic".to_owned()));
        assert!(!used(&again).contains(&"whisper-tiny.en".to_owned()));
        std::fs::remove_file(&weights).unwrap();
        assert_eq!(again.chosen(Role::Speech), None);
        assert!(used(&again).contains(&"whisper-tiny.en".to_owned()));
    }
}
