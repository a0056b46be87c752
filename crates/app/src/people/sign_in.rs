//! Signing in: who opened the vault, whether they still may, and their second factor.

use super::actor::Actor;
use super::guards::guards_of;
use super::permission::Role;
use super::second_factor::{needed, recovery_code, step_of, wrong};
use super::tries::Tries;
use crate::error::AppError;
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::{PersonRow, PersonState, Store};
use iambilly_vault::{Opener, PersonRef, Vault, VaultError};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use std::path::Path;

/// What a person signs in with.
pub struct SignIn {
    /// The name, in any case of letters.
    pub name: String,
    /// The password.
    pub password: SecretString,
    /// The code of the authenticator, or a recovery code; none where there is no second factor.
    pub code: Option<String>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[sign-in]")
    }
}

/// A sign-in under way: nobody else tries meanwhile.
pub(crate) struct Attempt<'a> {
    data: &'a Path,
    tries: Tries,
    known: Option<PersonRef>,
    now: Timestamp,
}

impl<'a> Attempt<'a> {
    /// Begins, unless the last failures ask for a pause.
    ///
    /// # Errors
    /// `sign_in_paused`; a damaged vault.
    pub(crate) fn begin(data: &'a Path, name: &str, now: Timestamp) -> Result<Self, AppError> {
        let known = Vault::person(data, name)?;
        let mut tries = Tries::hold(data);
        if let Some(person) = &known
            && let Some(wait) = tries.wait(&person.id, now)
        {
            crate::audit::note_refused_unlock(data, now, Some(&person.id));
            return Err(paused(wait).into());
        }
        Ok(Self { data, tries, known, now })
    }

    fn failed(&mut self) {
        if let Some(person) = &self.known {
            self.tries.fail(&person.id, self.now);
        }
        crate::audit::note_refused_unlock(self.data, self.now, self.known.as_ref().map(|p| p.id.as_str()));
    }

    /// Counts a password that was wrong.
    pub(crate) fn refused(&mut self, error: &VaultError) {
        if matches!(error, VaultError::WrongSignIn) {
            self.failed();
        }
    }

    /// Lets the person in whose password was right, if they still may and their code is right too.
    ///
    /// # Errors
    /// `person_disabled`, `second_factor_needed`, `wrong_code`; those of the store.
    pub(crate) fn finish(mut self, store: &Store, id: &str, code: Option<&str>) -> Result<Actor, AppError> {
        let person = store.read(|r| r.person(id))?;
        let Some(person) = person.filter(|p| p.state != PersonState::Disabled) else {
            self.failed();
            return Err(disabled().into());
        };
        if let Err(fault) = self.check_code(store, &person, code)? {
            if fault.code != "second_factor_needed" {
                self.failed();
            }
            return Err(fault.into());
        }
        self.tries.clear(id);
        let wanted = store.read(guards_of)?.second_factor;
        let roles = person.roles.iter().filter_map(|name| Role::of_name(name)).collect();
        let actor = Actor::person(&person.id, &person.name, roles);
        Ok(if wanted && !person.second_factor { actor.without_second_factor() } else { actor })
    }

    fn check_code(
        &self,
        store: &Store,
        person: &PersonRow,
        code: Option<&str>,
    ) -> Result<Result<(), Fault>, AppError> {
        let Some((secret, _)) = store.read(|r| r.second_factor(&person.id))? else { return Ok(Ok(())) };
        let Some(code) = code.map(str::trim).filter(|c| !c.is_empty()) else { return Ok(Err(needed())) };
        let used = if let Some(recovery) = recovery_code(code) {
            let seal = store.seal_text(&recovery);
            store.write(|r| r.use_recovery_code(&person.id, &seal, self.now))?
        } else {
            match step_of(&secret, code, self.now)? {
                Some(step) => store.write(|r| r.use_totp_step(&person.id, step))?,
                None => false,
            }
        };
        Ok(if used { Ok(()) } else { Err(wrong()) })
    }
}

/// Who acts after a vault was opened by something else than a person: the owner, until there are people. From then on
/// the kit (or what a restored folder was put under) is an administrator's, to let people in again.
pub(crate) fn unnamed(store: &Store, opener: &Opener) -> Result<Actor, AppError> {
    let people = store.read(|r| r.people())?;
    // Who was added and never signed in does not end the owner's time: the program may have ended in between.
    let begun = people.iter().any(|p| p.state != PersonState::Pending);
    Ok(match opener {
        Opener::Person { .. } => return Err(AppError::internal("a person acts as somebody else")),
        Opener::Owner | Opener::Kit if begun => Actor::kit(),
        // The kit opens everything while one person owns everything.
        Opener::Owner | Opener::Kit => Actor::owner(),
    })
}

fn paused(wait: SignedDuration) -> Fault {
    let seconds = wait.as_secs().max(1);
    let time = if seconds < 120 {
        format!("{seconds} seconds")
    } else {
        format!("{} minutes", seconds.div_euclid(60) + 1)
    };
    Fault::new(
        FaultKind::Locked,
        "sign_in_paused",
        format!("There were too many failed tries; the next one is possible in {time}."),
        "Wait, or ask an administrator to lift the pause (iambilly users unlock NAME). Nothing was changed.",
    )
}

fn disabled() -> Fault {
    Fault::new(
        FaultKind::Locked,
        "person_disabled",
        "This person may not sign in any more.",
        "Ask an administrator.",
    )
}
