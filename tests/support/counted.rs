//! An HTTP proxy that counts what is asked through it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A proxy on a port of its own; each request is a connection of its own.
pub(crate) struct CountingProxy {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl CountingProxy {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let asked = Arc::clone(&shared);
                std::thread::spawn(move || pass_on(&stream, &asked));
            }
        });
        Self { url, asked }
    }

    /// What was asked since this was last called: method and path, in no particular order.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// Passes one request on, and its answer back.
fn pass_on(stream: &TcpStream, asked: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    // `GET http://127.0.0.1:8004/v1/… HTTP/1.1`
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let (host, path) = target.strip_prefix("http://")?.split_once('/')?;
    asked.lock().unwrap().push(format!("{method} /{path}"));
    let mut head = format!("{method} /{path} HTTP/1.1\r\nConnection: close\r\n");
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let lower = header.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if !lower.starts_with("connection:") && !lower.starts_with("proxy-connection:") {
            head.push_str(&header);
        }
        if header == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut server = TcpStream::connect(host).ok()?;
    server.write_all(head.as_bytes()).ok()?;
    server.write_all(&body).ok()?;
    let mut back = stream;
    std::io::copy(&mut server, &mut back).ok()?;
    stream.shutdown(std::net::Shutdown::Both).ok()
}
