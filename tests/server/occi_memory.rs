//! A service in memory: clusters that are ready as soon as they are asked for.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use bytes::Bytes;
use disco::catalogue::Catalogue;
use disco::model::{Action, ActionStatus, Status};
use disco::server::occi::{
    ClusterChange, ClusterRequest, ClusterView, Clusters, Credentials, Defaults, OcciRequest, OcciResponse, Proof,
    Refusal, RefusalKind, RunState, ServiceState, StackView, WrittenDefinition, answer, updated, written,
};
use disco::source::Sources;
use disco::suggest::Place;
use http::Request;

/// How the service is called.
pub(super) const BASE: &str = "http://disco.example:8888";
/// The token of the tenant `mesz`.
pub(super) const TOKEN: &str = "137f5775f01245588c936dd05b7c2893";
/// A password that nothing may show.
pub(super) const PASSWORD: &str = "89,@924;9299[>6";

/// The frameworks inside the program, read once.
pub(super) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::embedded(&Sources::new()))
}

pub(super) fn defaults() -> Defaults {
    Defaults {
        place: Place::Cloud(Some("lab".to_owned())),
        image: Some("debian-12".to_owned()),
        master_flavor: Some("m1.large".to_owned()),
        slave_flavor: Some("m1.large".to_owned()),
        slaves: 2,
        external_network: Some("public".to_owned()),
    }
}

pub(super) struct Memory {
    clusters: Mutex<BTreeMap<String, Kept>>,
}

/// A cluster and whose it is.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) tenant: String,
    pub(super) view: ClusterView,
    pub(super) definition: WrittenDefinition,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { clusters: Mutex::default() }
    }

    /// The ids are those of an order, so that answers are the same bytes each time.
    pub(super) fn id(number: usize) -> String {
        format!("00000000-0000-4000-8000-{number:012}")
    }

    pub(super) fn kept(&self, id: &str) -> Option<Kept> {
        self.clusters.lock().unwrap().get(id).cloned()
    }

    /// Everything that is kept, as a text.
    pub(super) fn everything(&self) -> String {
        let all = self.clusters.lock().unwrap();
        let all: Vec<_> = all.values().map(|kept| (&kept.view, &kept.definition)).collect();
        if all.is_empty() { String::new() } else { format!("{all:?}") }
    }

    /// Has a cluster look otherwise.
    pub(super) fn edit(&self, id: &str, how: impl FnOnce(&mut ClusterView)) {
        how(&mut self.clusters.lock().unwrap().get_mut(id).unwrap().view);
    }

    fn change<T>(
        &self,
        tenant: &str,
        id: &str,
        what: impl FnOnce(&mut Kept) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut all = self.clusters.lock().unwrap();
        match all.get_mut(id).filter(|kept| kept.tenant == tenant) {
            Some(kept) => what(kept),
            None => Err(Refusal::unknown(id)),
        }
    }

    /// What it answers to a request in the manner of curl: method, path, headers in lines, body.
    pub(super) fn sent(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> OcciResponse {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answered(request.body(Bytes::from(body.to_owned())).unwrap())
    }

    /// What it answers.
    pub(super) fn answered(&self, request: Request<Bytes>) -> OcciResponse {
        let request = OcciRequest::new(request, BASE);
        assert!(!format!("{request:?}").contains(TOKEN), "a token in a log");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(answer(request, self))
    }

    /// The same with the token of `mesz`.
    pub(super) fn asked(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> OcciResponse {
        let mut all = vec![("X-Auth-Token", TOKEN), ("X-Tenant-Name", "mesz")];
        all.extend(headers);
        self.sent(method, path, &all, body)
    }
}

impl Clusters for Memory {
    /// The tenant's id.
    type Caller = String;

    async fn authenticate(&self, credentials: &Credentials) -> Result<String, Refusal> {
        let user = match &credentials.proof {
            Proof::Token(token) if token.expose() == TOKEN => "mesz",
            Proof::Password { user, password } if user == "disco" && password.expose() == PASSWORD => "disco",
            _ => return Err(Refusal::new(RefusalKind::Unauthenticated, "the token is not valid")),
        };
        if credentials.tenant == user {
            Ok(format!("id-of-{user}"))
        } else {
            Err(Refusal::new(RefusalKind::Unauthenticated, "the token is another tenant's"))
        }
    }

    fn catalogue(&self) -> &Catalogue {
        catalogue()
    }

    fn region(&self, _: &String) -> Option<String> {
        Some("RegionOne".to_owned())
    }

    async fn create(&self, caller: &String, request: &ClusterRequest) -> Result<String, Refusal> {
        let definition = written(request, &defaults())?;
        let mut all = self.clusters.lock().unwrap();
        let id = Self::id(all.len() + 1);
        let stack = StackView {
            id: "5b1c2c27-7c2e-4f38-8a3e-0f8a7d6f2b10".to_owned(),
            status: ActionStatus { action: Action::Create, status: Status::Complete },
            usable: false,
            reason: None,
        };
        let view = ClusterView {
            id: id.clone(),
            project: format!("{}-{}", definition.name, all.len() + 1),
            state: if request.plan_only { ServiceState::Activate } else { ServiceState::Deploy },
            stack: (!request.plan_only).then_some(stack),
            external_ip: None,
            key_pair: request.key_pair.clone(),
            run_state: None,
            failure: None,
            operation: None,
            plan: None,
            ignored: request.ignored.clone(),
            given: request.given.clone(),
        };
        all.insert(id.clone(), Kept { tenant: caller.clone(), view, definition });
        Ok(id)
    }

    async fn list(&self, caller: &String) -> Result<Vec<ClusterView>, Refusal> {
        let all = self.clusters.lock().unwrap();
        Ok(all.values().filter(|kept| kept.tenant == *caller).map(|kept| kept.view.clone()).collect())
    }

    async fn get(&self, caller: &String, id: &str) -> Result<ClusterView, Refusal> {
        self.change(caller, id, |kept| Ok(kept.view.clone()))
    }

    async fn suspend(&self, caller: &String, id: &str) -> Result<ClusterView, Refusal> {
        self.change(caller, id, |kept| {
            kept.view.run_state = Some(RunState::Suspended);
            Ok(kept.view.clone())
        })
    }

    async fn resume(&self, caller: &String, id: &str) -> Result<ClusterView, Refusal> {
        self.change(caller, id, |kept| {
            kept.view.run_state = Some(RunState::Running);
            Ok(kept.view.clone())
        })
    }

    async fn update(&self, caller: &String, id: &str, change: &ClusterChange) -> Result<ClusterView, Refusal> {
        self.change(caller, id, |kept| {
            if change.slaves == Some(0) {
                return Err(Refusal::new(RefusalKind::Conflict, "data of `slaves` would be lost"));
            }
            kept.definition.text = updated(&kept.definition.text, change)?;
            kept.view.given.extend(change.given.clone());
            kept.view.ignored.extend(change.ignored.clone());
            kept.view.state = ServiceState::Update;
            Ok(kept.view.clone())
        })
    }

    async fn delete(&self, caller: &String, id: &str) -> Result<(), Refusal> {
        self.change(caller, id, |_| Ok(()))?;
        self.clusters.lock().unwrap().remove(id);
        Ok(())
    }
}
