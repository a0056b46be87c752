//! A local HTTP server with every oddity a download may meet.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server says to one request.
pub(crate) struct Answer {
    status: u16,
    headers: String,
    body: Vec<u8>,
    length: Option<usize>,
    /// Bytes of the body after which it stops, and whether it then stands still instead of closing.
    stop: Option<(usize, bool)>,
}

impl Answer {
    pub(crate) fn ok(body: &[u8]) -> Self {
        Self {
            status: 200,
            headers: String::new(),
            body: body.to_vec(),
            length: Some(body.len()),
            stop: None,
        }
    }
    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::ok(b"") }
    }
    pub(crate) fn part(whole: &[u8], from: usize) -> Self {
        let body = &whole[from..];
        let headers = format!("Content-Range: bytes {from}-{}/{}\r\n", whole.len() - 1, whole.len());
        Self { status: 206, headers, ..Self::ok(body) }
    }
    pub(crate) fn cut(mut self, at: usize) -> Self {
        self.stop = Some((at.min(self.body.len()), false));
        self
    }
    pub(crate) fn stall(mut self, at: usize) -> Self {
        self.stop = Some((at.min(self.body.len()), true));
        self
    }
    pub(crate) fn without_length(mut self) -> Self {
        self.length = None;
        self
    }
    fn send(&self, to: &mut TcpStream) -> std::io::Result<()> {
        write!(to, "HTTP/1.1 {} X\r\nConnection: close\r\n{}", self.status, self.headers)?;
        if let Some(length) = self.length {
            write!(to, "Content-Length: {length}\r\n")?;
        }
        to.write_all(b"\r\n")?;
        match self.stop {
            None => to.write_all(&self.body),
            Some((at, still)) => {
                to.write_all(&self.body[..at])?;
                to.flush()?;
                if still {
                    std::thread::sleep(Duration::from_secs(2));
                }
                Ok(())
            }
        }
    }
}

/// The server; it ends with the test's process.
pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    /// Answers the nth request (from 0) with the first byte it asks for.
    pub(crate) fn start(answer: impl Fn(usize, Option<usize>) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(vec![]));
        let heard = Arc::clone(&asked);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (heard, answer) = (Arc::clone(&heard), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let from = first_byte(&stream);
                    let nth = {
                        let mut heard = heard.lock().expect("no panic");
                        heard.push(from);
                        heard.len() - 1
                    };
                    let _ = answer(nth, from).send(&mut stream);
                });
            }
        });
        Self { address, asked }
    }
    pub(crate) fn url(&self) -> String {
        format!("http://{}/model.bin", self.address)
    }
    /// The first byte each request asked for.
    pub(crate) fn asked(&self) -> Vec<Option<usize>> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn first_byte(stream: &TcpStream) -> Option<usize> {
    let mut from = None;
    for line in BufReader::new(stream).lines() {
        let line = line.ok()?.to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse().ok();
        }
    }
    from
}
