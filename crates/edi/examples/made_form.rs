//! A made claim on the form, to look at: `cargo run --release -p iambilly-edi --example made_form -- DIR`.

#[path = "../tests/made/mod.rs"]
mod made;

use iambilly_edi::cms1500::{Print, Shift, fill, print, test_page};
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: made_form DIR")?);
    std::fs::create_dir_all(&folder)?;
    let form = fill(&made::claim(2), "PCN2");
    std::fs::write(folder.join("preview.pdf"), print(&form, Print::Preview))?;
    std::fs::write(folder.join("preprinted.pdf"), print(&form, Print::Preprinted(Shift::default())))?;
    std::fs::write(folder.join("test.pdf"), test_page(Shift::default()))?;
    Ok(())
}
