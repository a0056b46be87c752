//! An approved claim on the CMS-1500.

use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Fault, FaultKind};
pub use iambilly_edi::cms1500::{Form, Print, Shift};
use iambilly_edi::cms1500::{fill, print, test_page};
use iambilly_store::{ClaimState, StoreError};
use std::io::Write;
use std::path::{Path, PathBuf};

impl Session {
    /// The form of a claim that was approved. What has no room on it is named in `unfit`.
    ///
    /// # Errors
    /// `claim_not_approved`; those of the store.
    pub async fn cms1500(&self, id: ClaimId) -> Result<Form, AppError> {
        self.allow(Action::ExportClaim).await?;
        let by = self.by();
        let now = (self.surroundings.now)();
        let (state, claim) = self
            .store(move |s| {
                s.write(|r| {
                    let row = r.claim(id)?.ok_or(StoreError::NotFound { what: "claim" })?;
                    let revision =
                        r.revision(id, None)?.ok_or(StoreError::NotFound { what: "claim revision" })?;
                    // The entry comes first: what leaves is never without one.
                    if matches!(row.state, ClaimState::Approved | ClaimState::Exported) {
                        r.append_audit(&by, "claim.form_exported", &id.to_string(), now)?;
                    }
                    Ok((row.state, revision.claim))
                })
            })
            .await?;
        if !matches!(state, ClaimState::Approved | ClaimState::Exported) {
            return Err(AppError::Fault(Fault::new(
                FaultKind::Input,
                "claim_not_approved",
                "A claim that is not approved cannot leave, on paper neither.",
                "Have it approved first.",
            )));
        }
        // Item 26 has room for seventeen characters; the end of an id tells claims apart.
        let account: String =
            id.to_string().chars().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect();
        Ok(fill(&claim, &account))
    }
}

/// Writes a form as PDF, or as JSON where the file's name ends so. A file that exists is never overwritten.
///
/// # Errors
/// `file_exists` and what the disk says.
pub async fn write_form(form: &Form, how: Print, file: &Path) -> Result<(), AppError> {
    let json = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let bytes = if json {
        serde_json::to_vec_pretty(form)
            .map_err(|_| AppError::internal("the form could not be written as JSON"))?
    } else {
        print(form, how)
    };
    write(file.to_owned(), bytes).await
}

/// Writes the test page for pre-printed forms.
///
/// # Errors
/// Those of [`write_form`].
pub async fn write_test_page(shift: Shift, file: &Path) -> Result<(), AppError> {
    write(file.to_owned(), test_page(shift)).await
}

async fn write(file: PathBuf, bytes: Vec<u8>) -> Result<(), AppError> {
    blocking(move || {
        let mut open = std::fs::OpenOptions::new();
        open.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
        let written = open.open(&file).and_then(|mut out| out.write_all(&bytes));
        written.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => AppError::Fault(Fault::new(
                FaultKind::Usage,
                "file_exists",
                "A file of that name exists already.",
                "Choose another name; nothing was written.",
            )),
            _ => AppError::file("write the form", &error),
        })
    })
    .await
}
