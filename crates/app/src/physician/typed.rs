//! What a person is typing, kept every moment so that a closed window or a power cut loses no sentence. It stands in the
//! encrypted records, for the person who typed it, until it is saved or thrown away.

use super::refused;
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::Phi;

/// Longest text that is kept, in bytes: a long operative note several times over.
const LONGEST: usize = 256 * 1024;

impl Session {
    /// Keeps what is being typed at a place of the window; an empty text forgets it. It is no event of the audit: what
    /// becomes of it is.
    ///
    /// # Errors
    /// `typed_too_long`; those of the store.
    pub async fn keep_typed(&self, place: &str, text: Phi<String>) -> Result<(), AppError> {
        self.allow(Action::Type).await?;
        if text.expose().len() > LONGEST || place.len() > 120 {
            return Err(refused(
                "typed_too_long",
                "This text is too long to be kept while it is typed.",
                "Save it in parts.",
            ));
        }
        let (by, place, now) = (self.by(), place.to_owned(), (self.surroundings.now)());
        self.store(move |s| s.write(|r| r.keep_typed(&by, &place, &text, now))).await
    }

    /// What this person was typing at a place when the window was closed.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn typed(&self, place: &str) -> Result<Phi<Option<String>>, AppError> {
        self.allow(Action::Type).await?;
        let (by, place) = (self.by(), place.to_owned());
        let found = self.store(move |s| s.read(|r| r.typed(&by, &place))).await?;
        Ok(Phi::new(found.map(Phi::into_exposed)))
    }
}
