//! A file to a document: taken apart in the reader's process, scanned pages read by Tesseract where it is installed.

use crate::error::AppError;
use crate::paths::Paths;
use iambilly_claim::{Fault, FaultKind};
use iambilly_engines::{PolicyReader, reader};
use iambilly_policy::reading::{Answer, MAX_BYTES, Refusal};
use iambilly_policy::{Document, layout};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::Arc;

/// A file that was read.
#[derive(Debug, Clone)]
pub(crate) struct ReadFile {
    pub(crate) document: Document,
    /// Pages whose letters were recognised from a picture.
    pub(crate) recognised: Vec<u32>,
    /// SHA-256 of the file in hex.
    pub(crate) sha256: String,
    /// Name of the file without its folder.
    pub(crate) name: String,
}

/// Most scanned pages of one file that are recognised: an hour of work.
const MOST_SCANNED: usize = 400;

/// Reads a policy from a file.
///
/// # Errors
/// `file_unreadable`, a [`Refusal`], `worker_missing`.
pub(crate) async fn file(
    paths: &Paths,
    path: &Path,
    progress: &(dyn Fn(&str, f64) + Send + Sync),
) -> Result<ReadFile, AppError> {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("policy").to_owned();
    let bytes = bytes(path).await?;
    progress("Reading the file", 0.0);
    let reader = PolicyReader::of(&paths.workers);
    let mut document = match reader.read(Arc::clone(&bytes), &name).await.map_err(|e| e.fault())? {
        Answer::Document(document) => document,
        Answer::Refused(refusal) => return Err(refusal.fault().into()),
    };
    let mut recognised = vec![];
    let scanned = document.pages_without_text.clone();
    if !scanned.is_empty() && reader::can_read_letters().await {
        for (done, page) in scanned.iter().take(MOST_SCANNED).enumerate() {
            #[allow(clippy::cast_precision_loss, reason = "a share for people")]
            progress("Recognising scanned pages", done as f64 / scanned.len() as f64);
            let picture = reader.picture(Arc::clone(&bytes), *page).await.map_err(|e| e.fault())?;
            let Some(picture) = picture else { continue };
            if let Some(text) = reader::letters(picture).await.map_err(|e| e.fault())? {
                layout::insert_page(&mut document, *page, &text);
                if !document.pages_without_text.contains(page) {
                    recognised.push(*page);
                }
            }
        }
    }
    if document.blocks.is_empty() {
        return Err(scanned_only(document.pages_without_text.len()).into());
    }
    let sha256 = format!("{:x}", Sha256::digest(&bytes));
    Ok(ReadFile { document, recognised, sha256, name })
}

async fn bytes(path: &Path) -> Result<Arc<[u8]>, AppError> {
    let unreadable = |e: std::io::Error| {
        Fault::new(
            FaultKind::Input,
            "file_unreadable",
            format!("The policy's file cannot be read ({}).", e.kind()),
            "Check the path and that you may read it.",
        )
    };
    let size = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if size.len() > u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) {
        return Err(Refusal::TooLarge.fault().into());
    }
    Ok(tokio::fs::read(path).await.map_err(unreadable)?.into())
}

fn scanned_only(pages: usize) -> Fault {
    Fault::new(
        FaultKind::Input,
        "policy_scanned",
        format!("The file holds only pictures of text ({pages} pages)."),
        "Install Tesseract, which reads them, and add the file again; or ask the payer for a copy with text.",
    )
}
