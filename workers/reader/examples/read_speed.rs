//! How many pages a second become passages before anything is embedded: a policy of 200 pages with prose in two columns,
//! lists and tables: `cargo run --release -p iambilly-reader --example read_speed`.

#![allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::suboptimal_flops,
    reason = "a measurement prints"
)]

#[allow(unreachable_pub, reason = "shared with tests, which use more of it")]
#[path = "../../../tests/tests/support/pdf.rs"]
mod pdf;

use iambilly_policy::passage::passages;
use pdf::{Mark, document, heading, words};
use std::time::Instant;

const PAGES: usize = 200;

/// A page as payers print them: running lines, a heading, and one of three bodies.
fn page(at: usize) -> Vec<Mark> {
    let mut out = vec![
        words(50.0, 40.0, "Example Health Plan, spine policy EX-SP-9"),
        words(50.0, 770.0, &format!("Page {} of {PAGES}", at + 1)),
        heading(50.0, 80.0, &format!("{}. Care of kind {}", at + 1, at + 1)),
    ];
    let line = |y: usize, x: f32, text: String| words(x, 110.0 + 14.0 * y as f32, &text);
    for y in 0..44 {
        match at % 3 {
            0 => {
                out.push(line(y, 50.0, format!("The left column goes on with line {y} of its text")));
                out.push(line(y, 320.0, format!("and the right one with line {y} of what follows.")));
            }
            1 => out.push(line(
                y,
                50.0,
                format!(
                    "{}. Therapy of kind {y} for at least {} weeks before the request of the surgeon.",
                    y + 1,
                    y % 12 + 1
                ),
            )),
            _ => {
                out.push(line(y, 50.0, (22000 + 44 * at + y).to_string()));
                out.push(line(y, 150.0, format!("Operation of kind {y}")));
                out.push(line(y, 380.0, "Needs authorization".to_owned()));
            }
        }
    }
    out
}

fn main() {
    let bytes = document(&(0..PAGES).map(page).collect::<Vec<_>>(), "", "");
    for round in 1..=3 {
        let since = Instant::now();
        let read = iambilly_reader::read(&bytes, "policy.pdf");
        let taken = since.elapsed().as_secs_f64();
        let Ok(read) = read else {
            println!("the file was refused");
            return;
        };
        let cut = passages(&read, None).len();
        let all = since.elapsed().as_secs_f64();
        println!(
            "round {round}: {} pages read in {taken:.2} s, cut into {cut} passages in {:.2} s more: {:.0} pages a second",
            read.pages,
            all - taken,
            f64::from(read.pages) / all
        );
    }
}
