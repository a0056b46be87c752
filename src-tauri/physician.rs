//! The page's commands of the physician's side: notes, queries, the day, templates, and what is being typed.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::physician::{
    DayView, Filing, HistoryPage, NewCase, NoteTemplate, NoteView, QueryView, Sample, TemplateView,
};
use iambilly_app::view::{DictationView, DraftView};
use iambilly_claim::Phi;
use iambilly_door_macro::door;
use jiff::civil::Date;
use tauri::State;

fn day_of(text: &str) -> Answer<Date> {
    parsed(text, "day (YYYY-MM-DD)")
}

#[door]
pub(crate) async fn note(
    desk: State<'_, Desk>,
    dictation_id: String,
    template: Option<String>,
) -> Answer<NoteView> {
    Ok(desk.session()?.note_of(parsed(&dictation_id, "dictation id")?, template).await?)
}

#[door]
pub(crate) async fn note_write(
    desk: State<'_, Desk>,
    dictation_id: String,
    revision: u32,
    place: Option<usize>,
    title: String,
    words: String,
) -> Answer<NoteView> {
    let id = parsed(&dictation_id, "dictation id")?;
    Ok(desk.session()?.write_section(id, revision, place, title, Phi::new(words)).await?)
}

#[door]
pub(crate) async fn note_sign(
    desk: State<'_, Desk>,
    dictation_id: String,
    revision: u32,
    template: Option<String>,
    despite: bool,
) -> Answer<NoteView> {
    let id = parsed(&dictation_id, "dictation id")?;
    Ok(desk.session()?.sign_note(id, revision, template, despite).await?)
}

#[door]
pub(crate) async fn note_addend(
    desk: State<'_, Desk>,
    dictation_id: String,
    words: String,
) -> Answer<NoteView> {
    Ok(desk.session()?.addend_note(parsed(&dictation_id, "dictation id")?, Phi::new(words)).await?)
}

#[door]
pub(crate) async fn queries(desk: State<'_, Desk>) -> Answer<Vec<QueryView>> {
    Ok(desk.session()?.open_queries().await?)
}

/// Without words the note stands as it is.
#[door]
pub(crate) async fn query_answer(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    question: String,
    words: Option<String>,
) -> Answer<DraftView> {
    let id = parsed(&claim_id, "claim id")?;
    Ok(desk.session()?.answer_query(id, revision, question, words.map(Phi::new)).await?)
}

#[door]
pub(crate) async fn dictation_file(
    desk: State<'_, Desk>,
    dictation_id: String,
    filing: Filing,
) -> Answer<DictationView> {
    Ok(desk.session()?.file_patient(parsed(&dictation_id, "dictation id")?, filing).await?)
}

#[door]
pub(crate) async fn day(desk: State<'_, Desk>, day: String) -> Answer<DayView> {
    Ok(desk.session()?.day(day_of(&day)?).await?)
}

#[door]
pub(crate) async fn case_plan(desk: State<'_, Desk>, case: NewCase) -> Answer<DayView> {
    Ok(desk.session()?.plan_case(case).await?)
}

#[door]
pub(crate) async fn case_drop(desk: State<'_, Desk>, id: String) -> Answer<()> {
    Ok(desk.session()?.drop_case(parsed(&id, "case id")?).await?)
}

#[door]
pub(crate) async fn dictation_history(
    desk: State<'_, Desk>,
    words: String,
    unfiled: bool,
    after: Option<String>,
) -> Answer<HistoryPage> {
    let after = after.as_deref().map(|id| parsed(id, "dictation id")).transpose()?;
    Ok(desk.session()?.history(Phi::new(words), unfiled, after).await?)
}

#[door]
pub(crate) async fn templates(desk: State<'_, Desk>) -> Answer<Vec<TemplateView>> {
    Ok(desk.session()?.templates().await?)
}

#[door]
pub(crate) async fn template_save(
    desk: State<'_, Desk>,
    template: NoteTemplate,
) -> Answer<Vec<TemplateView>> {
    Ok(desk.session()?.save_template(template).await?)
}

#[door]
pub(crate) async fn template_remove(desk: State<'_, Desk>, name: String) -> Answer<Vec<TemplateView>> {
    Ok(desk.session()?.remove_template(&name).await?)
}

#[door]
pub(crate) async fn typed(desk: State<'_, Desk>, place: String) -> Answer<Option<String>> {
    Ok(desk.session()?.typed(&place).await?.into_exposed())
}

#[door]
pub(crate) async fn typed_keep(desk: State<'_, Desk>, place: String, text: String) -> Answer<()> {
    Ok(desk.session()?.keep_typed(&place, Phi::new(text)).await?)
}

#[door]
pub(crate) async fn sample_begin(desk: State<'_, Desk>, spoken: bool, dos: String) -> Answer<Sample> {
    Ok(desk.session()?.begin_sample(spoken, day_of(&dos)?).await?)
}
