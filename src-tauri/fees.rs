//! The page's commands of what the clinic charges.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::fees::{self, Charges, Fees, NewFeeSchedule};
use iambilly_door_macro::door;
use serde::Deserialize;
use std::path::PathBuf;
use tauri::State;
use tauri_plugin_dialog::DialogExt;

/// A new schedule as the page sends it.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "NewFeeSchedule"))]
pub(crate) struct Schedule {
    name: String,
    payer: Option<String>,
    from: String,
    to: Option<String>,
}

impl Schedule {
    fn with(self, charges: Charges) -> Answer<NewFeeSchedule> {
        let date = |text: &str| parsed(text, "date (YYYY-MM-DD)");
        Ok(NewFeeSchedule {
            from: date(&self.from)?,
            to: self.to.as_deref().filter(|t| !t.is_empty()).map(date).transpose()?,
            name: self.name,
            payer: self.payer,
            charges,
        })
    }
}

#[door]
pub(crate) async fn fees(desk: State<'_, Desk>) -> Answer<Fees> {
    Ok(desk.session()?.fees().await?)
}

#[door]
pub(crate) async fn pick_fees(desk: State<'_, Desk>) -> Answer<Option<String>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let dialog = desk.handle.dialog().file();
    dialog.add_filter("Fee schedule", &["csv", "CSV", "txt", "tsv"]).pick_file(move |file| {
        let _ = tell.send(file);
    });
    let picked = told.await.ok().flatten();
    Ok(picked.and_then(|f| f.into_path().ok()).map(|p| p.to_string_lossy().into_owned()))
}

#[door]
pub(crate) async fn fees_import(desk: State<'_, Desk>, path: PathBuf, schedule: Schedule) -> Answer<Fees> {
    let session = desk.session()?;
    session.add_fee_schedule(schedule.with(fees::read_file(&path)?)?).await?;
    Ok(session.fees().await?)
}

#[door]
pub(crate) async fn fees_percent(
    desk: State<'_, Desk>,
    percent: u32,
    schedule: Option<Schedule>,
) -> Answer<Fees> {
    let session = desk.session()?;
    match schedule {
        Some(schedule) => drop(session.add_fee_schedule(schedule.with(Charges::Percent(percent))?).await?),
        None => session.set_default_percent(percent).await?,
    }
    Ok(session.fees().await?)
}

#[door]
pub(crate) async fn fees_retire(desk: State<'_, Desk>, id: String) -> Answer<Fees> {
    let session = desk.session()?;
    session.retire_fee_schedule(&id).await?;
    Ok(session.fees().await?)
}
