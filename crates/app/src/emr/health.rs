//! The way to each connected EMR, for the doctor: that it answers, proves who it is, and has the same time.

use super::connections::Connected;
use crate::doctor::{Check, State};
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_emr::{Probe, ProbeState};
use std::time::Duration;
use tokio::time::timeout;

/// Longest that one EMR is waited for: the doctor has more to look at.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was found of one; the vendor's name and a number stand for the clinic's own name of it, which may be a hospital's.
fn found(number: usize, connected: &Connected, probes: Option<&[Probe]>) -> Check {
    let name = format!("record system {number}");
    let vendor = connected.config.vendor.name();
    let Some(probes) = probes else {
        return Check {
            name,
            state: State::Warn,
            detail: format!("{vendor}: did not answer within {} s", PATIENCE.as_secs()),
            fix: Some(
                "Check the network and the proxy; what waits is sent when the network is back.".to_owned(),
            ),
        };
    };
    let bad: Vec<&Probe> = probes.iter().filter(|p| p.state == ProbeState::Bad).collect();
    let said: Vec<&str> = match bad.is_empty() {
        true => probes.iter().map(|p| p.says.as_str()).collect(),
        false => bad.iter().map(|p| p.says.as_str()).collect(),
    };
    let fix = bad.iter().map(|p| p.forward.as_str()).filter(|f| !f.is_empty()).collect::<Vec<_>>().join(" ");
    Check {
        name,
        // Dictation and coding need no record system.
        state: if bad.is_empty() { State::Ok } else { State::Warn },
        detail: format!("{vendor}: {}", said.join(" ")),
        fix: (!fix.is_empty()).then_some(fix),
    }
}

impl Session {
    /// The way to each connected EMR. Nobody is signed in there and nothing of a patient is asked.
    ///
    /// # Errors
    /// Those of the store; trouble with an EMR is in its check.
    pub async fn emr_health(&self) -> Result<Vec<Check>, AppError> {
        if !self.may(Action::ConnectEmr) && !self.may(Action::ExportClaim) {
            self.allow(Action::ViewMaster).await?;
        }
        let mut checks = vec![];
        for (row, number) in self.emr_rows().await?.iter().zip(1..) {
            match self.emr_connected(row.id).await {
                Ok(connected) => {
                    let probes = timeout(PATIENCE, connected.adapter.reach()).await.ok();
                    self.emr_note(&connected).await?;
                    checks.push(found(number, &connected, probes.as_deref()));
                }
                Err(error) => {
                    let fault = error.fault();
                    checks.push(Check {
                        name: format!("record system {number}"),
                        state: State::Warn,
                        detail: fault.message,
                        fix: Some(fault.advice),
                    });
                }
            }
        }
        Ok(checks)
    }
}
