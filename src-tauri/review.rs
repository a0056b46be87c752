//! The page's commands of the review: edits, the steps of a claim's life, what is learned, and finding codes.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::codes::{self, CodeHit};
use iambilly_app::review::{self, PhraseRuleState, PhraseRuleView, Step};
use iambilly_app::rewording::{self, Reworded};
use iambilly_app::rules::Setting;
use iambilly_app::value::ClaimValue;
use iambilly_app::view::DraftView;
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Fault, FaultKind, Phi};
use jiff::civil::Date;
use tauri::State;

/// Codes offered while one is typed.
const OFFERED: usize = 8;

fn claim(id: &str) -> Answer<ClaimId> {
    parsed(id, "claim id")
}

#[tauri::command]
pub(crate) async fn claim_correct(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    edits: serde_json::Value,
) -> Answer<DraftView> {
    let edits = review::edits(&edits.to_string())?;
    Ok(desk.session()?.correct(claim(&claim_id)?, revision, edits).await?)
}

#[tauri::command]
pub(crate) async fn claim_reword(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    changes: serde_json::Value,
) -> Answer<Reworded> {
    let changes = rewording::changes(&changes.to_string())?;
    Ok(desk.session()?.reword(claim(&claim_id)?, revision, changes).await?)
}

#[tauri::command]
pub(crate) async fn claim_reread(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
) -> Answer<DraftView> {
    Ok(desk.session()?.reread(claim(&claim_id)?, revision).await?)
}

#[tauri::command]
pub(crate) async fn claim_restore(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    to: u32,
) -> Answer<DraftView> {
    Ok(desk.session()?.restore(claim(&claim_id)?, revision, to).await?)
}

#[tauri::command]
pub(crate) async fn claim_decide(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    step: String,
    reason: Option<String>,
) -> Answer<DraftView> {
    let reason = Phi::new(reason.unwrap_or_default());
    let step = match step.as_str() {
        "submit" => Step::Submit,
        "approve" => Step::Approve,
        "reject" => Step::Reject { reason },
        "reopen" => Step::Reopen { reason },
        _ => {
            return Err(Fault::new(
                FaultKind::Usage,
                "argument_invalid",
                "That is no step of a claim.",
                "Submit, approve, reject or reopen it.",
            ));
        }
    };
    Ok(desk.session()?.decide(claim(&claim_id)?, Some(revision), step).await?)
}

#[tauri::command]
pub(crate) async fn claim_value(
    desk: State<'_, Desk>,
    claim_id: String,
    setting: Option<Setting>,
) -> Answer<ClaimValue> {
    let (session, id) = (desk.session()?, claim(&claim_id)?);
    if let Some(setting) = setting {
        session.set_payment_setting(setting).await?;
    }
    Ok(session.value(id, None).await?)
}

#[tauri::command]
pub(crate) async fn phrase_rules(desk: State<'_, Desk>) -> Answer<Vec<PhraseRuleView>> {
    Ok(desk.session()?.phrase_rules().await?)
}

#[tauri::command]
pub(crate) async fn phrase_rule_decide(
    desk: State<'_, Desk>,
    id: String,
    to: PhraseRuleState,
) -> Answer<PhraseRuleView> {
    Ok(desk.session()?.decide_phrase_rule(parsed(&id, "rule id")?, to).await?)
}

#[tauri::command]
pub(crate) async fn diagnosis_search(
    desk: State<'_, Desk>,
    query: String,
    dos: String,
) -> Answer<Vec<CodeHit>> {
    let dos = parsed::<Date>(&dos, "date of service (YYYY-MM-DD)")?;
    codes::diagnoses(&desk.config.rules, &query, dos, OFFERED)
}

#[tauri::command]
pub(crate) async fn procedure_search(query: String) -> Answer<Vec<CodeHit>> {
    Ok(codes::procedures(&query, OFFERED))
}
