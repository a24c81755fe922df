//! A proxy between DISCO and a cloud that plays the embedded engine's fault script on whatever cloud there is.
//!
//! Its addresses are `http://127.0.0.1:PORT/SERVICE`, and what follows is the service's own path. A Heat that dies
//! (`crash`) is one that nobody reaches for two seconds.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use disco::heat::Service;
use disco::local::{FaultAction, FaultScript, RetryAfter};
use http::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use super::Eyes;

/// How long the port is closed: as long as the embedded engine's, and while Heat starts again.
const CLOSED: (Duration, Duration) = (Duration::from_millis(60), Duration::from_secs(2));

/// The proxy, as long as it lives.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    routes: Vec<(Service, String, String)>,
    _runtime: Runtime,
}

struct Shared {
    client: reqwest::Client,
    /// Where each service's name leads to: a host.
    hosts: Vec<(String, String)>,
    script: Mutex<FaultScript>,
    closed: Mutex<Option<Instant>>,
    /// Tokens that were void when this was said, and those that are known.
    tokens: Mutex<(BTreeSet<String>, BTreeSet<String>)>,
}

/// A request as it came.
struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// An answer as it goes.
struct Answer {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Proxy {
    /// Stands before the cloud that somebody has found.
    pub(super) fn before(eyes: &Eyes) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let routes = eyes.services.iter().map(|(service, url)| {
            let path_at = url.find("://").map_or(0, |at| at + 3);
            let path_at = url[path_at..].find('/').map_or(url.len(), |at| path_at + at);
            (*service, url[..path_at].to_owned(), url[path_at..].to_owned())
        });
        let routes: Vec<(Service, String, String)> = routes.collect();
        let shared = Arc::new(Shared {
            client: eyes.client(),
            hosts: routes.iter().map(|(service, host, _)| (service.name().to_owned(), host.clone())).collect(),
            script: Mutex::default(),
            closed: Mutex::default(),
            tokens: Mutex::default(),
        });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(listen(listener, address, Arc::clone(&shared)));
        Self { address, shared, routes, _runtime: runtime }
    }

    /// What DISCO shall take for a service's address.
    pub(crate) fn url(&self, service: Service) -> String {
        self.known(service).unwrap()
    }

    /// The same for a service that the cloud may lack.
    pub(super) fn known(&self, service: Service) -> Option<String> {
        let (_, _, path) = self.routes.iter().find(|(known, ..)| *known == service)?;
        Some(format!("http://{}/{}{path}", self.address, service.name()))
    }

    /// What goes wrong from now on; occasions are counted anew.
    pub(crate) fn set_script(&self, script: FaultScript) {
        *self.shared.script.lock().unwrap() = script;
    }
}

async fn listen(first: TcpListener, address: SocketAddr, shared: Arc<Shared>) {
    let mut listener = Some(first);
    loop {
        let until = *shared.closed.lock().unwrap();
        if let Some(until) = until.filter(|until| *until > Instant::now()) {
            drop(listener.take());
            tokio::time::sleep_until(until.into()).await;
        }
        let open = match listener.take() {
            Some(open) => open,
            None => loop {
                match TcpListener::bind(address).await {
                    Ok(open) => break open,
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            },
        };
        // Not longer than a moment, so that a port that shall be closed is.
        if let Ok(Ok((stream, _))) = tokio::time::timeout(Duration::from_millis(5), open.accept()).await {
            tokio::spawn(serve(stream, Arc::clone(&shared)));
        }
        listener = Some(open);
    }
}

/// Serves a connection until it ends.
async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await {
        let is_closed = |until: &Instant| *until > Instant::now();
        if shared.closed.lock().unwrap().as_ref().is_some_and(is_closed) || !shared.meet(&mut stream, request).await {
            let _ = stream.set_zero_linger();
            return;
        }
    }
}

impl Shared {
    /// Answers a request; says whether the connection lives on.
    async fn meet(&self, stream: &mut TcpStream, mut request: Request) -> bool {
        let path = request.path.split('?').next().unwrap_or_default().to_owned();
        let action = self.script.lock().unwrap().meet(&request.method, &path);
        let close = |time: Duration| *self.closed.lock().unwrap() = Some(Instant::now() + time);
        match action {
            Some(FaultAction::Refused) => {
                close(CLOSED.0);
                return false;
            }
            Some(FaultAction::Crash { afterwards: false }) => {
                close(CLOSED.1);
                return false;
            }
            Some(FaultAction::TokenExpired) => {
                let (void, known) = &mut *self.tokens.lock().unwrap();
                void.append(known);
            }
            Some(FaultAction::Answered { status, retry_after, afterwards: false }) => {
                return write(stream, refusal(status, retry_after)).await;
            }
            Some(FaultAction::AtMost(most)) => request.limit(most),
            _ => {}
        }
        if request.header("x-auth-token").is_some_and(|token| self.tokens.lock().unwrap().0.contains(token)) {
            return write(stream, refusal(StatusCode::UNAUTHORIZED, None)).await;
        }
        let answer = self.forward(request).await;
        match action {
            Some(FaultAction::Lost) => false,
            Some(FaultAction::Crash { .. }) => {
                close(CLOSED.1);
                false
            }
            Some(FaultAction::Stalled) => std::future::pending().await,
            Some(FaultAction::Cut) => {
                let whole = answer.bytes();
                let _ = stream.write_all(&whole[..whole.len() - answer.body.len().div_ceil(2)]).await;
                let _ = stream.flush().await;
                tokio::time::sleep(Duration::from_millis(5)).await;
                false
            }
            Some(FaultAction::Halved) => {
                let half = answer.body.len() / 2;
                write(stream, Answer { body: answer.body[..half].to_vec(), ..answer }).await
            }
            Some(FaultAction::Answered { status, retry_after, .. }) => {
                write(stream, refusal(status, retry_after)).await
            }
            _ => write(stream, answer).await,
        }
    }

    /// Has the cloud answer.
    async fn forward(&self, request: Request) -> Answer {
        let (service, rest) = request.path[1..].split_once('/').unwrap_or((&request.path[1..], ""));
        let Some((_, host)) = self.hosts.iter().find(|(known, _)| known == service) else {
            return refusal(StatusCode::NOT_FOUND, None);
        };
        let method: Method = request.method.parse().unwrap();
        let mut sent = self.client.request(method, format!("{host}/{rest}")).body(request.body.clone());
        let own = ["host", "content-length", "connection", "transfer-encoding"];
        for (name, value) in request.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
            sent = sent.header(name, value);
        }
        let Ok(answer) = sent.send().await else { return refusal(StatusCode::BAD_GATEWAY, None) };
        let status = answer.status();
        let mut headers = Vec::new();
        for (name, value) in answer.headers() {
            let (name, mut value) = (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned());
            if name == "x-subject-token" {
                self.tokens.lock().unwrap().1.insert(value.clone());
            }
            if name == "location" {
                let here = request.header("host").unwrap_or_default();
                value = value.replace(host.as_str(), &format!("http://{here}/{service}"));
            }
            if !own.contains(&name.as_str()) {
                headers.push((name, value));
            }
        }
        match answer.bytes().await {
            Ok(body) => Answer { status, headers, body: body.to_vec() },
            Err(_) => refusal(StatusCode::BAD_GATEWAY, None),
        }
    }
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Asks for less than was asked for.
    fn limit(&mut self, most: usize) {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let kept = query.split('&').filter(|part| !part.is_empty() && !part.starts_with("limit="));
        let query: Vec<String> = kept.map(str::to_owned).chain([format!("limit={most}")]).collect();
        self.path = format!("{path}?{}", query.join("&"));
    }
}

impl Answer {
    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} ?\r\nContent-Length: {}\r\n", self.status.as_u16(), self.body.len());
        for (name, value) in &self.headers {
            for part in [name, ": ", value, "\r\n"] {
                head.push_str(part);
            }
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}

/// Reads a request; nothing where the other side is done.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let head = loop {
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(buffer[..head].to_vec()).ok()?;
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let (method, path) = (first.next()?, first.next()?);
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers: Vec<(String, String)> =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(Some(0), |(_, value)| value.parse().ok())?;
    while buffer.len() < head + 4 + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[head + 4..head + 4 + length].to_vec();
    buffer.drain(..head + 4 + length);
    Some(Request { method, path, headers, body })
}

async fn write(stream: &mut TcpStream, answer: Answer) -> bool {
    stream.write_all(&answer.bytes()).await.is_ok() && stream.flush().await.is_ok()
}

/// What stands before a service answers, as a real cloud words it.
fn refusal(status: StatusCode, retry_after: Option<RetryAfter>) -> Answer {
    let fault = |title: &str, kind: &str, message: &str| {
        json!({
            "code": status.as_u16(), "title": title, "explanation": "",
            "error": { "type": kind, "message": message, "traceback": null },
        })
    };
    let (kind, body) = match status.as_u16() {
        401 => (
            "application/json",
            json!({"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}})
                .to_string(),
        ),
        403 => ("application/json", fault("Forbidden", "Forbidden", "You are not authorized to complete this action.").to_string()),
        404 => ("application/json", fault("Not Found", "EntityNotFound", "The resource could not be found.").to_string()),
        409 => ("application/json", fault("Conflict", "ActionInProgress", "The stack already has an action in progress.").to_string()),
        500 => (
            "application/json",
            fault("Internal Server Error", "DBError", "(pymysql.err.OperationalError) (2006, 'MySQL server has gone away')").to_string(),
        ),
        _ => {
            let reason = status.canonical_reason().unwrap_or("Error");
            ("text/html", format!("<html><body><h1>{} {reason}</h1></body></html>\n", status.as_u16()))
        }
    };
    let mut headers = vec![("content-type".to_owned(), kind.to_owned())];
    if let Some(RetryAfter { seconds, as_date }) = retry_after {
        let date = |time: jiff::Timestamp| time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let now = jiff::Timestamp::now();
        let then = now + Duration::from_secs(u64::from(seconds));
        headers.push(("retry-after".to_owned(), if as_date { date(then) } else { seconds.to_string() }));
        headers.push(("date".to_owned(), date(now)));
    }
    Answer { status, headers, body: body.into_bytes() }
}
