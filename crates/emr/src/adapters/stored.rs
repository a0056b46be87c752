//! What the answer to a write means. None of the vendors has an idempotency key, so the rule is strict: only what
//! certainly was not taken may be sent again.

use crate::error::{EmrError, Trouble};
use crate::outcome;
use crate::transport::Answer;
use crate::write::Written;
use iambilly_claim::Phi;

/// Reads an answer; `id` finds what a success stored, or says that it was none.
pub(super) fn written(
    result: Result<Result<Answer, EmrError>, EmrError>,
    id: impl FnOnce(&Answer) -> Result<String, Written>,
) -> Written {
    let answer = match result {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return without_answer(error),
        // No token: the write itself was never begun.
        Err(error) => {
            let wait = error.retry_after;
            return match error.trouble {
                Trouble::Address | Trouble::NotSetUp => Written::Refused(error),
                _ => Written::NotSent(error, wait),
            };
        }
    };
    if answer.is_success() {
        return match id(&answer) {
            Ok(id) => Written::Stored(Phi::new(id)),
            Err(written) => written,
        };
    }
    let error = outcome::of(&answer);
    match answer.status {
        401 => Written::NotSent(error, None),
        429 => Written::NotSent(error, answer.retry_after),
        // With a time to come back the server says that it is closed; without one it may have failed in the middle.
        503 if answer.retry_after.is_some() => Written::NotSent(error, answer.retry_after),
        408 | 500.. => Written::Unknown(error),
        _ => Written::Refused(error),
    }
}

fn without_answer(error: EmrError) -> Written {
    match error.trouble {
        Trouble::Unreachable | Trouble::Certificate => Written::NotSent(error, None),
        // 303 is what a server says after it has done something.
        Trouble::Redirected if error.status == Some(303) => Written::Unknown(error),
        Trouble::Redirected | Trouble::Address | Trouble::NotSetUp | Trouble::Internal => {
            Written::Refused(error)
        }
        _ => Written::Unknown(error),
    }
}

/// A success without anything that names what was stored.
pub(super) fn nameless(answer: &Answer) -> Written {
    let trouble = match &answer.body {
        Ok(_) => Trouble::Unexpected,
        Err(error) => error.trouble,
    };
    Written::Unknown(EmrError::from(trouble).status(answer.status))
}

#[cfg(test)]
mod tests {
    use super::written;
    use crate::error::{EmrError, Trouble};
    use crate::transport::Answer;
    use crate::write::Written;
    use iambilly_claim::Phi;
    use std::time::Duration;

    #[test]
    fn only_what_was_certainly_not_taken_goes_again() {
        let answer = |status, after: Option<u64>| {
            let answer = Answer {
                status,
                location: None,
                retry_after: after.map(Duration::from_secs),
                date: None,
                body: Ok(Phi::new(vec![])),
            };
            match written(Ok(Ok(answer)), |_| Ok("1".to_owned())) {
                Written::Stored(_) => "stored",
                Written::Refused(_) => "refused",
                Written::NotSent(..) => "again",
                Written::Unknown(_) => "unknown",
            }
        };
        let cases = [
            (201, None, "stored"),
            (400, None, "refused"),
            (401, None, "again"),
            (403, None, "refused"),
            (408, None, "unknown"),
            (409, None, "refused"),
            (422, None, "refused"),
            (429, None, "again"),
            (429, Some(3), "again"),
            (500, Some(3), "unknown"),
            (502, None, "unknown"),
            (503, None, "unknown"),
            (503, Some(3), "again"),
            (504, None, "unknown"),
        ];
        for (status, after, expected) in cases {
            assert_eq!(answer(status, after), expected, "{status} {after:?}");
        }
        let lost = |trouble: Trouble| written(Ok(Err(trouble.into())), |_| Ok(String::new()));
        assert!(matches!(lost(Trouble::TimedOut), Written::Unknown(_)));
        assert!(matches!(lost(Trouble::Interrupted), Written::Unknown(_)));
        assert!(matches!(lost(Trouble::Unreachable), Written::NotSent(..)));
        let moved = |status| {
            written(Ok(Err(EmrError::from(Trouble::Redirected).status(status))), |_| Ok(String::new()))
        };
        assert!(matches!(moved(302), Written::Refused(_)));
        assert!(matches!(moved(303), Written::Unknown(_)));
        assert!(matches!(
            written(Err(Trouble::SignInRefused.into()), |_| Ok(String::new())),
            Written::NotSent(..)
        ));
    }
}
