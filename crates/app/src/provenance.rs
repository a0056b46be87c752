//! What a coding was made with: versions, models and editions, kept with the draft.

use iambilly_claim::{MadeBy, Transcript};
use iambilly_coding::Reader;
use iambilly_engines::ModelPath;
use iambilly_scrub::RuleBook;
use jiff::civil::Date;

/// The stamp of a coding made now from this transcript; `model` is the language model that was asked.
///
/// `book` and `dos` say by which editions its claim is judged.
pub(crate) fn of(
    reader: Reader,
    transcript: &Transcript,
    model: Option<&ModelPath>,
    book: &RuleBook,
    dos: Date,
) -> Option<MadeBy> {
    let model = model.filter(|_| reader != Reader::Rules);
    Some(MadeBy {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        reader: reader.as_str().to_owned(),
        catalogue: iambilly_coding::catalogue_version().to_owned(),
        prompt: model.map(|_| iambilly_coding::prompt_version().to_owned()),
        speech_model: transcript.model.clone(),
        language_model: model.map(|m| m.id.clone()),
        phrase_rules: vec![],
        editions: book
            .editions_in_force(dos)
            .into_iter()
            .map(|e| format!("{} {}", e.title, e.edition))
            .collect(),
    })
}
