//! Every fault of the embedded engine against every kind of request: how often it is sent, and what came of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use disco::heat::{Certificates, Cloud, CloudConfig, HeatError, Retry, StackRef, Transport, wire};
use disco::local::{self, Engine, EngineOptions};
use serde_json::{Value as Json, json};

/// A served or enclosed engine with a stack named `old`, and a client that has logged in.
struct Bench {
    _folder: tempfile::TempDir,
    engine: Arc<Engine>,
    asked: Arc<Mutex<Vec<String>>>,
    cloud: Cloud,
    old: StackRef,
}

fn template() -> Json {
    let value = json!({ "type": "OS::Heat::RandomString", "properties": { "length": 8 } });
    json!({ "heat_template_version": "2021-04-16", "resources": { "secret": value } })
}

fn retry(patience: Duration) -> Retry {
    let wait = Duration::from_millis(1);
    Retry { attempts: 4, first_wait: wait, longest_wait: Duration::from_millis(4), patience }
}

async fn connect(transport: Transport, host: &str, engine: &Engine, retry: Retry) -> Cloud {
    let own = engine.credentials();
    let address = format!("http://{host}{}", own.auth_path);
    let credentials = CloudConfig::password(address, own.username, own.password, own.project_name);
    Cloud::connect_with(transport, credentials, retry).await.unwrap()
}

impl Bench {
    async fn in_process(patience: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = EngineOptions { time_scale: 0.0, ..EngineOptions::default() };
        let engine = Arc::new(Engine::open(folder.path(), options).unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let lines = Arc::clone(&asked);
        let counted = engine.router().layer(from_fn(move |request: Request, next: Next| {
            let parts: Vec<&str> = request.uri().path().split('/').skip(1).collect();
            // Without the service's own prefix and ids.
            let path = if parts[0] == "identity" { "tokens".to_owned() } else { parts[3..].join("/") };
            lines.lock().unwrap().push(format!("{} {path}", request.method()));
            next.run(request)
        }));
        let cloud = connect(Transport::in_process(counted), "disco.local", &engine, retry(patience)).await;
        Self::with_stack(folder, engine, asked, cloud).await
    }

    async fn with_stack(
        folder: tempfile::TempDir,
        engine: Arc<Engine>,
        asked: Arc<Mutex<Vec<String>>>,
        cloud: Cloud,
    ) -> Self {
        let old = create(&cloud, "old").await.unwrap();
        while cloud.stack_status(&old).await.unwrap().unwrap().stack_status != "CREATE_COMPLETE" {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        asked.lock().unwrap().clear();
        Self { _folder: folder, engine, asked, cloud, old }
    }

    fn inject(&self, fault: &str) {
        self.engine.inject(fault.parse().unwrap());
    }

    fn sent(&self) -> usize {
        self.asked.lock().unwrap().iter().filter(|line| *line != "POST tokens").count()
    }

    /// Does one thing that a client can ask for; what the fault says about itself.
    async fn ask(&self, verb: &str) -> Result<(), HeatError> {
        match verb {
            "GET" => self.cloud.resources(&self.old).await.map(drop),
            "POST" => create(&self.cloud, "new").await.map(drop),
            "PUT" => {
                let update = wire::UpdateStack { template: Some(template()), ..wire::UpdateStack::default() };
                self.cloud.update_stack(&self.old, &update, false).await
            }
            "PATCH" => self.cloud.mark_unhealthy(&self.old, "secret", "a test").await,
            _ => self.cloud.delete_stack(&self.old).await,
        }
    }

    /// Whether the engine has carried the request out.
    async fn carried_out(&self, verb: &str) -> bool {
        match verb {
            "GET" => true,
            "POST" => self.cloud.find_stack("new").await.unwrap().is_some(),
            "DELETE" => {
                let left = self.cloud.find_stack("old").await.unwrap();
                left.is_none_or(|left| left.stack_status.starts_with("DELETE"))
            }
            "PATCH" => {
                self.cloud.resource(&self.old, "secret").await.unwrap().unwrap().resource_status == "CHECK_FAILED"
            }
            _ => self.cloud.stack_status(&self.old).await.unwrap().unwrap().stack_status.starts_with("UPDATE"),
        }
    }
}

async fn create(cloud: &Cloud, name: &str) -> Result<StackRef, HeatError> {
    let body = wire::CreateStack { stack_name: name.to_owned(), template: template(), ..wire::CreateStack::default() };
    cloud.create_stack(&body).await
}

/// What became of a request: `2 ok` was sent twice and went well, `1 no` is a refusal that is final, `1 ?` may have
/// had its effect; a star says that it had.
async fn outcome(fault: &str, verb: &str) -> String {
    let patience = if fault.contains("stalled") { Duration::from_millis(250) } else { Duration::from_mins(1) };
    let bench = Bench::in_process(patience).await;
    // Logging in is a POST of its own, and another test's matter.
    bench.inject(&format!("{verb} {}{fault}", if verb == "POST" { "/stacks" } else { "**" }));
    let result = bench.ask(verb).await;
    let sent = bench.sent();
    let how = match result {
        Ok(()) => "ok",
        Err(error) if error.may_have_arrived() => "?",
        Err(_) => "no",
    };
    let endless = fault.contains("always");
    let effect = !endless && verb != "GET" && bench.carried_out(verb).await;
    format!("{sent} {how}{}", if effect { "*" } else { "" })
}

#[tokio::test]
async fn each_kind_of_request_is_repeated_as_often_as_is_safe() {
    let verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    #[rustfmt::skip]
    let expected = [
        // Nothing has arrived: everything is sent again.
        (": refused",                 ["2 ok", "2 ok*", "2 ok*", "2 ok*", "2 ok*"]),
        (": 429, retry after 0",      ["2 ok", "2 ok*", "2 ok*", "2 ok*", "2 ok*"]),
        (": 401",                     ["2 ok", "2 ok*", "2 ok*", "2 ok*", "2 ok*"]),
        (": token expired",           ["2 ok", "2 ok*", "2 ok*", "2 ok*", "2 ok*"]),
        // It may have arrived: only what can be said twice without harm is.
        (": 502",                     ["2 ok", "1 ?",   "1 ?",   "2 ok*", "2 ok*"]),
        (": 503, retry after 0",      ["2 ok", "1 ?",   "1 ?",   "2 ok*", "2 ok*"]),
        (": 504",                     ["2 ok", "1 ?",   "1 ?",   "2 ok*", "2 ok*"]),
        (": 504 afterwards",          ["2 ok", "1 ?*",  "1 ?*",  "2 ok*", "2 ok*"]),
        (": lost",                    ["2 ok", "1 ?*",  "1 ?*",  "2 ok*", "2 ok*"]),
        (": cut",                     ["2 ok", "1 ?*",  "1 ?*",  "2 ok*", "2 ok*"]),
        (": stalled",                 ["2 ok", "1 ?*",  "1 ?*",  "2 ok*", "2 ok*"]),
        // Whoever does not read the answer does not miss its other half.
        (": halved",                  ["2 ok", "1 ?*",  "1 ok*", "1 ok*", "1 ok*"]),
        // Heat has said no, or what went wrong inside is not known.
        (": 403",                     ["1 no", "1 no",  "1 no",  "1 no",  "1 no"]),
        (": 409",                     ["1 no", "1 no",  "1 no",  "1 no",  "1 no"]),
        (": 413",                     ["1 no", "1 no",  "1 no",  "1 no",  "1 no"]),
        (": 404",                     ["1 no", "1 no",  "1 no",  "1 no",  "1 ok"]),
        // A question does no harm, and the answer to the next one is seldom the same.
        (": 500",                     ["2 ok", "1 ?",   "1 ?",   "1 ?",   "1 ?"]),
        // Patience ends.
        (", always: refused",         ["4 no", "4 no",  "4 no",  "4 no",  "4 no"]),
        (", always: 429",             ["4 no", "4 no",  "4 no",  "4 no",  "4 no"]),
        (", always: 401",             ["2 no", "2 no",  "2 no",  "2 no",  "2 no"]),
        (", always: 503",             ["4 ?",  "1 ?",   "1 ?",   "4 ?",   "4 ?"]),
        (", always: 500",             ["3 ?",  "1 ?",   "1 ?",   "1 ?",   "1 ?"]),
        (", always: lost",            ["4 ?",  "1 ?",   "1 ?",   "4 ?",   "4 ?"]),
        (", always: halved",          ["4 ?",  "1 ?",   "1 ok",  "1 ok",  "1 ok"]),
    ];
    for (fault, expected) in expected {
        let mut found = Vec::new();
        for verb in verbs {
            found.push(outcome(fault, verb).await);
        }
        assert_eq!(found, expected, "{fault}");
    }
}

#[tokio::test]
async fn logging_in_is_patient_too() {
    for (fault, logins) in [("refused", 2), ("503", 2), ("lost", 2), ("cut", 2), ("halved", 2), ("429", 2)] {
        let bench = Bench::in_process(Duration::from_mins(1)).await;
        bench.inject("GET **: token expired");
        bench.inject(&format!("POST /tokens: {fault}"));
        bench.ask("GET").await.unwrap();
        let asked = bench.asked.lock().unwrap().clone();
        assert_eq!(asked.iter().filter(|line| *line == "POST tokens").count(), logins, "{fault}: {asked:?}");
        assert_eq!(bench.sent(), 2, "{fault}");
    }
}

#[tokio::test]
async fn many_requests_whose_token_expires_log_in_once() {
    let bench = Bench::in_process(Duration::from_mins(1)).await;
    bench.inject("GET **: token expired");
    let all = futures_util::future::join_all((0..8).map(|_| bench.ask("GET"))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    let asked = bench.asked.lock().unwrap().clone();
    assert_eq!(asked.iter().filter(|line| *line == "POST tokens").count(), 1, "{asked:?}");
}

#[tokio::test]
async fn the_cloud_says_when_to_come_again() {
    for when in ["3600", "3600 as a date"] {
        let bench = Bench::in_process(Duration::from_mins(1)).await;
        bench.inject(&format!("GET **, always: 503, retry after {when}"));
        let error = bench.ask("GET").await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_hours(1)), "{when}");
        // Nobody waits longer than the client's own bound.
        assert_eq!(bench.sent(), 4);
    }
}

#[tokio::test]
async fn events_come_whole_although_pages_are_short() {
    let bench = Bench::in_process(Duration::from_mins(1)).await;
    let whole = bench.cloud.events_after(&bench.old, None).await.unwrap().unwrap();
    assert!(whole.len() >= 4, "{whole:?}");
    bench.inject("GET /events, always: at most 1");
    let mut marker = None;
    let mut found = Vec::new();
    loop {
        let page = bench.cloud.events_after(&bench.old, marker.as_deref()).await.unwrap().unwrap();
        assert!(page.len() <= 1);
        let Some(last) = page.last() else { break };
        marker = Some(last.id.clone());
        found.extend(page);
    }
    assert_eq!(found, whole);
}

/// The same faults on a real connection.
#[tokio::test]
async fn over_a_socket_they_are_real() {
    let mut bench = Bench::in_process(Duration::from_mins(1)).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let engine = Arc::clone(&bench.engine);
    let server = tokio::spawn(async move { local::serve(&engine, listener).await });
    let patient = Retry { attempts: 9, first_wait: Duration::from_millis(4), ..Retry::default() };
    bench.cloud = connect(Transport::network(&Certificates::default()).unwrap(), &host, &bench.engine, patient).await;
    let once = Retry { attempts: 1, ..Retry::default() };
    let impatient = Retry { patience: Duration::from_millis(300), ..once };
    let impatient =
        connect(Transport::network(&Certificates::default()).unwrap(), &host, &bench.engine, impatient).await;
    let hasty = connect(Transport::network(&Certificates::default()).unwrap(), &host, &bench.engine, once).await;
    let chain = |error: &HeatError| {
        let text = format!("{error:?}");
        assert!(error.may_have_arrived(), "{text}");
        text
    };

    for fault in ["lost", "cut"] {
        bench.inject(&format!("GET /resources: {fault}"));
        let said = chain(&hasty.resources(&bench.old).await.unwrap_err());
        assert!(said.contains("ConnectionReset"), "{fault}: {said}");
        bench.inject(&format!("GET /resources: {fault}"));
        bench.ask("GET").await.unwrap();
    }
    bench.inject("GET /resources: stalled");
    chain(&impatient.resources(&bench.old).await.unwrap_err());
    bench.inject("GET /resources: halved");
    assert!(chain(&hasty.resources(&bench.old).await.unwrap_err()).contains("Garbled"));

    // The port is closed for a moment: what comes meanwhile is refused by the machine, and comes again.
    bench.inject("GET /resources: refused");
    bench.ask("GET").await.unwrap();
    bench.inject("POST /stacks: lost");
    let lost = bench.ask("POST").await.unwrap_err();
    assert!(lost.may_have_arrived() && bench.carried_out("POST").await);

    bench.inject("GET /resources: crash");
    chain(&hasty.resources(&bench.old).await.unwrap_err());
    let ended = server.await.unwrap();
    assert!(matches!(ended, Err(local::LocalError::Crashed)), "{ended:?}");
    let refused = hasty.resources(&bench.old).await.unwrap_err();
    assert!(!refused.may_have_arrived(), "{refused:?}");
}
