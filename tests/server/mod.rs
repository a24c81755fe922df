//! Tests of the room `server`: what `disco serve` answers programs and people, and whom it does not answer.

mod api;
mod configuration;
mod continued;
mod faults;
mod forms;
mod page;
mod service_manager;
mod team;
mod team_tenants;
mod occi_kept;
mod occi_memory;
mod occi_laws;
mod occi_inject;
mod occi_exchanges;
mod occi_definition;
mod occi_commands;
mod occi_attributes;

pub(crate) use occi_laws::requests;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::support::{TestProject, valid_against};

/// `disco serve` as a process of its own; it is killed when it goes.
pub(super) struct Service {
    child: Child,
    /// `127.0.0.1:PORT`
    pub(super) host: String,
    /// The address that lets a browser in, without its beginning.
    pub(super) sign_in: String,
    token: String,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
}

impl Answer {
    /// One of its headers.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(super) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|fault| panic!("{fault}: {}", self.body))
    }
}

impl Service {
    /// Serves a project.
    pub(super) fn of(project: &TestProject) -> Self {
        Self::start(project, "")
    }

    /// The same with more options.
    pub(super) fn start(project: &TestProject, options: &str) -> Self {
        Self::run(project.command(&format!("serve --json --listen 127.0.0.1:0 {options}")))
    }

    /// A service that begins with this command.
    pub(super) fn run(mut command: std::process::Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Json = serde_json::from_str(&line).unwrap();
        valid_against("service", &said);
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        let host = text("url").trim_start_matches("http://").to_owned();
        let sign_in = text("sign_in").replace(&format!("http://{host}"), "");
        let token = said["token_file"].as_str().map(|file| std::fs::read_to_string(file).unwrap().trim().to_owned());
        let token = token.unwrap_or_default();
        Self { child, host, sign_in, token }
    }

    /// Sends a request as it stands, with these headers.
    pub(super) fn send(&self, request: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut line = TcpStream::connect(&self.host).unwrap();
        line.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let mut text = format!("{request} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            let _ = write!(text, "Host: {}\r\n", self.host);
        }
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        line.write_all(format!("{text}\r\n{body}").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        line.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        let body = if chunked { whole(body) } else { body.to_owned() };
        Answer { status, head: head.to_owned(), body }
    }

    /// What a program that has the token asks.
    pub(super) fn ask(&self, request: &str, body: &str) -> Answer {
        self.ask_with(request, &[], body)
    }

    /// The same with more headers.
    pub(super) fn ask_with(&self, request: &str, more: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        headers.extend(more);
        let answer = self.send(request, &headers, body);
        as_documented(request, &answer);
        answer
    }

    /// Waits for an operation to end.
    pub(super) fn ended(&self, address: &str) -> Json {
        let begun = Instant::now();
        loop {
            let one = self.ask(&format!("GET {address}"), "").json();
            if !["queued", "running"].contains(&one["state"].as_str().unwrap()) {
                return one;
            }
            assert!(begun.elapsed() < Duration::from_mins(2), "{one}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills it as nobody can defend against.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Fails where an answer is not what the document says of its route.
#[track_caller]
pub(super) fn as_documented(request: &str, answer: &Answer) {
    static DOCUMENT: LazyLock<Json> = LazyLock::new(|| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/openapi.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    });
    let (method, address) = request.split_once(' ').unwrap();
    let parts: Vec<&str> = address.split('?').next().unwrap().split('/').collect();
    let is_route = |path: &str| {
        let route: Vec<&str> = path.split('/').collect();
        route.len() == parts.len()
            && route.iter().zip(&parts).all(|(known, part)| known.starts_with('{') || known == part)
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let Some(route) =
        paths.iter().filter(|(path, _)| is_route(path)).find_map(|(_, route)| route.get(method.to_lowercase()))
    else {
        return;
    };
    let kind = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    if kind == "application/problem+json" {
        assert_eq!(answer.json()["instance"].as_str(), answer.header("x-request-id"), "{request}: {}", answer.body);
    }
    let said = route["responses"].get(answer.status.to_string());
    let said = said.unwrap_or(&route["responses"]["default"]);
    let Some(content) = said.get("content") else {
        return assert!(answer.body.is_empty(), "{request}: {}", answer.body);
    };
    if !kind.ends_with("json") {
        return;
    }
    let schema = content.get(kind).unwrap_or_else(|| panic!("{request}: nothing is said of {kind}, {}", answer.status));
    let reference = schema["schema"]["$ref"].as_str().unwrap();
    let whole = serde_json::json!({"$ref": reference, "components": DOCUMENT["components"]});
    let validator = jsonschema::validator_for(&whole).unwrap();
    let document = answer.json();
    let faults: Vec<String> =
        validator.iter_errors(&document).map(|fault| format!("at `{}`: {fault:.300}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{request}: {document:.1000}\n{}", faults.join("\n"));
}

/// A body that came in pieces.
fn whole(text: &str) -> String {
    let (mut rest, mut body) = (text, String::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        body.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
        if size == 0 {
            break;
        }
    }
    body
}
