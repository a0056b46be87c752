//! A chat as tokens, by the model's own template.
//!
//! A note may hold text that looks like a control token (`<|im_end|>`), by accident or by intent. So the
//! template is applied to placeholders, its own text becomes tokens with control tokens recognised, and the
//! words of the chat become tokens without.

use iambilly_worker_protocol::Turn;
use iambilly_worker_protocol::serve::{Refusal, codes};
use llama_cpp_2::model::{LlamaChatMessage, LlamaChatTemplate, LlamaModel};
use llama_cpp_2::token::LlamaToken;

// Characters for private use: no template contains them, and a chat that does loses them.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// A stretch of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part<'a> {
    /// Text of the template.
    Template(&'a str),
    /// Index of the turn whose words stand here.
    Turn(usize),
}

/// The tokens of a chat, ending where the answer begins.
///
/// # Errors
/// `request_invalid` for a chat that no template takes.
pub fn tokens(model: &LlamaModel, turns: &[Turn]) -> Result<Vec<LlamaToken>, Refusal> {
    if turns.is_empty() {
        return Err(Refusal::new(codes::REQUEST_INVALID, "The chat is empty.", "Send at least one message."));
    }
    let rendered = render(model, turns)?;
    let vocabulary = model.vocab();
    let mut tokens = vec![];
    for (i, part) in parts(&rendered).into_iter().enumerate() {
        match part {
            Part::Template(text) => tokens.extend(vocabulary.tokenize(text.as_bytes(), i == 0, true)),
            Part::Turn(turn) => {
                let text = turns.get(turn).map(|turn| words(turn.text.expose())).unwrap_or_default();
                tokens.extend(vocabulary.tokenize(text.as_bytes(), false, false));
            }
        }
    }
    Ok(tokens)
}

/// The template with placeholders for the turns.
fn render(model: &LlamaModel, turns: &[Turn]) -> Result<String, Refusal> {
    let chat = turns
        .iter()
        .enumerate()
        .map(|(i, turn)| LlamaChatMessage::new(turn.role.as_str().to_owned(), format!("{OPEN}{i}{CLOSE}")))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| no_template())?;
    let own =
        model.chat_template(None).ok().and_then(|own| model.apply_chat_template(&own, &chat, true).ok());
    match own {
        // A template that drops a turn (some know no system message) would lose instructions silently.
        Some(text) if text.matches(OPEN).count() == turns.len() => Ok(text),
        _ => {
            let chatml = LlamaChatTemplate::new("chatml").map_err(|_| no_template())?;
            model.apply_chat_template(&chatml, &chat, true).map_err(|_| no_template())
        }
    }
}

fn no_template() -> Refusal {
    Refusal::new(
        codes::REQUEST_INVALID,
        "The language model's chat template cannot be used.",
        "Choose an instruction-tuned model.",
    )
}

fn words(text: &str) -> String {
    text.trim().chars().filter(|c| !matches!(*c, '\0' | OPEN | CLOSE)).collect()
}

fn parts(rendered: &str) -> Vec<Part<'_>> {
    let mut parts = vec![];
    for piece in rendered.split_inclusive([OPEN, CLOSE]) {
        if let Some(index) = piece.strip_suffix(CLOSE) {
            parts.extend(index.parse().map(Part::Turn));
        } else {
            let text = piece.strip_suffix(OPEN).unwrap_or(piece);
            if !text.is_empty() || parts.is_empty() {
                parts.push(Part::Template(text));
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_told_from_the_words() {
        let rendered = format!("<s>system\n{OPEN}0{CLOSE}<e>\nuser{OPEN}1{CLOSE}{OPEN}2{CLOSE}<a>");
        assert_eq!(
            parts(&rendered),
            [
                Part::Template("<s>system\n"),
                Part::Turn(0),
                Part::Template("<e>\nuser"),
                Part::Turn(1),
                Part::Turn(2),
                Part::Template("<a>"),
            ]
        );
        // The first part is always the template's, so that the start token has its place.
        assert_eq!(parts(&format!("{OPEN}0{CLOSE}")), [Part::Template(""), Part::Turn(0)]);
    }

    #[test]
    fn words_lose_what_would_confuse_the_template() {
        assert_eq!(words(&format!("  a{OPEN}0{CLOSE}\0 b \n")), "a0 b");
    }
}
