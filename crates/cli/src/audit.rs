//! `audit`: whether the record of who did what holds, and out of it for an auditor.

use crate::arguments::{AuditCommand, AuditFormat};
use crate::claims::{session, unlock};
use crate::{NEGATIVE, Shell, show};
use iambilly_app::audit::{AuditBreak, AuditRoom, BreakKind, Format, Selection};
use iambilly_app::audit_export;
use iambilly_claim::Fault;

pub(crate) async fn audit(shell: &Shell, command: AuditCommand) -> Result<u8, Fault> {
    let room =
        async || Ok::<_, Fault>(AuditRoom::open(&shell.config, shell.surroundings, unlock(shell)?).await?);
    match command {
        AuditCommand::Verify { anchor } => {
            let verdict = room().await?.verify(anchor).await?;
            if shell.json {
                show::json(&verdict);
            } else {
                show::line(&match &verdict.broken {
                    None => format!("The audit holds: {} events.", verdict.sound),
                    Some(found) => format!(
                        "The audit is broken: {}. {} events before hold.",
                        words(found),
                        verdict.sound
                    ),
                });
                if verdict.unsealed > 0 {
                    show::line(&format!(
                        "{} events are from before events were sealed; the first seal covers them.",
                        verdict.unsealed
                    ));
                }
                for seq in &verdict.accepted {
                    show::line(&format!(
                        "With event {seq} a person accepted records that contradicted their anchor."
                    ));
                }
            }
            Ok(if verdict.is_sound() { 0 } else { NEGATIVE })
        }
        AuditCommand::Export { format, output, of, patient, disclosures } => {
            let selection = match (of, patient) {
                (Some(id), _) => Selection::Id(id),
                (None, Some(id)) if disclosures => Selection::Disclosures(id),
                (None, Some(id)) => Selection::Patient(id),
                (None, None) => Selection::All,
            };
            let format = match format {
                AuditFormat::Csv => Format::Csv,
                AuditFormat::Json => Format::Json,
            };
            let signature = room().await?.export(selection, format, output).await?;
            told(shell, &signature, "written");
            Ok(0)
        }
        AuditCommand::Check { file } => {
            told(shell, &audit_export::check(&file)?, "unchanged since they were written");
            Ok(0)
        }
        AuditCommand::Anchor { folder, .. } => {
            let session = session(shell).await?;
            let head = session.anchor_to(folder).await;
            session.shut_down().await;
            let head = head?;
            if shell.json {
                show::json(&head);
            } else {
                show::line(&head.map_or_else(
                    || "Anchors are no longer written there.".to_owned(),
                    |head| format!("Anchored at event {}.", head.seq),
                ));
            }
            Ok(0)
        }
        AuditCommand::Accept => {
            let head = room().await?.accept().await?;
            if shell.json {
                show::json(&head);
            } else {
                show::line(&format!("Accepted, as event {} says from now on.", head.seq));
            }
            Ok(0)
        }
    }
}

fn told(shell: &Shell, signature: &audit_export::Signature, what: &str) {
    if shell.json {
        show::json(signature);
    } else {
        show::line(&format!("{} events {what}; public key {}.", signature.events, signature.public_key));
    }
}

fn words(found: &AuditBreak) -> String {
    let place = if found.until > found.seq {
        format!("events {} to {}", found.seq, found.until)
    } else {
        format!("event {}", found.seq)
    };
    match found.kind {
        BreakKind::Edited => format!("{place} was changed after it was written"),
        BreakKind::Deleted => format!("{place} is missing"),
        BreakKind::Inserted => format!("{place} was not written by this program"),
        BreakKind::Reordered => format!("another event stands in the place of {place}"),
        BreakKind::Truncated => format!("the newest were cut off, from {place}"),
        BreakKind::RolledBack => format!("the database is an older copy without {place}"),
        BreakKind::AnchorMissing => "the anchor beside the database is gone".to_owned(),
        BreakKind::AnchorForged => "the anchor beside the database is not this data folder's own".to_owned(),
    }
}
