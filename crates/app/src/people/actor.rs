//! Who acts: a person with roles, or while there are no accounts the data folder's one local owner.

use super::permission::{Action, ActionName, BEHIND_GLASS, Role};
use crate::error::AppError;
use crate::session::Session;
use iambilly_claim::{Fault, FaultKind};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::{Arc, PoisonError};

/// The actor of everything done while there are no accounts.
pub(crate) const OWNER: &str = "owner";
/// The actor of what is done with the recovery kit's words once there are accounts.
pub(crate) const KIT: &str = "recovery-kit";

/// Who acts in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    id: Arc<str>,
    name: String,
    /// None for the owner, who may do everything.
    roles: Option<Vec<Role>>,
    /// The clinic wants a second factor and there is none yet: nothing goes on before there is.
    must_enrol: bool,
}

/// Who acts, as the two doors show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActorView {
    /// Id in the audit.
    pub id: String,
    /// As the person signs in.
    pub name: String,
    /// Roles; none for the owner, who may do everything.
    pub roles: Option<Vec<Role>>,
    /// Names of the actions that are allowed.
    #[schemars(with = "Vec<ActionName>")]
    pub may: Vec<&'static str>,
    /// Until when the glass is broken, RFC 3339.
    pub glass_until: Option<String>,
    /// Whether a second factor has to be made before anything else.
    pub must_enrol: bool,
    /// Emergency access that an administrator has to look at; 0 for others.
    pub unseen_glass: usize,
}

impl Actor {
    /// The owner of a data folder without accounts.
    #[must_use]
    pub fn owner() -> Self {
        Self { id: OWNER.into(), name: OWNER.to_owned(), roles: None, must_enrol: false }
    }

    /// Whoever holds the recovery kit of a data folder with accounts: an administrator, to let people in again.
    #[must_use]
    pub fn kit() -> Self {
        Self::person(KIT, KIT, vec![Role::Administrator])
    }

    /// A person.
    #[must_use]
    pub fn person(id: &str, name: &str, roles: Vec<Role>) -> Self {
        Self { id: id.into(), name: name.to_owned(), roles: Some(roles), must_enrol: false }
    }

    /// The same person, who has to make a second factor before anything else.
    #[must_use]
    pub fn without_second_factor(self) -> Self {
        Self { must_enrol: true, ..self }
    }

    /// Id in the audit.
    #[must_use]
    pub fn id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }

    /// As the person signs in.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a role of theirs allows it.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        if self.must_enrol && action != Action::Devices {
            return false;
        }
        self.roles.as_ref().is_none_or(|roles| action.roles().iter().any(|role| roles.contains(role)))
    }

    /// Whether they have this role; the owner has none and needs none.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.as_ref().is_some_and(|roles| roles.contains(&role))
    }

    /// Whether this is the owner of a data folder without accounts.
    #[must_use]
    pub const fn is_owner(&self) -> bool {
        self.roles.is_none()
    }

    /// Refuses what no role of theirs allows.
    ///
    /// # Errors
    /// `not_allowed`.
    pub fn check(&self, action: Action) -> Result<(), Fault> {
        if self.may(action) { Ok(()) } else { Err(self.refused(action)) }
    }

    fn refused(&self, action: Action) -> Fault {
        if self.must_enrol {
            return Fault::new(
                FaultKind::Locked,
                "second_factor_required",
                "This clinic wants a second factor from everybody, and you have none yet.",
                "Make one: in the window under people, or with iambilly users totp.",
            );
        }
        let roles: Vec<_> = action.roles().iter().map(|role| role.name()).collect();
        let glass = if BEHIND_GLASS.contains(&action) {
            " In an emergency you may break the glass; it needs a reason, and the administrator is told."
        } else {
            ""
        };
        Fault::new(
            FaultKind::Locked,
            "not_allowed",
            format!("You may not {}: that is for {}.", action.words(), roles.join(", ")),
            format!("Ask one of them, or ask an administrator for the role.{glass}"),
        )
    }
}

/// Whether a revision's maker is a person and not a reader of the program's.
pub(crate) fn is_person(drafted_by: &str) -> bool {
    drafted_by == OWNER || uuid::Uuid::try_parse(drafted_by).is_ok()
}

impl Session {
    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The actor's id, for the audit and the rows.
    pub(crate) fn by(&self) -> Arc<str> {
        self.actor.id()
    }

    /// Who acts, and what they may do now.
    pub async fn me(&self) -> ActorView {
        let until = self.glass();
        ActorView {
            id: self.actor.id.to_string(),
            name: self.actor.name.clone(),
            roles: self.actor.roles.clone(),
            may: Action::ALL.iter().filter(|a| self.may(**a)).map(|a| a.name()).collect(),
            glass_until: until.map(|at| format!("{at:.3}")),
            must_enrol: self.actor.must_enrol,
            unseen_glass: self.unseen_glass().await,
        }
    }

    /// Until when the glass is broken, if it is.
    fn glass(&self) -> Option<Timestamp> {
        let until = *self.glass.lock().unwrap_or_else(PoisonError::into_inner);
        until.filter(|until| (self.surroundings.now)() < *until)
    }

    /// Whether the actor may, by a role or through broken glass.
    pub(crate) fn may(&self, action: Action) -> bool {
        let glass = BEHIND_GLASS.contains(&action) && !self.actor.must_enrol && self.glass().is_some();
        glass || self.actor.may(action)
    }

    /// Lets the actor go on, or refuses and notes it. Every use case asks this first.
    ///
    /// # Errors
    /// `not_allowed`; those of the store.
    pub(crate) async fn allow(&self, action: Action) -> Result<(), AppError> {
        if self.may(action) {
            return Ok(());
        }
        self.note("permission.refused", action.name()).await?;
        Err(self.actor.refused(action).into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Actor, is_person};
    use crate::people::{Action, Role};

    #[test]
    fn the_table_decides_and_the_owner_may_everything() {
        for action in Action::ALL {
            assert!(Actor::owner().may(*action));
            for role in Role::ALL {
                let actor = Actor::person("018f0000-0000-7000-8000-000000000001", "alice", vec![role]);
                assert_eq!(actor.may(*action), action.roles().contains(&role), "{role:?} {action:?}");
                assert_eq!(actor.check(*action).is_ok(), actor.may(*action));
            }
            let both = Actor::person("1", "bob", vec![Role::Physician, Role::Administrator]);
            let either = [Role::Physician, Role::Administrator].iter().any(|r| action.roles().contains(r));
            assert_eq!(both.may(*action), either);
            assert_eq!(Actor::kit().may(*action), action.roles().contains(&Role::Administrator));
        }
        let fault =
            Actor::person("1", "eve", vec![Role::Administrator]).check(Action::ViewClaims).unwrap_err();
        assert_eq!((fault.code.as_str(), fault.exit_code()), ("not_allowed", 4));
        assert!(fault.advice.contains("break the glass"));
    }

    #[test]
    fn a_reader_of_the_program_is_no_person() {
        let table = [("owner", true), ("018f0000-0000-7000-8000-000000000001", true), ("rules", false)];
        for (by, person) in table {
            assert_eq!(is_person(by), person, "{by}");
        }
        assert!(!is_person("rules, llm") && !is_person("pipeline"));
    }
}
