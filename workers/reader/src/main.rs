//! The reader's process: `iambilly-reader read NAME` or `iambilly-reader picture PAGE`, the file on standard input.

use iambilly_reader::{Answer, limits, picture, read};
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    if !limits::take() {
        return ExitCode::from(4);
    }
    let mut arguments = std::env::args().skip(1);
    let (Some(what), Some(which)) = (arguments.next(), arguments.next()) else { return ExitCode::from(2) };
    let mut bytes = vec![];
    let limit = u64::try_from(iambilly_reader::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    if std::io::stdin().take(limit).read_to_end(&mut bytes).is_err() {
        return ExitCode::from(3);
    }
    let written = match what.as_str() {
        "read" => {
            let answer = match read(&bytes, &which) {
                Ok(document) => Answer::Document(document),
                Err(refusal) => Answer::Refused(refusal),
            };
            serde_json::to_writer(std::io::stdout().lock(), &answer).is_ok()
        }
        "picture" => match which.parse().ok().and_then(|page| picture::of_page(bytes, page)) {
            Some(picture) => std::io::stdout().write_all(&picture).is_ok(),
            None => false,
        },
        _ => return ExitCode::from(2),
    };
    if written { ExitCode::SUCCESS } else { ExitCode::from(3) }
}
