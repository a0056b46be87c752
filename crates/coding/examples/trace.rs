//! Prints how one case of an evaluation folder was read: `trace DIR NUMBER`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for developers")]

use iambilly_eval::{CaseBody, read_cases};
use jiff::civil::date;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(folder), Some(n)) = (args.first(), args.get(1).and_then(|n| n.parse::<u64>().ok())) else {
        eprintln!("trace DIR NUMBER");
        return ExitCode::from(2);
    };
    let cases = match read_cases(Path::new(folder)) {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("{}", error.fault());
            return ExitCode::from(3);
        }
    };
    for case in cases.iter().filter(|c| c.n == n) {
        let CaseBody::Note { text, .. } = &case.body else { continue };
        for line in iambilly_coding::trace(text.expose(), case.dos.unwrap_or(date(2026, 2, 2))) {
            println!("{line}");
        }
    }
    ExitCode::SUCCESS
}
