//! What can go wrong with an EMR, in words for people, with what to do; never a patient's data.

use iambilly_claim::{Fault, FaultKind};
use std::fmt;
use std::time::Duration;

macro_rules! troubles {
    ($($(#[$doc:meta])* $name:ident = $code:literal $kind:ident: $message:literal; $advice:literal;)+) => {
        /// A sort of trouble with an EMR.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Trouble { $($(#[$doc])* $name,)+ }

        impl Trouble {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
            /// Stable name in snake case.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }
            const fn kind(self) -> FaultKind { match self { $(Self::$name => FaultKind::$kind,)+ } }
            /// What happened.
            #[must_use]
            pub const fn message(self) -> &'static str { match self { $(Self::$name => $message,)+ } }
            /// What to do.
            #[must_use]
            pub const fn advice(self) -> &'static str { match self { $(Self::$name => $advice,)+ } }
        }
    };
}

troubles! {
    /// The settings hold no usable address.
    Address = "emr_address_invalid" Input: "The address of the EMR is not a valid https address.";
        "Ask the hospital for the base address of its FHIR or REST interface and enter it again.";
    /// Something the settings need is not there.
    NotSetUp = "emr_not_set_up" Input: "The connection lacks a setting that this needs.";
        "Complete the connection in the settings and test it.";
    /// The vendor has no such thing.
    Unsupported = "emr_unsupported" Input: "This EMR does not accept that from other programs.";
        "Send the claim by 837P or on paper instead.";
    /// No connection.
    Unreachable = "emr_unreachable" Missing: "The EMR could not be reached; nothing was sent.";
        "Check the network and the proxy; what waits is sent when the network is back.";
    /// TLS refused.
    Certificate = "emr_certificate" Missing: "The EMR did not prove who it is (certificate or TLS); nothing was sent.";
        "Ask the hospital for a valid certificate, or for its own root certificate if it has one; this cannot be skipped.";
    /// No answer in time.
    TimedOut = "emr_timed_out" Missing: "The EMR did not answer in time.";
        "Try again later; a write without an answer waits for your decision.";
    /// The answer broke off.
    Interrupted = "emr_interrupted" Missing: "The connection to the EMR broke off before its answer was whole.";
        "Try again; a write without an answer waits for your decision.";
    /// Sent elsewhere.
    Redirected = "emr_redirected" Missing: "The EMR pointed to another address; it was not followed and nothing was sent there.";
        "Ask the hospital whether its address has changed, and correct the connection.";
    /// Over the limit.
    TooLarge = "emr_answer_too_large" Missing: "The EMR's answer was larger than any real one and was not read.";
        "Narrow the search; if it stays, ask the hospital's administrator.";
    /// No JSON.
    Unreadable = "emr_answer_unreadable" Missing: "The EMR's answer is not readable.";
        "Try again; if it stays, the address may belong to another program than the EMR.";
    /// Something else than was asked for.
    Unexpected = "emr_answer_unexpected" Missing: "The EMR answered with something else than was asked for.";
        "Try again; if it stays, forward this to the hospital's administrator.";
    /// Client refused.
    SignInRefused = "emr_sign_in_refused" Missing: "The EMR does not accept this program's credentials.";
        "Ask the administrator to check client id and key (or secret), and that the key set they hold is the newest.";
    /// Epic without a background user.
    NoBackgroundUser = "emr_no_background_user" Missing: "The EMR knows the program but has mapped no user to it.";
        "Ask the administrator to map a background user to this client id.";
    /// A person must sign in.
    NeedsLaunch = "emr_needs_sign_in" Missing: "Nobody is signed in to this EMR, or the sign-in has ended.";
        "Sign in again from the connection's settings.";
    /// The token was refused twice.
    TokenRefused = "emr_token_refused" Missing: "The EMR refuses the token it gave.";
        "Test the connection; if the clock differs, set the computer's clock.";
    /// 403 without a word: the interface is not on the app (Epic).
    NotGranted = "emr_not_granted" Missing: "This interface is not switched on for the program.";
        "Forward this to the administrator: the interface must be added to the app and granted.";
    /// 403 with words.
    Forbidden = "emr_forbidden" Missing: "The EMR does not allow this to the program's user.";
        "Ask the administrator for the right; nothing was stored.";
    /// Restricted chart.
    BreakTheGlass = "emr_break_the_glass" Missing: "This chart is restricted (break the glass); the program does not open it.";
        "Open the chart in the EMR itself if you have a reason to; it is not asked again.";
    /// Nothing there.
    NotFound = "emr_not_found" Missing: "The EMR has no such record.";
        "Look the patient up again.";
    /// More than 100.
    TooMany = "emr_too_many" Input: "More patients fit than the EMR lists.";
        "Add the date of birth or the record number.";
    /// Pages gone.
    PagingExpired = "emr_paging_expired" Missing: "The EMR has dropped the list while it was read.";
        "Search again.";
    /// A day's documents.
    DocumentCeiling = "emr_document_ceiling" Missing: "The EMR's ceiling for documents of the day is reached.";
        "Try again tomorrow.";
    /// 429.
    Busy = "emr_busy" Missing: "The EMR asks the program to slow down.";
        "Nothing to do: it goes on by itself.";
    /// 503.
    Unavailable = "emr_unavailable" Missing: "The EMR is not available just now.";
        "Nothing to do: what waits is sent later.";
    /// 5xx.
    ServerFault = "emr_server_fault" Missing: "The EMR reported a fault of its own.";
        "Whether it stored anything cannot be known: look into the EMR.";
    /// Content refused.
    Refused = "emr_content_refused" Input: "The EMR refuses the content.";
        "Correct what its code names, or send the claim by 837P.";
    /// Epic 59012.
    NotProvisional = "emr_not_provisional" Input: "The EMR takes problems of other programs only as provisional.";
        "Forward the code to the program's makers; nothing was stored.";
    /// There already.
    Duplicate = "emr_duplicate" Input: "The EMR says that it has this record already.";
        "Look for it in the EMR; cancel the delivery if it is there.";
    /// Encounter of another patient.
    WrongPatient = "emr_wrong_patient" Input: "That encounter belongs to another patient; nothing was sent.";
        "Choose the encounter of this patient.";
    /// Epic files a note only under an encounter.
    NoEncounter = "emr_no_encounter" Input: "This EMR files a note only under an encounter.";
        "Choose the encounter of the operation.";
    /// Several or none for sure.
    NotCertain = "emr_not_certain" Input: "The EMR is not certain who the patient is.";
        "Compare name, date of birth and record number, and choose the patient yourself.";
    /// No internal mistake should be shown as the EMR's.
    Internal = "emr_internal" Internal: "The program could not prepare its request.";
        "Try again, and report it with this sentence if it stays.";
}

/// Trouble with an EMR.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct EmrError {
    /// What sort.
    pub trouble: Trouble,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The vendor's own code, letters and digits only.
    pub vendor_code: Option<String>,
    /// How long the EMR asks to wait.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for EmrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.trouble.message())
    }
}

impl From<Trouble> for EmrError {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, status: None, vendor_code: None, retry_after: None }
    }
}

impl EmrError {
    /// With the answer's status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// With the vendor's code, if it looks like one: a vendor's sentence may quote a patient.
    #[must_use]
    pub fn vendor_code(mut self, code: &str) -> Self {
        let plain = (1..=24).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        self.vendor_code = plain.then(|| code.to_owned());
        self
    }

    /// As a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let told = match (&self.vendor_code, self.status) {
            (Some(code), Some(status)) => format!(" (its code {code}, status {status})"),
            (Some(code), None) => format!(" (its code {code})"),
            (None, Some(status)) => format!(" (status {status})"),
            (None, None) => String::new(),
        };
        let message = self.trouble.message();
        let message = message.strip_suffix('.').unwrap_or(message);
        Fault::new(
            self.trouble.kind(),
            self.trouble.code(),
            format!("{message}{told}."),
            self.trouble.advice(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{EmrError, Trouble};
    use std::collections::HashSet;

    #[test]
    fn every_trouble_has_its_own_code_and_whole_sentences() {
        let codes: HashSet<_> = Trouble::ALL.iter().map(|t| t.code()).collect();
        assert_eq!(codes.len(), Trouble::ALL.len());
        for trouble in Trouble::ALL {
            let fault = EmrError::from(*trouble).fault();
            assert!(fault.code.starts_with("emr_") && fault.message.ends_with('.'), "{fault:?}");
            assert!(fault.advice.ends_with('.') && !fault.advice.ends_with(".."), "{fault:?}");
        }
    }

    #[test]
    fn a_vendors_sentence_is_no_code() {
        let code = |text: &str| EmrError::from(Trouble::Refused).vendor_code(text).vendor_code;
        assert_eq!(code("59108").as_deref(), Some("59108"));
        assert_eq!(code("Patient Exampleby is unknown"), None);
        assert_eq!(code(""), None);
    }
}
