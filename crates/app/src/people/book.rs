//! The people of a data folder: added, given roles, kept out, let in again; passwords and second factors.

use super::permission::{Action, Role};
use super::second_factor::{self, NewSecondFactor, step_of};
use super::tries::Tries;
use crate::error::AppError;
use crate::session::{Random, Session, blocking};
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::{PersonRow, PersonState, Records, StoreError};
use iambilly_vault::{KeyringStore, OsKeyring, PersonRef, Vault};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::sync::Arc;

/// Shortest password, in characters: NIST SP 800-63B asks for 8 beside a second factor and 15 alone; no rules of
/// composition, which only make passwords worse.
const SHORTEST: usize = 12;
/// Longest name.
const LONGEST_NAME: usize = 64;

/// A person as the list shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    /// Id, as the audit names them.
    pub id: String,
    /// As they sign in.
    pub name: String,
    /// Their roles.
    pub roles: Vec<Role>,
    /// `pending` (never signed in), `active` or `disabled`.
    pub state: PersonState,
    /// Whether signing in asks for a code too.
    pub second_factor: bool,
    /// Recovery codes that are left.
    pub recovery_codes: u32,
    /// Whether they have a password that opens the vault.
    pub has_password: bool,
    /// Failed tries since the last sign-in.
    pub failures: u32,
    /// When they last signed in, RFC 3339.
    pub signed_in_at: Option<String>,
}

/// Somebody who was added.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddedPerson {
    /// They.
    #[serde(flatten)]
    pub person: PersonView,
    /// Their second factor, shown this once.
    pub second_factor_drawn: Option<NewSecondFactor>,
}

/// Somebody to add.
pub struct NewPerson {
    /// As they will sign in.
    pub name: String,
    /// Their roles.
    pub roles: Vec<Role>,
    /// Their first password.
    pub password: SecretString,
    /// Whether they get a second factor at once.
    pub second_factor: bool,
}

impl std::fmt::Debug for NewPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[new person]")
    }
}

fn usage(code: &str, message: &str, advice: &str) -> AppError {
    Fault::new(FaultKind::Usage, code, message, advice).into()
}

fn check_password(password: &SecretString, name: &str) -> Result<(), AppError> {
    let plain = password.expose_secret();
    if plain.chars().count() < SHORTEST {
        return Err(usage(
            "password_short",
            "That password is too short to guard patients' records.",
            &format!("Take at least {SHORTEST} characters; four or five random words are good."),
        ));
    }
    let mut different: Vec<char> = plain.chars().collect();
    different.sort_unstable();
    different.dedup();
    // A name of two or three letters stands in many good passwords by chance.
    let name = name.trim().to_lowercase();
    let named = name.chars().count() > 3 && plain.to_lowercase().contains(&name);
    if different.len() < 5 || named {
        return Err(usage(
            "password_weak",
            "That password would be guessed early: it holds the name, or the same few characters.",
            "Take four or five random words.",
        ));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<String, AppError> {
    let name = name.trim();
    let sound = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && name.chars().all(|c| c.is_alphanumeric() || " .-_@'".contains(c));
    if sound && ![super::OWNER, super::actor::KIT, "pipeline"].contains(&name.to_lowercase().as_str()) {
        return Ok(name.to_owned());
    }
    Err(usage(
        "name_invalid",
        "That cannot be a name to sign in with.",
        "Use up to 64 letters, digits, blanks and . - _ @ '; owner, pipeline and recovery-kit are taken.",
    ))
}

fn names(roles: &[Role]) -> Vec<&'static str> {
    let mut roles = roles.to_vec();
    roles.sort_unstable();
    roles.dedup();
    roles.into_iter().map(Role::name).collect()
}

fn is_administrator(person: &PersonRow) -> bool {
    person.state != PersonState::Disabled && person.roles.iter().any(|r| r == Role::Administrator.name())
}

/// Refuses a change after which nobody could let people in: whoever it is asked of at the same moment, one stays.
fn keep_an_administrator(records: &Records<'_>) -> Result<Result<(), Fault>, StoreError> {
    let left = records.people()?.iter().any(is_administrator);
    Ok(if left {
        Ok(())
    } else {
        Err(Fault::new(
            FaultKind::Usage,
            "last_administrator",
            "Nobody else is an administrator, so nobody could let people in again.",
            "Give somebody else that role first; nothing was changed.",
        ))
    })
}

/// An error that takes a transaction back and still is words for people.
enum Stop {
    Store(StoreError),
    Fault(Fault),
}

impl Session {
    /// All people, in the order they were added.
    ///
    /// # Errors
    /// `not_allowed`; those of the store and the vault.
    pub async fn people(&self) -> Result<Vec<PersonView>, AppError> {
        self.allow(Action::ReadAudit).await?;
        self.people_now().await
    }

    async fn people_now(&self) -> Result<Vec<PersonView>, AppError> {
        let data = self.config.paths.data.clone();
        let (rows, left) = self
            .store(|s| {
                s.read(|r| {
                    let rows = r.people()?;
                    let left: Result<Vec<_>, _> = rows.iter().map(|p| r.recovery_codes_left(&p.id)).collect();
                    Ok((rows, left?))
                })
            })
            .await?;
        blocking(move || {
            let known = Vault::people(&data)?;
            let tries = Tries::hold(&data);
            let view = |(row, left): (PersonRow, u32)| PersonView {
                has_password: known.iter().any(|k| k.id == row.id),
                failures: tries.failures(&row.id),
                roles: row.roles.iter().filter_map(|r| Role::of_name(r)).collect(),
                signed_in_at: row.signed_in_at.map(|at| format!("{at:.3}")),
                state: row.state,
                second_factor: row.second_factor,
                recovery_codes: left,
                name: row.name,
                id: row.id,
            };
            Ok(rows.into_iter().zip(left).map(view).collect())
        })
        .await
    }

    /// One person by name (in any case of letters) or id.
    async fn one(&self, named: &str) -> Result<PersonView, AppError> {
        let wanted = named.trim().to_lowercase();
        let mut people = self.people_now().await?.into_iter();
        people.find(|p| p.id == wanted || p.name.to_lowercase() == wanted).ok_or_else(|| {
            usage("person_unknown", "Nobody here has that name.", "iambilly users list shows everybody.")
        })
    }

    /// Adds somebody. The first is an administrator, and ends the time of the single owner: from then on people sign in.
    ///
    /// # Errors
    /// `name_invalid`, `password_short`, `password_weak`, `roles_missing`, `first_administrator`; a conflict for a name
    /// that is taken; those of the vault.
    pub async fn add_person(&self, new: NewPerson) -> Result<AddedPerson, AppError> {
        self.allow(Action::ManagePeople).await?;
        let name = check_name(&new.name)?;
        check_password(&new.password, &name)?;
        if new.roles.is_empty() {
            return Err(usage("roles_missing", "A person needs a role.", "Give one or more with --role."));
        }
        let first = self.people_now().await?.iter().all(|p| p.state == PersonState::Disabled);
        if first && !new.roles.contains(&Role::Administrator) {
            return Err(usage(
                "first_administrator",
                "The first person must be an administrator, who can let the others in.",
                "Give the role administrator, beside any other.",
            ));
        }
        let drawn = new.second_factor.then(|| second_factor::draw(&name, self.surroundings)).transpose()?;
        let id = self.surroundings.id().to_string();
        let (now, by) = ((self.surroundings.now)(), self.by());
        let (of, called, secret) = (id.clone(), name.clone(), drawn.clone());
        self.store(move |s| {
            let seals = seals(s, secret.as_ref());
            s.write(|r| {
                r.add_person(&of, &called, &names(&new.roles), now)?;
                if let Some(secret) = &secret {
                    r.set_second_factor(&of, Some(&secret.secret), &seals)?;
                }
                r.append_audit(&by, "person.added", &of, now).map(drop)
            })
        })
        .await?;
        // The row first: a person without a password is seen in the list and given one; a password without a row could
        // open the vault and be nobody.
        self.set_password(&id, &name, new.password).await?;
        Ok(AddedPerson { person: self.one(&id).await?, second_factor_drawn: drawn })
    }

    async fn set_password(&self, id: &str, name: &str, password: SecretString) -> Result<(), AppError> {
        let (vault, dir, random) =
            (Arc::clone(&self.vault), self.config.paths.data.clone(), self.surroundings.random);
        let person = PersonRef { id: id.to_owned(), name: name.to_owned() };
        blocking(move || {
            let keyring = OsKeyring::connect().ok();
            let keyring = keyring.as_ref().map(|k| k as &dyn KeyringStore);
            Ok(vault.let_in(&dir, &person, &password, keyring, &mut Random(random))?)
        })
        .await
    }

    /// Gives a person these roles and no others; they act from the next sign-in.
    ///
    /// # Errors
    /// `person_unknown`, `roles_missing`, `last_administrator`.
    pub async fn set_roles(&self, named: &str, roles: &[Role]) -> Result<PersonView, AppError> {
        self.allow(Action::ManagePeople).await?;
        if roles.is_empty() {
            return Err(usage(
                "roles_missing",
                "A person needs a role.",
                "Give one or more; or disable them.",
            ));
        }
        let (person, roles) = (self.one(named).await?, names(roles));
        let of = person.id.clone();
        self.change_people("person.roles", &of.clone(), move |r| r.set_roles(&of, &roles)).await?;
        self.one(&person.id).await
    }

    /// Keeps a person out: their password opens nothing any more. What they did stays theirs.
    ///
    /// # Errors
    /// `person_unknown`, `last_administrator`.
    pub async fn disable_person(&self, named: &str) -> Result<PersonView, AppError> {
        self.allow(Action::ManagePeople).await?;
        let person = self.one(named).await?;
        let of = person.id.clone();
        let state = PersonState::Disabled;
        self.change_people("person.disabled", &of.clone(), move |r| r.set_person_state(&of, state)).await?;
        let (vault, dir, random) =
            (Arc::clone(&self.vault), self.config.paths.data.clone(), self.surroundings.random);
        let of = person.id.clone();
        blocking(move || Ok(vault.keep_out(&dir, &of, &mut Random(random))?)).await?;
        self.one(&person.id).await
    }

    /// A change of people that leaves an administrator, noted in the audit.
    async fn change_people(
        &self,
        action: &'static str,
        id: &str,
        change: impl FnOnce(&Records<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), AppError> {
        let (now, by, id) = ((self.surroundings.now)(), self.by(), id.to_owned());
        let done = self
            .store(move |s| {
                let mut fault = None;
                let done = s.write(|r| {
                    change(r)?;
                    if let Err(refused) = keep_an_administrator(r)? {
                        fault = Some(refused);
                        // Takes the transaction back.
                        return Err(StoreError::Conflict { what: "nobody else is an administrator" });
                    }
                    r.append_audit(&by, action, &id, now).map(drop)
                });
                Ok(match (fault, done) {
                    (Some(fault), _) => Err(Stop::Fault(fault)),
                    (None, done) => done.map_err(Stop::Store),
                })
            })
            .await?;
        match done {
            Ok(()) => Ok(()),
            Err(Stop::Fault(fault)) => {
                self.note("person.refused", action).await?;
                Err(fault.into())
            }
            Err(Stop::Store(error)) => Err(error.into()),
        }
    }

    /// Gives a person a new password; who was disabled is let in again.
    ///
    /// # Errors
    /// `person_unknown`, `password_short`, `password_weak`; those of the vault.
    pub async fn reset_password(&self, named: &str, password: SecretString) -> Result<PersonView, AppError> {
        self.allow(Action::ManagePeople).await?;
        let person = self.one(named).await?;
        check_password(&password, &person.name)?;
        self.set_password(&person.id, &person.name, password).await?;
        let of = person.id.clone();
        self.change_people("person.password_reset", &of.clone(), move |r| match r.person(&of)? {
            Some(row) if row.state == PersonState::Disabled => r.set_person_state(&of, PersonState::Pending),
            _ => Ok(()),
        })
        .await?;
        self.forget_tries(&person.id).await?;
        self.one(&person.id).await
    }

    /// Lets a person try again at once, whatever failed before.
    ///
    /// # Errors
    /// `person_unknown`.
    pub async fn unlock_person(&self, named: &str) -> Result<PersonView, AppError> {
        self.allow(Action::ManagePeople).await?;
        let person = self.one(named).await?;
        self.forget_tries(&person.id).await?;
        self.note("person.unlocked", &person.id).await?;
        self.one(&person.id).await
    }

    async fn forget_tries(&self, id: &str) -> Result<(), AppError> {
        let (data, id) = (self.config.paths.data.clone(), id.to_owned());
        blocking(move || {
            Tries::hold(&data).clear(&id);
            Ok(())
        })
        .await
    }

    /// Changes one's own password.
    ///
    /// # Errors
    /// `wrong_sign_in` for the old one; `password_short`, `password_weak`; those of the vault.
    pub async fn change_password(&self, old: SecretString, new: SecretString) -> Result<(), AppError> {
        self.allow(Action::Devices).await?;
        let person = self.myself().await?;
        check_password(&new, &person.name)?;
        let (dir, name) = (self.config.paths.data.clone(), person.name.clone());
        blocking(move || {
            let keyring = OsKeyring::connect().ok();
            let keyring = keyring.as_ref().map(|k| k as &dyn KeyringStore);
            let source = iambilly_vault::KeySource::Person { name, password: old, keyring };
            Ok(Vault::open(&dir, &source).map(drop)?)
        })
        .await?;
        self.set_password(&person.id, &person.name, new).await?;
        self.note("person.password_changed", &person.id).await
    }

    async fn myself(&self) -> Result<PersonView, AppError> {
        self.one(&self.by()).await.map_err(|_| {
            usage(
                "no_accounts",
                "Nobody is signed in by name.",
                "Add people first: iambilly users add NAME --role administrator.",
            )
        })
    }

    /// Draws a second factor for oneself, or as an administrator for anybody. It guards nothing until it is kept.
    ///
    /// # Errors
    /// `person_unknown`, `not_allowed`.
    pub async fn draw_second_factor(&self, named: Option<&str>) -> Result<NewSecondFactor, AppError> {
        self.allow(Action::Devices).await?;
        let person = self.whose_factor(named).await?;
        second_factor::draw(&person.name, self.surroundings)
    }

    /// Makes a second factor count. With a `code` it is tried first, so that nobody locks themselves out.
    ///
    /// # Errors
    /// `wrong_code`: nothing changes; `person_unknown`, `not_allowed`.
    pub async fn keep_second_factor(
        &self,
        named: Option<&str>,
        drawn: NewSecondFactor,
        code: Option<&str>,
    ) -> Result<PersonView, AppError> {
        self.allow(Action::Devices).await?;
        let person = self.whose_factor(named).await?;
        let now = (self.surroundings.now)();
        if let Some(code) = code
            && step_of(&drawn.secret, code, now)?.is_none()
        {
            return Err(second_factor::wrong().into());
        }
        let (of, by) = (person.id.clone(), self.by());
        self.store(move |s| {
            let seals = seals(s, Some(&drawn));
            s.write(|r| {
                r.set_second_factor(&of, Some(&drawn.secret), &seals)?;
                r.append_audit(&by, "person.second_factor", &of, now).map(drop)
            })
        })
        .await?;
        self.one(&person.id).await
    }

    /// Takes a person's second factor away, so that they can make another.
    ///
    /// # Errors
    /// `person_unknown`, `not_allowed`.
    pub async fn remove_second_factor(&self, named: &str) -> Result<PersonView, AppError> {
        self.allow(Action::ManagePeople).await?;
        let person = self.one(named).await?;
        let (of, by, now) = (person.id.clone(), self.by(), (self.surroundings.now)());
        self.store(move |s| {
            s.write(|r| {
                r.set_second_factor(&of, None, &[])?;
                r.append_audit(&by, "person.second_factor_removed", &of, now).map(drop)
            })
        })
        .await?;
        self.one(&person.id).await
    }

    async fn whose_factor(&self, named: Option<&str>) -> Result<PersonView, AppError> {
        let Some(named) = named else { return self.myself().await };
        let person = self.one(named).await?;
        if *person.id != *self.by() {
            self.allow(Action::ManagePeople).await?;
        }
        Ok(person)
    }
}

fn seals(store: &iambilly_store::Store, drawn: Option<&NewSecondFactor>) -> Vec<String> {
    let codes = drawn.map(|d| d.recovery_codes.as_slice()).unwrap_or_default();
    codes.iter().filter_map(|c| second_factor::recovery_code(c)).map(|c| store.seal_text(&c)).collect()
}

#[cfg(test)]
mod tests {
    use super::{check_name, check_password};

    #[test]
    fn names_and_passwords_that_would_be_guessed_are_refused() {
        let names =
            [("alice", true), ("  Dr. O'Hara ", true), ("müller@clinic", true), ("", false), ("a/b", false)];
        for (name, sound) in names {
            assert_eq!(check_name(name).is_ok(), sound, "{name:?}");
        }
        assert!(check_name("Owner").is_err() && check_name(&"a".repeat(65)).is_err());
        let passwords = [
            ("correct horse battery", None),
            ("short", Some("password_short")),
            ("aaaaaaaaaaaaaaaa", Some("password_weak")),
            ("ababababababab", Some("password_weak")),
            ("my name is ALICE", Some("password_weak")),
        ];
        for (password, expected) in passwords {
            let code = check_password(&password.to_owned().into(), "alice").err().map(|e| e.fault().code);
            assert_eq!(code.as_deref(), expected, "{password}");
        }
    }
}
