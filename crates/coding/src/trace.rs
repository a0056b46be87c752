//! How a text was read, sentence by sentence: for whoever asks why the reader wrote a line or missed one.
//!
//! It quotes the note, so it is for a developer's terminal and nowhere else.

use crate::account::Account;
use crate::catalogue::Catalogue;
use crate::concept::Concept;
use crate::reader::Note;
use jiff::civil::Date;

/// Each sentence with its part, what was found in it, how it is asserted and where, and what it is about.
#[must_use]
pub fn trace(text: &str, dos: Date) -> Vec<String> {
    let catalogue = Catalogue::standard();
    let note = Note::read_with(text, catalogue, dos);
    let account = Account::read(&note);
    let mut out = vec![format!("{:?} {:?} cancelled {}", note.kind, note.standing, note.cancelled.is_some())];
    for (i, s) in note.sentences.iter().enumerate() {
        let way = account.ways.get(i).copied().flatten().map_or_else(String::new, |w| format!(" {w:?}"));
        let topic: Vec<String> = account.topic(i).iter().map(ToString::to_string).collect();
        out.push(format!("{:?}{way} {topic:?} | {}", s.part, note.words(i).trim()));
        for e in note.entities.iter().filter(|e| e.sentence == i) {
            let name = match e.concept {
                Concept::Listed(n) => {
                    catalogue.procedures.get(usize::from(n)).map_or_else(String::new, |p| p.id.clone())
                }
                c => format!("{c:?}"),
            };
            let mut levels: Vec<String> = e.interspaces().iter().map(ToString::to_string).collect();
            levels.extend(e.vertebrae().iter().map(ToString::to_string));
            let quote = note.doc.slice(e.start, e.end);
            out.push(format!("    {name} {:?} {levels:?} {:?} '{quote}'", e.assertion, e.side));
        }
    }
    for (space, i) in &account.left_alone {
        out.push(format!("left alone {space} (sentence {i})"));
    }
    for space in &account.unfused {
        out.push(format!("decompressed and not fused {space}"));
    }
    out
}
