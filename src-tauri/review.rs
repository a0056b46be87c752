//! The page's commands of the review: edits, the steps of a claim's life, what is learned, and finding codes.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::codes::{self, CodeHit};
use iambilly_app::review::{self, PhraseRuleState, PhraseRuleView, Step};
use iambilly_app::rewording::{self, Reworded};
use iambilly_app::rules::Setting;
use iambilly_app::value::ClaimValue;
use iambilly_app::view::DraftView;
use iambilly_claim::Phi;
use iambilly_claim::ids::ClaimId;
use iambilly_door_macro::door;
use jiff::civil::Date;
use serde::Deserialize;
use tauri::State;

/// Codes offered while one is typed.
const OFFERED: usize = 8;

/// A step of a claim's life as the page names it; its reason stands beside it.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepName {
    Submit,
    Approve,
    Reject,
    Reopen,
}

fn claim(id: &str) -> Answer<ClaimId> {
    parsed(id, "claim id")
}

#[door(edits: Vec<iambilly_app::review::Edit>)]
pub(crate) async fn claim_correct(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    edits: serde_json::Value,
) -> Answer<DraftView> {
    let edits = review::edits(&edits.to_string())?;
    Ok(desk.session()?.correct(claim(&claim_id)?, revision, edits).await?)
}

#[door(changes: Vec<iambilly_app::rewording::TextChange>)]
pub(crate) async fn claim_reword(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    changes: serde_json::Value,
) -> Answer<Reworded> {
    let changes = rewording::changes(&changes.to_string())?;
    Ok(desk.session()?.reword(claim(&claim_id)?, revision, changes).await?)
}

#[door]
pub(crate) async fn claim_reread(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
) -> Answer<DraftView> {
    Ok(desk.session()?.reread(claim(&claim_id)?, revision).await?)
}

#[door]
pub(crate) async fn claim_restore(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    to: u32,
) -> Answer<DraftView> {
    Ok(desk.session()?.restore(claim(&claim_id)?, revision, to).await?)
}

#[door]
pub(crate) async fn claim_decide(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    step: StepName,
    reason: Option<String>,
) -> Answer<DraftView> {
    let reason = Phi::new(reason.unwrap_or_default());
    let step = match step {
        StepName::Submit => Step::Submit,
        StepName::Approve => Step::Approve,
        StepName::Reject => Step::Reject { reason },
        StepName::Reopen => Step::Reopen { reason },
    };
    Ok(desk.session()?.decide(claim(&claim_id)?, Some(revision), step).await?)
}

#[door]
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

#[door]
pub(crate) async fn phrase_rules(desk: State<'_, Desk>) -> Answer<Vec<PhraseRuleView>> {
    Ok(desk.session()?.phrase_rules().await?)
}

#[door]
pub(crate) async fn phrase_rule_decide(
    desk: State<'_, Desk>,
    id: String,
    to: PhraseRuleState,
) -> Answer<PhraseRuleView> {
    Ok(desk.session()?.decide_phrase_rule(parsed(&id, "rule id")?, to).await?)
}

#[door]
pub(crate) async fn diagnosis_search(
    desk: State<'_, Desk>,
    query: String,
    dos: String,
) -> Answer<Vec<CodeHit>> {
    let dos = parsed::<Date>(&dos, "date of service (YYYY-MM-DD)")?;
    codes::diagnoses(&desk.config.rules, &query, dos, OFFERED)
}

#[door]
pub(crate) async fn procedure_search(query: String) -> Answer<Vec<CodeHit>> {
    Ok(codes::procedures(&query, OFFERED))
}
