//! A client of a test's own: what is there is seen by other eyes than DISCO's.

use std::collections::BTreeMap;
use std::sync::mpsc;

use disco::heat::{Certificates, CloudConfig, Service, Transport};
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value as Json;
use tokio::runtime::Runtime;

/// A client that has signed in.
pub(crate) struct Eyes {
    runtime: Runtime,
    client: reqwest::Client,
    config: CloudConfig,
    token: std::sync::Mutex<String>,
    /// The user's id.
    user: String,
    /// Addresses as the catalog has them.
    pub(super) services: BTreeMap<Service, String>,
    pub(super) project: String,
}

impl Eyes {
    /// Signs in.
    pub(crate) fn open(config: &CloudConfig) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let read = |path: &String| std::fs::read(path).unwrap();
        let certificates = Certificates {
            unverified: !config.tls.verify,
            authorities: config.tls.authorities.as_ref().map(read).unwrap_or_default(),
            ..Certificates::default()
        };
        let client = Transport::network(&certificates).unwrap().client().expect("an HTTP client").clone();
        let services = config.endpoints.clone();
        let token = std::sync::Mutex::new(String::new());
        let mut eyes = Self {
            runtime,
            client,
            config: config.clone(),
            token,
            user: String::new(),
            services,
            project: String::new(),
        };
        let body = eyes.sign_in();
        body["token"]["project"]["id"].as_str().unwrap().clone_into(&mut eyes.project);
        body["token"]["user"]["id"].as_str().unwrap().clone_into(&mut eyes.user);
        let types = |service: Service| match service {
            Service::BlockStorage => vec!["block-storage", "volumev3"],
            other => vec![other.name()],
        };
        for service in Service::ALL {
            let mut entries = body["token"]["catalog"].as_array().unwrap().iter();
            let Some(entry) = entries.find(|entry| types(service).contains(&entry["type"].as_str().unwrap())) else {
                continue;
            };
            let mut endpoints = entry["endpoints"].as_array().unwrap().iter();
            let here = |endpoint: &&Json| {
                let region = eyes.config.region.as_deref();
                endpoint["interface"] == eyes.config.interface.name()
                    && region.is_none_or(|region| endpoint["region_id"] == region || endpoint["region"] == region)
            };
            if let Some(endpoint) = endpoints.find(here) {
                let url = endpoint["url"].as_str().unwrap().trim_end_matches('/').to_owned();
                eyes.services.entry(service).or_insert(url);
            }
        }
        eyes.services.insert(Service::Identity, config.auth_url.trim_end_matches('/').to_owned());
        eyes
    }

    pub(super) fn client(&self) -> reqwest::Client {
        self.client.clone()
    }

    fn sign_in(&self) -> Json {
        let base = self.config.auth_url.trim_end_matches('/').trim_end_matches("/v3").to_owned();
        let request = self.client.post(format!("{base}/v3/auth/tokens")).json(&self.config.sign_in.request());
        let (token, body) = self.wait(async {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::CREATED, "nobody can sign in");
            let token = answer.headers()["x-subject-token"].to_str().unwrap().to_owned();
            (token, answer.json::<Json>().await.unwrap())
        });
        *self.token.lock().unwrap() = token;
        body
    }

    /// Waits for something, also where somebody waits for the caller.
    pub(super) fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let (tell, told) = mpsc::channel();
        self.runtime.spawn(async move {
            let _ = tell.send(work.await);
        });
        told.recv().expect("the work has come to nothing")
    }

    /// The address of a service, with its version, for requests.
    pub(crate) fn root(&self, service: Service) -> String {
        let url = &self.services[&service];
        match service {
            Service::Network if !url.contains("/v2") => format!("{url}/v2.0"),
            _ => url.clone(),
        }
    }

    /// Asks once; gives status and body, which is null where it is no JSON. A token that ran out is renewed.
    pub(crate) fn ask(&self, method: &Method, service: Service, path: &str, body: Option<&Json>) -> (StatusCode, Json) {
        let mut answer = (StatusCode::IM_A_TEAPOT, Json::Null);
        for again in [true, false] {
            let request = self
                .client
                .request(method.clone(), self.root(service) + path)
                .header("X-Auth-Token", self.token.lock().unwrap().clone());
            let request = match body {
                Some(body) => request.json(body),
                None => request,
            };
            // A service that is busy for a moment is no reason to stop.
            answer = self.wait(async move {
                match request.send().await {
                    Ok(answer) => (answer.status(), answer.json().await.unwrap_or_default()),
                    Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Json::Null),
                }
            });
            if answer.0 != StatusCode::UNAUTHORIZED || !again {
                break;
            }
            self.sign_in();
        }
        answer
    }

    /// The id of the project that one is signed in to.
    pub(crate) fn project(&self) -> &str {
        &self.project
    }

    /// What requests to this cloud name: who asks, and where.
    pub(crate) fn known(&self) -> Vec<(&'static str, String)> {
        let request = self.config.sign_in.request();
        let user = &request["auth"]["identity"]["password"]["user"];
        let project = &request["auth"]["scope"]["project"];
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        vec![
            ("user", text(&user["name"])),
            ("user_id", self.user.clone()),
            ("password", text(&user["password"])),
            ("domain", text(&user["domain"]["name"])),
            ("project_name", text(&project["name"])),
            ("project", self.project.clone()),
        ]
    }

    /// One exchange as it is, with another token than the good one where that is wanted (an empty one is none).
    pub(crate) fn exchange(
        &self,
        method: &Method,
        url: String,
        token: Option<&str>,
        body: Option<String>,
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let token = token.map_or_else(|| self.token.lock().unwrap().clone(), str::to_owned);
        let mut request = self.client.request(method.clone(), url).header("Accept", "application/json");
        if !token.is_empty() {
            request = request.header("X-Auth-Token", token);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body);
        }
        self.wait(async move {
            let answer = request.send().await.unwrap();
            (answer.status(), answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
        })
    }

    /// What a service shows; null where it does not exist.
    pub(crate) fn get(&self, service: Service, path: &str) -> Json {
        for _ in 0..20 {
            let (status, body) = self.ask(&Method::GET, service, path, None);
            if status.is_success() {
                return body;
            }
            if status == StatusCode::NOT_FOUND {
                return Json::Null;
            }
            // Heat says 400 where a deployment that it lists is deleted in the same moment.
            let is_final = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            assert!(!is_final, "GET {path}: {status} {body}");
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
        panic!("GET {path} has no answer")
    }

    /// A whole listing, page by page.
    pub(crate) fn list(&self, service: Service, path: &str, key: &str) -> Vec<Json> {
        let mut found: Vec<Json> = Vec::new();
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let marker = found.last().map(|last| format!("{joint}marker={}", text(last, "id"))).unwrap_or_default();
            let page = self.get(service, &format!("{path}{marker}"))[key].take();
            let page = page.as_array().cloned().unwrap_or_default();
            let known = |one: &Json| found.iter().any(|other| other["id"] == one["id"]);
            if page.is_empty() || !one_is_paged(path) || page.iter().all(known) {
                found.extend(page);
                return found;
            }
            found.extend(page);
        }
    }

    /// Deletes a server as another tool would, behind Heat's back, and waits until it is gone.
    pub(crate) fn delete_server(&self, name: &str) {
        let servers = self.list(Service::Compute, "/servers/detail", "servers");
        let of_name = servers.iter().filter(|server| server["name"] == name);
        let ids: Vec<String> = of_name.map(|server| text(server, "id").to_owned()).collect();
        assert_eq!(ids.len(), 1, "servers with the name {name}");
        let (status, body) = self.ask(&Method::DELETE, Service::Compute, &format!("/servers/{}", ids[0]), None);
        assert!(status.is_success(), "{status} {body}");
        while !self.get(Service::Compute, &format!("/servers/{}", ids[0])).is_null() {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }
}

/// Listings that are read to their last page: those whose pages a marker turns.
fn one_is_paged(path: &str) -> bool {
    path.starts_with("/servers") || path.contains("/events") || path.starts_with("/stacks?")
}

/// A field that is a string.
pub(crate) fn text<'j>(value: &'j Json, name: &str) -> &'j str {
    value[name].as_str().unwrap_or_default()
}
