//! A real FHIR R4 server, of others: `tests/fhir/server.mjs`.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// One that runs until it is dropped.
pub struct Real {
    child: Child,
    base: String,
}

impl Real {
    /// # Panics
    /// Without Node, without its packages (`IAMBILLY_TEST_FHIR`), or when it does not answer within a minute.
    pub fn start(more: &[&str]) -> Self {
        let packages =
            std::env::var("IAMBILLY_TEST_FHIR").expect("IAMBILLY_TEST_FHIR is set by ./test: run that");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir/server.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .args(more)
            .env("IAMBILLY_TEST_FHIR", packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js is installed");
        let output = child.stdout.take().unwrap();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(output).read_line(&mut line);
            let _ = tell.send(line);
        });
        let line = told.recv_timeout(Duration::from_secs(60)).unwrap_or_default();
        let said: Value = serde_json::from_str(&line).unwrap_or(Value::Null);
        let base = said["base"].as_str().map(str::to_owned);
        Self { base: base.unwrap_or_else(|| panic!("the FHIR server did not start: {line}")), child }
    }

    /// Where its interface begins.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whoever signs in from now on must have a key of this set.
    pub fn register(&self, keys: &Value) {
        let (status, _, said) = visit("POST", &self.address("/register"), &keys.to_string());
        assert_eq!(status, 200, "{said}");
    }

    /// What was written into it, in order, and every request.
    pub fn made(&self) -> (Vec<Value>, Vec<String>) {
        let (_, _, said) = visit("GET", &self.address("/made"), "");
        let said: Value = serde_json::from_str(&said).unwrap();
        (
            serde_json::from_value(said["made"].clone()).unwrap(),
            serde_json::from_value(said["requests"].clone()).unwrap(),
        )
    }

    fn address(&self, path: &str) -> String {
        self.base.replace("/fhir/R4", path)
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request over plain HTTP, as a browser of the smallest sort makes it: status, `Location`, body.
pub fn visit(method: &str, address: &str, body: &str) -> (u16, Option<String>, String) {
    let url = url::Url::parse(address).unwrap();
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect(&host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    // HTTP/1.0: the answer ends with the connection.
    write!(
        stream,
        "{method} {target} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    let named = |line: &str| {
        line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case("location")).map(|(_, v)| v.to_owned())
    };
    (status, head.lines().find_map(named), body.to_owned())
}

/// A person who signs in at an address and is sent back to the program.
pub fn browse(address: &str) {
    let (status, back, said) = visit("GET", address, "");
    assert_eq!(status, 302, "{said}");
    let (status, _, said) = visit("GET", &back.expect("an address to go back to"), "");
    assert!(status == 200 && said.contains("signed in"), "{said}");
}
