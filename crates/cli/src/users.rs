//! `users`: people, their roles, passwords and second factors; emergency access; what the clinic turns on.

use crate::claims::{asked, session};
use crate::{Shell, show};
use clap::{Subcommand, ValueEnum};
use iambilly_app::Session;
use iambilly_app::people::{Guards, NewPerson, NewSecondFactor, PersonView, Role};
use iambilly_claim::{Fault, FaultKind, Phi};
use secrecy::SecretString;
use std::io::IsTerminal;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleChoice {
    /// Dictates, reviews and approves
    Physician,
    /// Codes, corrects and approves
    Coder,
    /// Keeps charges and master data, sends claims, takes answers in
    Biller,
    /// Reads claims and the audit, changes nothing
    Auditor,
    /// Keeps people, keys and backups; sees patients only by breaking the glass
    Administrator,
}

impl From<RoleChoice> for Role {
    fn from(choice: RoleChoice) -> Self {
        match choice {
            RoleChoice::Physician => Self::Physician,
            RoleChoice::Coder => Self::Coder,
            RoleChoice::Biller => Self::Biller,
            RoleChoice::Auditor => Self::Auditor,
            RoleChoice::Administrator => Self::Administrator,
        }
    }
}

/// Days that audio is kept; none for always.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Days(Option<u32>);

fn days(given: &str) -> Result<Days, &'static str> {
    if given == "always" {
        return Ok(Days(None));
    }
    given.parse().map(|n| Days(Some(n))).map_err(|_| "a number of days, or `always`")
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// Everybody, with roles, second factor and failed tries
    List,
    /// Add somebody; the first is an administrator, and from then on people sign in. Password: IAMBILLY_NEW_PASSWORD
    Add {
        /// As they will sign in
        name: String,
        /// What they are to the clinic; several with commas
        #[arg(long, value_enum, value_delimiter = ',', required = true)]
        role: Vec<RoleChoice>,
        /// With a second factor at once; it is shown this once
        #[arg(long)]
        totp: bool,
    },
    /// Give somebody these roles and no others; they act from the next sign-in
    Role {
        /// Their name
        name: String,
        /// The roles; several with commas
        #[arg(value_enum, value_delimiter = ',', required = true)]
        role: Vec<RoleChoice>,
    },
    /// Keep somebody out; what they did stays theirs
    Disable {
        /// Their name
        name: String,
    },
    /// Give somebody a new password (IAMBILLY_NEW_PASSWORD), and let them in again if they were kept out
    Reset {
        /// Their name
        name: String,
        /// Take their second factor away too
        #[arg(long)]
        totp: bool,
    },
    /// Lift the pause after failed tries
    Unlock {
        /// Their name
        name: String,
    },
    /// Change your own password (IAMBILLY_NEW_PASSWORD)
    Password,
    /// A second factor for yourself, or as an administrator for somebody: shown this once, with recovery codes
    Totp {
        /// Their name; yours without
        name: Option<String>,
        /// A code of the new authenticator, asked back before it counts (the last line on standard input)
        #[arg(long)]
        confirm: bool,
    },
    /// Who acts, and what they may do
    Me,
    /// What the clinic turns on: shown, or changed by what is given
    Guards {
        /// Minutes after which the window locks, 1 to 60
        #[arg(long, value_name = "MINUTES")]
        idle: Option<u32>,
        /// A coder's own draft needs another person's approval
        #[arg(long, value_name = "YES|NO", value_parser = clap::builder::BoolishValueParser::new())]
        four_eyes: Option<bool>,
        /// Everybody needs a second factor
        #[arg(long, value_name = "YES|NO", value_parser = clap::builder::BoolishValueParser::new())]
        require_totp: Option<bool>,
        /// Days that the audio of finished claims is kept, or `always`
        #[arg(long, value_name = "DAYS|always", value_parser = days)]
        keep_audio: Option<Days>,
    },
    /// Emergency access for an hour, with its reason; every administrator is told
    BreakGlass {
        /// What the emergency is
        #[arg(long)]
        reason: String,
    },
    /// Emergency access that was taken; with an id an administrator has seen it
    Glass {
        /// The id to acknowledge
        #[arg(long, value_name = "ID")]
        acknowledge: Option<String>,
    },
}

fn new_password() -> Result<SecretString, Fault> {
    if let Some(given) = std::env::var("IAMBILLY_NEW_PASSWORD").ok().filter(|p| !p.is_empty()) {
        return Ok(given.into());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Fault::new(
            FaultKind::Usage,
            "new_password_needed",
            "There is no new password.",
            "Set IAMBILLY_NEW_PASSWORD; nothing was changed.",
        ));
    }
    let typed = asked("The new password: ")?;
    if asked("The same again: ")? != typed {
        return Err(Fault::new(
            FaultKind::Usage,
            "passwords_differ",
            "The two passwords differ; nothing was changed.",
            "Run it again.",
        ));
    }
    Ok(typed.into())
}

pub(crate) async fn users(shell: &Shell, command: UsersCommand) -> Result<u8, Fault> {
    // What can be missing is missed before anything is opened.
    let password = match &command {
        UsersCommand::Add { .. } | UsersCommand::Reset { .. } | UsersCommand::Password => {
            Some(new_password()?)
        }
        _ => None,
    };
    let session = session(shell).await?;
    let done = run(shell, &session, command, password.unwrap_or_default()).await;
    session.shut_down().await;
    done.map(|()| 0)
}

async fn run(
    shell: &Shell,
    session: &Session,
    command: UsersCommand,
    password: SecretString,
) -> Result<(), Fault> {
    match command {
        UsersCommand::List => people(shell, &session.people().await?),
        UsersCommand::Add { name, role, totp } => {
            let roles = role.into_iter().map(Role::from).collect();
            let added = session.add_person(NewPerson { name, roles, password, second_factor: totp }).await?;
            if shell.json {
                show::json(&added);
            } else {
                people(shell, std::slice::from_ref(&added.person));
                if let Some(drawn) = &added.second_factor_drawn {
                    factor(drawn);
                }
            }
        }
        UsersCommand::Role { name, role } => {
            let roles: Vec<Role> = role.into_iter().map(Role::from).collect();
            people(shell, &[session.set_roles(&name, &roles).await?]);
        }
        UsersCommand::Disable { name } => people(shell, &[session.disable_person(&name).await?]),
        UsersCommand::Reset { name, totp } => {
            let mut person = session.reset_password(&name, password).await?;
            if totp {
                person = session.remove_second_factor(&name).await?;
            }
            people(shell, &[person]);
        }
        UsersCommand::Unlock { name } => people(shell, &[session.unlock_person(&name).await?]),
        UsersCommand::Password => {
            let old = std::env::var("IAMBILLY_PASSWORD").ok().filter(|p| !p.is_empty());
            let old = match old {
                Some(old) => old,
                None => asked("Your password until now: ")?,
            };
            session.change_password(old.into(), password).await?;
            if !shell.json {
                show::line("Your password is changed.");
            }
        }
        UsersCommand::Totp { name, confirm } => totp(shell, session, name.as_deref(), confirm).await?,
        UsersCommand::Me => {
            let me = session.me().await;
            if shell.json {
                show::json(&me);
            } else {
                let roles = me.roles.as_ref().map_or_else(|| "everything".to_owned(), |r| names(r));
                show::line(&format!("{}: {roles}", me.name));
                show::line(&format!("May: {}", me.may.join(", ")));
                if me.unseen_glass > 0 {
                    show::note(&format!(
                        "! Emergency access was taken {} times and not looked at: iambilly users glass.",
                        me.unseen_glass
                    ));
                }
            }
        }
        UsersCommand::Guards { idle, four_eyes, require_totp, keep_audio } => {
            let mut guards: Guards = session.guards().await?;
            if idle.is_some() || four_eyes.is_some() || require_totp.is_some() || keep_audio.is_some() {
                guards.idle_minutes = idle.unwrap_or(guards.idle_minutes);
                guards.four_eyes = four_eyes.unwrap_or(guards.four_eyes);
                guards.second_factor = require_totp.unwrap_or(guards.second_factor);
                if let Some(Days(days)) = keep_audio {
                    guards.audio_days = days;
                }
                session.set_guards(guards).await?;
            }
            if shell.json {
                show::json(&guards);
            } else {
                let yes = |on| if on { "yes" } else { "no" };
                show::line(&format!("The window locks after {} minutes.", guards.idle_minutes));
                show::line(&format!("Four eyes: {}.", yes(guards.four_eyes)));
                show::line(&format!("A second factor for everybody: {}.", yes(guards.second_factor)));
                show::line(&match guards.audio_days {
                    Some(days) => format!("Audio of finished claims is kept {days} days."),
                    None => "Audio is kept until somebody erases it.".to_owned(),
                });
            }
        }
        UsersCommand::BreakGlass { reason } => {
            let taken = session.break_glass(Phi::new(reason)).await?;
            if shell.json {
                show::json(&taken);
            } else {
                show::line(&format!("You may see and hear everything until {}.", taken.until));
                show::note("! Every administrator is told, with your reason.");
            }
        }
        UsersCommand::Glass { acknowledge } => {
            if let Some(id) = acknowledge {
                session.acknowledge_glass(&id).await?;
            }
            let breaks = session.glass_breaks().await?;
            if shell.json {
                show::json(&breaks);
            } else {
                for one in &breaks {
                    let seen = one.acknowledged_by.as_deref().map_or("NOT SEEN YET", |_| "seen");
                    show::line(&format!(
                        "{}  {}  {}  {seen}  {}",
                        one.id,
                        one.at,
                        one.person,
                        one.reason.expose()
                    ));
                }
            }
        }
    }
    Ok(())
}

async fn totp(shell: &Shell, session: &Session, name: Option<&str>, confirm: bool) -> Result<(), Fault> {
    let drawn = session.draw_second_factor(name).await?;
    if shell.json {
        show::json(&drawn);
    } else {
        factor(&drawn);
    }
    let code = confirm.then(|| {
        show::note("Now type the code your authenticator shows:");
        let mut line = String::new();
        let _ = std::io::stdin().read_line(&mut line);
        line
    });
    let person = session.keep_second_factor(name, drawn, code.as_deref()).await?;
    if !shell.json {
        show::line(&format!("From now on {} signs in with a code too (IAMBILLY_TOTP).", person.name));
    }
    Ok(())
}

fn names(roles: &[Role]) -> String {
    roles.iter().map(|r| r.name()).collect::<Vec<_>>().join(", ")
}

fn people(shell: &Shell, people: &[PersonView]) {
    if shell.json {
        show::json(&people);
        return;
    }
    for one in people {
        let state = one.state.as_str();
        let factor = if one.second_factor {
            format!("second factor, {} recovery codes", one.recovery_codes)
        } else {
            "no second factor".to_owned()
        };
        let password = if one.has_password { "" } else { "; NO PASSWORD: iambilly users reset" };
        let failures =
            if one.failures > 0 { format!("; {} failed tries", one.failures) } else { String::new() };
        show::line(&format!(
            "{}  {}  {state}  {factor}{password}{failures}  {}",
            one.name,
            names(&one.roles),
            one.id
        ));
    }
}

/// A QR code in half blocks, dark on light whatever the terminal's colours are.
fn factor(drawn: &NewSecondFactor) {
    let size = drawn.qr.len();
    let dark = |y: usize, x: usize| {
        // Four light modules around it, as scanners want.
        let at = |n: usize| n.checked_sub(4).filter(|n| *n < size);
        at(y).zip(at(x)).and_then(|(y, x)| drawn.qr.get(y)?.get(x)).copied().unwrap_or(false)
    };
    for y in (0..size + 8).step_by(2) {
        let row: String = (0..size + 8)
            .map(|x| match (dark(y, x), dark(y + 1, x)) {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            })
            .collect();
        show::line(&row);
    }
    show::line(&format!("Or type into the authenticator: {}", drawn.secret));
    show::line("Recovery codes, each for one sign-in without the authenticator. Keep them on paper:");
    for code in &drawn.recovery_codes {
        show::line(&format!("  {code}"));
    }
}
