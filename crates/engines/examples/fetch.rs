//! Fetches models without the rest of the program: `fetch DIR [auto|packages|upstream] ID…`.

use iambilly_engines::fetch::{FetchOptions, Source, fetch};
use iambilly_engines::{Cancel, Library, ModelError};
use std::io::Write;
use std::path::Path;

#[tokio::main]
async fn main() -> Result<(), ModelError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, source, ids @ ..] = arguments.as_slice() else {
        return Err(ModelError::Unknown("usage: fetch DIR [auto|packages|upstream] ID…".to_owned()));
    };
    let source = match source.as_str() {
        "packages" => Source::Packages,
        "upstream" => Source::Upstream,
        _ => Source::Auto,
    };
    let library = Library::open(Path::new(dir))?;
    let options = FetchOptions { source, ..FetchOptions::default() };
    for id in ids {
        let say = |t: &iambilly_engines::Transferred| {
            let mut out = std::io::stderr();
            let _ = write!(
                out,
                "\r{id}: {} of {} MB, {}          ",
                t.bytes / 1_000_000,
                t.total / 1_000_000,
                t.step
            );
        };
        let file = fetch(&library, id, &options, &say, &Cancel::new()).await?;
        let _ = writeln!(std::io::stderr(), "\r{id}: {}                              ", file.display());
    }
    Ok(())
}
