//! Requests with a token; one that was refused is replaced once.

use crate::auth::{TokenKeeper, TokenSet};
use crate::error::EmrError;
use crate::transport::{Answer, Call, Transport};

pub(super) struct SignedIn {
    pub transport: Transport,
    pub tokens: TokenKeeper,
}

impl SignedIn {
    pub(super) async fn token(&self) -> Result<Option<TokenSet>, EmrError> {
        self.tokens.token(&self.transport).await
    }

    /// Reads.
    pub(super) async fn read(&self, call: impl Fn() -> Call) -> Result<Answer, EmrError> {
        let token = self.token().await?;
        let with = |token: &Option<TokenSet>| {
            let mut call = call();
            call.bearer = token.as_ref().map(|t| t.access.clone());
            call
        };
        let answer = self.transport.read(|| with(&token)).await?;
        match &token {
            Some(refused) if answer.status == 401 => {
                self.tokens.forget(&refused.access).await;
                let token = self.token().await?;
                self.transport.read(|| with(&token)).await
            }
            _ => Ok(answer),
        }
    }

    /// Writes. A 401 is given before anything is looked at, so the same may be sent once more with a new token. An error
    /// on the way to a token means that the write was not sent at all.
    pub(super) async fn write(&self, call: impl Fn() -> Call) -> Result<Result<Answer, EmrError>, EmrError> {
        let mut token = self.token().await?;
        for last in [false, true] {
            let mut call = call();
            call.bearer = token.as_ref().map(|t| t.access.clone());
            let answer = self.transport.write(call).await;
            match (&answer, &token) {
                (Ok(answer), Some(refused)) if answer.status == 401 && !last => {
                    self.tokens.forget(&refused.access).await;
                    token = self.token().await?;
                }
                _ => return Ok(answer),
            }
        }
        Err(crate::error::Trouble::TokenRefused.into())
    }
}
