//! People: the master key wrapped once for each, under their password and a secret of the keyring.
//!
//! A person's key is HKDF of Argon2id(password) with the keyring's secret as salt, so that neither a copied folder with
//! a guessed password nor a stolen keyring opens anything alone. Letting somebody in or keeping somebody out makes a
//! new master key; the others' keys are kept under a key of the vault, so nobody else has to type anything.

use crate::error::VaultError;
use crate::file::{PersonEntry, VERSION, VaultFile, account_of};
use crate::key::{Randomness, SecretKey};
use crate::keyring::KeyringStore;
use crate::source::{is_stale, new_cost, stretch};
use crate::vault::{Vault, VaultMode, check_of, context, wrapping_key};
use secrecy::SecretString;
use serde::Serialize;
use std::path::Path;

/// A person who can open a vault, as anybody at the machine may know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonRef {
    /// Id.
    pub id: String,
    /// As the person signs in.
    pub name: String,
}

/// Whether two names are one person's: any case, blanks around them.
fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// The secret that this machine's keyring adds to every password; none where the vault needs none.
fn device_secret(
    file: &VaultFile,
    keyring: Option<&dyn KeyringStore>,
) -> Result<Option<SecretKey>, VaultError> {
    let Some(entry) = &file.device_entry else { return Ok(None) };
    let keyring = keyring.ok_or(VaultError::KeyringUnavailable)?;
    let secret =
        keyring.read(&account_of(&file.vault_id, Some(entry)))?.ok_or(VaultError::KeyringEntryMissing)?;
    let bytes: [u8; 32] = secret.as_slice().try_into().map_err(|_| VaultError::KeyringEntryWrong)?;
    Ok(Some(SecretKey::from_bytes(bytes)))
}

/// A person's key: the stretched password and the keyring's secret, bound to vault and person.
fn person_key(
    stretched: &SecretKey,
    device: Option<&SecretKey>,
    vault_id: &[u8],
    person: &str,
) -> Result<SecretKey, VaultError> {
    let salt = device.map_or(&[][..], |secret| secret.expose().as_slice());
    let both = stretched.derive(salt, "iambilly/person-device/v1")?;
    both.derive(vault_id, &format!("iambilly/person/v1/{person}"))
}

fn purpose(what: &str, person: &str) -> String {
    format!("person-{what}-{person}")
}

/// The master key by a person's name and password: id, whether the costs are old, the key.
pub(crate) fn opened(
    file: &VaultFile,
    name: &str,
    password: &SecretString,
    keyring: Option<&dyn KeyringStore>,
) -> Result<(String, bool, SecretKey), VaultError> {
    let corrupt = || VaultError::Corrupt { what: "a person's key" };
    let vault_id = hex::decode(&file.vault_id).map_err(|_| corrupt())?;
    let known = file.people.iter().find(|p| same(&p.name, name));
    let Some(entry) = known else {
        // As long as a wrong password takes, so that the time does not tell who is known.
        if let Some(any) = file.people.first() {
            stretch(password, &any.argon2id).map(drop)?;
        }
        return Err(VaultError::WrongSignIn);
    };
    let device = device_secret(file, keyring)?;
    let stretched = stretch(password, &entry.argon2id)?;
    let own = person_key(&stretched, device.as_ref(), &vault_id, &entry.id)?;
    if check_of(&own, &vault_id)? != entry.check {
        return Err(VaultError::WrongSignIn);
    }
    let master = wrapping_key(&own, &vault_id)?
        .unwrap_key(&entry.master, &context(&purpose("master", &entry.id), &file.vault_id))
        .ok_or_else(corrupt)?;
    Ok((entry.id.clone(), is_stale(&entry.argon2id), master))
}

impl Vault {
    /// Who can open a data folder's vault, in the order they were let in.
    ///
    /// # Errors
    /// When the vault file is damaged, newer or unreadable.
    pub fn people(dir: &Path) -> Result<Vec<PersonRef>, VaultError> {
        let file = VaultFile::read(dir)?;
        let people = file.map(|f| f.people).unwrap_or_default();
        Ok(people.into_iter().map(|p| PersonRef { id: p.id, name: p.name }).collect())
    }

    /// The person of this name, if the vault knows one.
    ///
    /// # Errors
    /// As [`Vault::people`].
    pub fn person(dir: &Path, name: &str) -> Result<Option<PersonRef>, VaultError> {
        Ok(Self::people(dir)?.into_iter().find(|p| same(&p.name, name)))
    }

    /// Lets a person open this vault with a password from now on; a person it knows gets this name and password. The
    /// first person ends the time of the single owner: what opened the vault before opens it no more. Killed at any
    /// point, the old way opens or the new one.
    ///
    /// `keyring` gives the secret the passwords are combined with; where the first person is let in without one, the
    /// vault stays without.
    ///
    /// # Errors
    /// [`VaultError::EmptyPassphrase`], a keyring that is missing, locked or has no entry, what the disk says.
    pub fn let_in(
        &self,
        dir: &Path,
        person: &PersonRef,
        password: &SecretString,
        keyring: Option<&dyn KeyringStore>,
        randomness: &mut dyn Randomness,
    ) -> Result<(), VaultError> {
        let _lock = VaultFile::lock(dir)?;
        let before = self.own_file(dir)?;
        let mut file = before.clone();
        if file.mode != VaultMode::People {
            file.device_entry = keyring.map(|k| new_device(k, &file.vault_id, randomness)).transpose()?;
        }
        let cost = new_cost(randomness)?;
        let stretched = stretch(password, &cost)?;
        let device = device_secret(&file, keyring)?;
        let own = person_key(&stretched, device.as_ref(), self.id_bytes(), &person.id)?;
        let entry = PersonEntry {
            id: person.id.clone(),
            name: person.name.trim().to_owned(),
            argon2id: cost,
            check: check_of(&own, self.id_bytes())?,
            // Replaced by the new master key below.
            master: own.wrap(&own, "none", randomness)?,
            escrow: self.escrow()?.wrap(
                &own,
                &context(&purpose("escrow", &person.id), &file.vault_id),
                randomness,
            )?,
        };
        match file.people.iter_mut().find(|p| p.id == person.id) {
            Some(known) => *known = entry,
            None => file.people.push(entry),
        }
        self.replace_for_people(dir, file, randomness)?;
        if let (VaultMode::Keyring, Some(keyring)) = (before.mode, keyring) {
            // Best effort: an entry no vault names is harmless.
            let _ = keyring.delete(&before.account());
        }
        Ok(())
    }

    /// Keeps a person out from now on.
    ///
    /// # Errors
    /// [`VaultError::NobodyLeft`] for the last one; what the disk says.
    pub fn keep_out(
        &self,
        dir: &Path,
        person: &str,
        randomness: &mut dyn Randomness,
    ) -> Result<(), VaultError> {
        let _lock = VaultFile::lock(dir)?;
        let mut file = self.own_file(dir)?;
        file.people.retain(|p| p.id != person);
        if file.mode != VaultMode::People {
            return Ok(());
        }
        if file.people.is_empty() {
            return Err(VaultError::NobodyLeft);
        }
        self.replace_for_people(dir, file, randomness)
    }

    /// A new master key for all people; nobody's password changes.
    ///
    /// # Errors
    /// [`VaultError::WrongSource`] for a vault without people; what the disk says.
    pub fn rotate_for_people(&self, dir: &Path, randomness: &mut dyn Randomness) -> Result<(), VaultError> {
        let _lock = VaultFile::lock(dir)?;
        let file = self.own_file(dir)?;
        if file.mode != VaultMode::People {
            return Err(VaultError::WrongSource { needed: "the keyring or a passphrase" });
        }
        self.replace_for_people(dir, file, randomness)
    }

    /// Replaces the vault file by one with a new master key, wrapped for everybody in it.
    fn replace_for_people(
        &self,
        dir: &Path,
        mut file: VaultFile,
        randomness: &mut dyn Randomness,
    ) -> Result<(), VaultError> {
        let (vault_id, escrow) = (file.vault_id.clone(), self.escrow()?);
        let master = SecretKey::random(randomness)?;
        for entry in &mut file.people {
            let own = escrow
                .unwrap_key(&entry.escrow, &context(&purpose("escrow", &entry.id), &vault_id))
                .ok_or(VaultError::Corrupt { what: "a person's key" })?;
            let wrapping = wrapping_key(&own, self.id_bytes())?;
            let bound = context(&purpose("master", &entry.id), &vault_id);
            entry.master = wrapping.wrap(&master, &bound, randomness)?;
        }
        let wrapping = wrapping_key(&master, self.id_bytes())?;
        let (database_key, audio_root_key) = self.keys();
        let next = VaultFile {
            version: VERSION,
            mode: VaultMode::People,
            argon2id: None,
            keyring_entry: None,
            check: check_of(&master, self.id_bytes())?,
            database_key: wrapping.wrap(database_key, &context("database", &vault_id), randomness)?,
            audio_root_key: wrapping.wrap(audio_root_key, &context("audio", &vault_id), randomness)?,
            ..file
        };
        next.replace(dir)
    }
}

/// A new secret in the keyring; answers with the end of its account.
fn new_device(
    keyring: &dyn KeyringStore,
    vault_id: &str,
    randomness: &mut dyn Randomness,
) -> Result<String, VaultError> {
    let mut end = [0; 8];
    randomness.fill(&mut end)?;
    let entry = format!("device-{}", hex::encode(end));
    let account = account_of(vault_id, Some(&entry));
    let secret = SecretKey::random(randomness)?;
    keyring.write(&account, secret.expose())?;
    // A keyring that forgets at once must not guard records.
    let kept = keyring.read(&account)?;
    if kept.is_none_or(|k| k.as_slice() != secret.expose()) {
        return Err(VaultError::KeyringUnavailable);
    }
    Ok(entry)
}
