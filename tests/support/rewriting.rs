//! An HTTP proxy that makes another cloud of one: what is asked through it is answered otherwise.

use std::io::{BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;

use serde_json::Value as Json;

type Rewrite = dyn Fn(&str, &mut Json) + Send + Sync;

/// A proxy on a port of its own; each request is a connection of its own.
pub(crate) struct RewritingProxy {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
}

impl RewritingProxy {
    /// Every answer that is JSON passes through `rewrite`, with the path that was asked.
    pub(crate) fn start(rewrite: impl Fn(&str, &mut Json) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let rewrite: Arc<Rewrite> = Arc::new(rewrite);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let rewrite = Arc::clone(&rewrite);
                std::thread::spawn(move || pass_on(&stream, &*rewrite));
            }
        });
        Self { url }
    }
}

/// A message's head without what says how its body comes, and its body.
fn message(mut from: impl std::io::BufRead) -> Option<(String, Vec<u8>)> {
    let (mut head, mut length) = (String::new(), None);
    loop {
        let mut line = String::new();
        from.read_line(&mut line).ok()?;
        if line == "\r\n" || line.is_empty() {
            break;
        }
        let lower = line.to_ascii_lowercase();
        match lower.split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().ok(),
            Some(("connection" | "proxy-connection", _)) => {}
            _ => head.push_str(&line),
        }
    }
    let mut body = Vec::new();
    match length {
        Some(length) => {
            body.resize(length, 0);
            from.read_exact(&mut body).ok()?;
        }
        None if head.starts_with("HTTP/") => drop(from.read_to_end(&mut body).ok()?),
        None => {}
    }
    Some((head, body))
}

fn sent(to: &mut TcpStream, head: &str, body: &[u8]) -> Option<()> {
    let head = format!("{head}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    to.write_all(head.as_bytes()).ok()?;
    to.write_all(body).ok()
}

fn pass_on(stream: &TcpStream, rewrite: &Rewrite) -> Option<()> {
    let (head, body) = message(BufReader::new(stream.try_clone().ok()?))?;
    // `GET http://127.0.0.1:8004/v1/… HTTP/1.1`
    let target = head.split_whitespace().nth(1)?.to_owned();
    let (host, path) = target.strip_prefix("http://")?.split_once('/')?;
    let mut server = TcpStream::connect(host).ok()?;
    sent(&mut server, &head.replacen(&target, &format!("/{path}"), 1), &body)?;
    let (head, mut body) = message(BufReader::new(server))?;
    if let Ok(mut json) = serde_json::from_slice::<Json>(&body) {
        rewrite(&format!("/{path}"), &mut json);
        body = json.to_string().into_bytes();
    }
    let mut back = stream.try_clone().ok()?;
    sent(&mut back, &head, &body)?;
    stream.shutdown(Shutdown::Both).ok()
}
