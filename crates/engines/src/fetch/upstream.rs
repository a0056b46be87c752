//! A download that goes on where it stopped.
//!
//! The file on the disk is the only state: its length is where the next request begins. A server that does
//! not know ranges starts over; one whose file has another length is refused before its bytes are taken.

use super::{FetchOptions, Progress, Transferred, check_space};
use crate::engines::Cancel;
use crate::model_error::ModelError;
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode};
use std::path::Path;
use std::time::Duration;
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

/// First pause before a broken transfer is begun anew; doubles each time nothing was gained.
const PAUSE: Duration = Duration::from_millis(200);

/// Why a transfer ended before the file was whole.
enum Broken {
    /// Worth another try.
    Transfer(String),
    /// Not worth one.
    For(ModelError),
}

impl From<ModelError> for Broken {
    fn from(error: ModelError) -> Self {
        Self::For(error)
    }
}

/// Downloads `url` to `file`, which then has `expected` bytes.
pub(super) async fn download(
    url: &str,
    file: &Path,
    expected: u64,
    options: &FetchOptions,
    progress: Progress<'_>,
    cancel: &Cancel,
) -> Result<(), ModelError> {
    let client = Client::builder()
        .connect_timeout(options.stall)
        .build()
        .map_err(|e| ModelError::Interrupted { got: 0, expected, reason: plain(&e) })?;
    let mut idle = 0;
    loop {
        let before = length(file).await;
        if before == expected {
            return Ok(());
        }
        check_space(file.parent().unwrap_or(file), expected.saturating_sub(before))?;
        let run = transfer(&client, url, file, before, expected, options, progress);
        let outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(ModelError::Cancelled),
            outcome = run => outcome,
        };
        let reason = match outcome {
            Ok(()) => continue,
            Err(Broken::For(e)) => return Err(e),
            Err(Broken::Transfer(reason)) => reason,
        };
        let got = length(file).await;
        idle = if got > before { 0 } else { idle + 1 };
        if idle >= options.attempts {
            return Err(ModelError::Interrupted { got, expected, reason });
        }
        tokio::select! {
            () = cancel.cancelled() => return Err(ModelError::Cancelled),
            () = sleep(PAUSE * 2u32.saturating_pow(idle.min(6))) => {}
        }
    }
}

/// One request, from `from` to the end or to the first trouble.
async fn transfer(
    client: &Client,
    url: &str,
    file: &Path,
    from: u64,
    expected: u64,
    options: &FetchOptions,
    progress: Progress<'_>,
) -> Result<(), Broken> {
    let mut request = client.get(url);
    if from > 0 {
        request = request.header(RANGE, format!("bytes={from}-"));
    }
    let waited = timeout(options.stall, request.send()).await;
    let mut response = waited.map_err(|_| stalled())?.map_err(|e| Broken::Transfer(plain(&e)))?;
    let mut at = match response.status() {
        StatusCode::PARTIAL_CONTENT => {
            let (start, total) = range(&response).unwrap_or((from, expected));
            wrong_length(total, expected)?;
            if start != from {
                // It answers another question; ask for everything.
                truncate(file).await?;
                return Err(Broken::Transfer("the server sent another part than asked for".to_owned()));
            }
            from
        }
        StatusCode::OK => {
            if let Some(length) = response.content_length() {
                wrong_length(length, expected)?;
            }
            0
        }
        StatusCode::RANGE_NOT_SATISFIABLE => {
            truncate(file).await?;
            return Err(Broken::Transfer("the server has no such part".to_owned()));
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Err(Broken::Transfer(format!("the server answered {}", status.as_u16())));
        }
        status => return Err(ModelError::Refused(status.as_u16()).into()),
    };
    let mut out = open(file, at).await?;
    loop {
        let chunk = match timeout(options.stall, response.chunk()).await {
            Err(_) => break Err(stalled()),
            Ok(Err(e)) => break Err(Broken::Transfer(plain(&e))),
            Ok(Ok(None)) if at < expected => {
                break Err(Broken::Transfer("the server stopped early".to_owned()));
            }
            Ok(Ok(None)) => break Ok(()),
            Ok(Ok(Some(chunk))) => chunk,
        };
        at += chunk.len() as u64;
        if at > expected {
            drop(out);
            truncate(file).await?;
            return Err(ModelError::WrongLength { found: at, expected }.into());
        }
        out.write_all(&chunk).await.map_err(cannot_write)?;
        progress(&Transferred { bytes: at, total: expected, step: "downloading".to_owned() });
    }
    .and(out.flush().await.map_err(|e| cannot_write(e).into()))
}

fn stalled() -> Broken {
    Broken::Transfer("nothing came any more".to_owned())
}

fn wrong_length(found: u64, expected: u64) -> Result<(), ModelError> {
    if found == expected { Ok(()) } else { Err(ModelError::WrongLength { found, expected }) }
}

/// `Content-Range: bytes START-END/TOTAL`.
fn range(response: &Response) -> Option<(u64, u64)> {
    let value = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    let (part, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = part.split_once('-')?;
    Some((start.parse().ok()?, total.parse().ok()?))
}

async fn length(file: &Path) -> u64 {
    tokio::fs::metadata(file).await.map_or(0, |meta| meta.len())
}

/// Opens the file to go on at `at`; what is behind is cut off.
async fn open(file: &Path, at: u64) -> Result<File, ModelError> {
    let out = OpenOptions::new().create(true).append(true).open(file).await.map_err(cannot_write)?;
    out.set_len(at).await.map_err(cannot_write)?;
    Ok(out)
}

async fn truncate(file: &Path) -> Result<(), ModelError> {
    open(file, 0).await.map(drop)
}

fn cannot_write(error: std::io::Error) -> ModelError {
    ModelError::io("write the download", error)
}

/// The innermost reason, without the address, which may hold a signature.
fn plain(error: &reqwest::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    reason.to_string()
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "bytes of a made-up body")]
mod tests {
    use super::*;
    use crate::test_server::{Answer, Server};

    const SIZE: usize = 300_000;

    fn body() -> Vec<u8> {
        (0..SIZE).map(|i| (i * 7 % 251) as u8).collect()
    }

    /// What a server does, what is on the disk before, what must come of it.
    struct Case {
        name: &'static str,
        before: Vec<u8>,
        answer: fn(usize, Option<usize>) -> Answer,
        code: Option<&'static str>,
        asked: usize,
    }

    fn rest(from: Option<usize>) -> Answer {
        from.map_or_else(|| Answer::ok(&body()), |from| Answer::part(&body(), from))
    }

    #[tokio::test]
    async fn every_oddity_of_a_server() {
        let half = body()[..SIZE / 2].to_vec();
        let cases = [
            Case { name: "plain", before: vec![], answer: |_, _| Answer::ok(&body()), code: None, asked: 1 },
            Case {
                name: "goes on",
                before: half.clone(),
                answer: |_, from| rest(from),
                code: None,
                asked: 1,
            },
            Case {
                name: "whole already",
                before: body(),
                answer: |_, _| Answer::status(500),
                code: None,
                asked: 0,
            },
            Case {
                name: "no ranges",
                before: vec![9; 1000],
                answer: |_, _| Answer::ok(&body()),
                code: None,
                asked: 1,
            },
            Case {
                name: "cut short again and again",
                before: vec![],
                answer: |nth, from| if nth < 3 { rest(from).cut(50_000) } else { rest(from) },
                code: None,
                asked: 4,
            },
            Case {
                name: "never a byte",
                before: half.clone(),
                answer: |_, from| rest(from).cut(0),
                code: Some("transfer_interrupted"),
                asked: 3,
            },
            Case {
                name: "another length",
                before: vec![],
                answer: |_, _| Answer::ok(b"a login page of the network"),
                code: Some("wrong_length"),
                asked: 1,
            },
            Case {
                name: "another length, not announced",
                before: vec![],
                answer: |_, _| Answer::ok(&[body(), body()].concat()).without_length(),
                code: Some("wrong_length"),
                asked: 1,
            },
            Case {
                name: "another length of a part",
                before: half.clone(),
                answer: |_, from| Answer::part(&[body(), body()].concat(), from.unwrap_or(0)),
                code: Some("wrong_length"),
                asked: 1,
            },
            Case {
                name: "length not announced",
                before: vec![],
                answer: |_, _| Answer::ok(&body()).without_length(),
                code: None,
                asked: 1,
            },
            Case {
                name: "gone",
                before: vec![],
                answer: |_, _| Answer::status(404),
                code: Some("server_refused"),
                asked: 1,
            },
            Case {
                name: "busy at first",
                before: vec![],
                answer: |nth, from| if nth == 0 { Answer::status(503) } else { rest(from) },
                code: None,
                asked: 2,
            },
            Case {
                name: "no such part",
                before: half.clone(),
                answer: |nth, from| if nth == 0 { Answer::status(416) } else { rest(from) },
                code: None,
                asked: 2,
            },
            Case {
                name: "the wrong part",
                before: half.clone(),
                answer: |nth, from| if nth == 0 { Answer::part(&body(), 7) } else { rest(from) },
                code: None,
                asked: 2,
            },
            Case {
                name: "stands still in the middle",
                before: vec![],
                answer: |nth, from| if nth == 0 { rest(from).stall(100_000) } else { rest(from) },
                code: None,
                asked: 2,
            },
        ];
        let options =
            FetchOptions { stall: Duration::from_millis(400), attempts: 3, ..FetchOptions::default() };
        for case in cases {
            let dir = tempfile::tempdir().expect("a folder");
            let file = dir.path().join("model.part");
            std::fs::write(&file, &case.before).expect("writes");
            let server = Server::start(case.answer);
            let (url, size) = (server.url(), SIZE as u64);
            let outcome = download(&url, &file, size, &options, &|_| (), &Cancel::new()).await;
            let code = outcome.err().map(|e| e.fault().code);
            assert_eq!(code.as_deref(), case.code, "{}", case.name);
            assert_eq!(server.asked().len(), case.asked, "{}", case.name);
            if case.code.is_none() {
                assert!(std::fs::read(&file).expect("reads") == body(), "{}: other bytes", case.name);
            }
        }
    }

    #[tokio::test]
    async fn cancelling_keeps_what_has_come() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("model.part");
        let server = Server::start(|_, from| rest(from).stall(100_000));
        let cancel = Cancel::new();
        let heard = |t: &Transferred| {
            if t.bytes >= 50_000 {
                cancel.cancel()
            }
        };
        let options = FetchOptions::default();
        let outcome = download(&server.url(), &file, SIZE as u64, &options, &heard, &cancel).await;
        assert!(matches!(outcome, Err(ModelError::Cancelled)));
        let kept = std::fs::read(&file).expect("reads");
        assert!(!kept.is_empty() && body().starts_with(&kept), "{} bytes", kept.len());
    }

    #[tokio::test]
    async fn nobody_there() {
        let dir = tempfile::tempdir().expect("a folder");
        let options = FetchOptions { attempts: 2, ..FetchOptions::default() };
        let url = "http://127.0.0.1:9/model.bin?signature=secret";
        let file = dir.path().join("x");
        let error = download(url, &file, 5, &options, &|_| (), &Cancel::new()).await.expect_err("refused");
        assert_eq!(error.fault().code, "transfer_interrupted");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
