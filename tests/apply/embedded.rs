//! A cluster's life on the embedded engine, from the definition's text: after apply, plan is empty.

use std::collections::BTreeMap;
use std::time::Duration;

use disco::apply::{
    self, ApplyError, Clock, End, Event, Interrupt, OperationContext, Options, Outcome, Pace, Phase, StepFailure,
    WaitFor,
};
use disco::catalogue::Catalogue;
use disco::expression::NoFiles;
use disco::graph;
use disco::heat::{self, Certificates, Cloud, CloudConfig, Transport};
use disco::language::{self, EvaluationContext, VariableInputs};
use disco::local::{Engine, EngineOptions};
use disco::model::{Address, CloudFacts};
use disco::plan::{self, Observation, Plan, PlanOptions, Wanted, WantedCluster};
use disco::source::Sources;
use disco::state::{State, lineage_tag};
use disco::syntax;
use disco::template::Template;

use super::plans::{LINEAGE, WallClock, node};

type Events = Vec<(Duration, Event)>;

/// A project without a folder: an engine, a client and a state.
struct Bench {
    folder: tempfile::TempDir,
    engine: Option<Engine>,
    cloud: Cloud,
    facts: CloudFacts,
    sources: Sources,
    catalogue: Catalogue,
    time_scale: f64,
}

async fn connect(engine: &Engine) -> Cloud {
    let known = engine.credentials();
    let auth_url = format!("http://disco.local{}", known.auth_path);
    let credentials = CloudConfig::password(auth_url, known.username, known.password, known.project_name);
    Cloud::connect(Transport::in_process(engine.router()), credentials).await.unwrap()
}

fn engine_options(time_scale: f64) -> EngineOptions {
    EngineOptions { time_scale, ..EngineOptions::default() }
}

impl Bench {
    async fn new(time_scale: f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(folder.path(), engine_options(time_scale)).unwrap();
        let cloud = connect(&engine).await;
        let facts = heat::facts(&cloud).await.unwrap();
        let sources = Sources::new();
        let catalogue = Catalogue::embedded(&sources);
        Self { folder, engine: Some(engine), cloud, facts, sources, catalogue, time_scale }
    }

    fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    /// The engine dies and is started again, as if the process had been killed.
    async fn restart(&mut self) {
        drop(self.engine.take());
        let engine = Engine::open(self.folder.path(), engine_options(self.time_scale)).unwrap();
        self.cloud = connect(&engine).await;
        self.engine = Some(engine);
    }

    fn wanted(&self, slaves: u32, key: u32, state: &State) -> Wanted {
        let text = format!(
            r#"
cluster "analytics" {{
  image = "debian-12"
  network {{
    cidr             = "10.20.0.0/16"
    external_network = "public"
  }}
  master {{
    flavor      = "m1.large"
    floating_ip = true
  }}
  slaves {{
    count  = {slaves}
    flavor = "m1.medium"
  }}
  ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOJ8wnYovhgowU/RsbT3t7GY8C9l6kgiVX+GsYWab6fv key-{key}"]
}}
"#
        );
        let id = self.sources.add("main.disco.hcl", text);
        let (body, mut found) = syntax::parse(&self.sources, id);
        let (definition, more) = language::read(&self.sources, vec![body], &VariableInputs::default());
        found.extend(more);
        let context = EvaluationContext {
            called: &BTreeMap::new(),
            standing: &BTreeMap::new(),
            catalogue: &self.catalogue,
            facts: &self.facts,
            known: &BTreeMap::new(),
            fixed: &BTreeMap::new(),
            place: &crate::support::placed,
        };
        let (evaluated, more) = definition.evaluate(context, &self.sources, &NoFiles);
        found.extend(more);
        let mut wanted = Wanted { definition_digest: "test".to_owned(), ..Wanted::default() };
        for (name, cluster) in &evaluated.spec.clusters {
            let previous = state.clusters.get(name).map(|known| &known.members);
            let (mut members, more) = graph::allocate(cluster, previous, 2_000);
            found.extend(more);
            let configuration = &evaluated.clusters[name].configuration;
            let template = |graph| Template::from_graph(&graph);
            let (templates, more) =
                graph::compile_each(cluster, configuration, &self.facts, &members, &state.lineage, template);
            found.extend(more);
            for (setting, value) in &configuration.fixed {
                members.fixed.entry(setting.clone()).or_insert_with(|| value.clone());
            }
            let compiled = WantedCluster {
                called: disco::model::Called::default(),
                refers_to: std::collections::BTreeSet::new(),
                provisional: false,
                templates,
                members,
                facts: CloudFacts::default(),
                storage_groups: BTreeMap::new(),
                open_ports: Vec::new(),
                protections: Vec::new(),
                prevent_destroy: false,
                on_failure: cluster.lifecycle.on_failure.value,
                timeout_minutes: 60,
                batch_sizes: BTreeMap::new(),
                origin: None,
            };
            wanted.clusters.insert(name.clone(), compiled);
        }
        let complaints: Vec<_> = found.iter().filter(|one| one.severity == disco::source::Severity::Error).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
        assert_eq!(wanted.clusters.len(), 1);
        wanted
    }

    async fn look(&self) -> Observation {
        heat::observe(&self.cloud, &lineage_tag(LINEAGE), &["analytics".to_owned()]).await.unwrap()
    }

    async fn plan(&self, slaves: u32, key: u32, state: &State) -> Plan {
        let wanted = self.wanted(slaves, key, state);
        plan::plan(
            &wanted,
            state,
            &self.look().await,
            &PlanOptions { accept_data_loss: true, ..PlanOptions::default() },
        )
    }

    async fn carry_out(&self, plan: &Plan, state: State, journal: &mut Vec<State>) -> (Outcome, Events) {
        let mut events = Events::new();
        let outcome = apply::apply(
            plan,
            state,
            OperationContext {
                cloud: &self.cloud,
                journal,
                clock: &WallClock,
                observer: &mut events,
                options: Options::default(),
            },
        )
        .await;
        assert_eq!(journal.last().unwrap_or(&outcome.state), &outcome.state);
        (outcome, events)
    }

    /// Resolves, plans, applies, and holds the result to the law.
    async fn converge(&self, slaves: u32, state: State) -> (State, Events) {
        let state = self.resume(state).await;
        let plan = self.plan(slaves, 1, &state).await;
        let (outcome, events) = self.carry_out(&plan, state, &mut Vec::new()).await;
        assert!(outcome.is_done(), "{:?}", outcome.end);
        let again = self.plan(slaves, 1, &outcome.state).await;
        assert!(again.steps.is_empty() && again.changes.is_empty(), "{:#?}", again.changes);
        (outcome.state, events)
    }

    async fn resume(&self, state: State) -> State {
        let seen = self.look().await;
        let (mut journal, mut events) = (Vec::<State>::new(), Events::new());
        let options = Options::default();
        let outcome = apply::resume(
            state,
            seen,
            WaitFor::All,
            OperationContext {
                cloud: &self.cloud,
                journal: &mut journal,
                clock: &WallClock,
                observer: &mut events,
                options,
            },
        )
        .await;
        assert!(outcome.is_done(), "{:?}", outcome.end);
        assert!(outcome.state.open_intents().next().is_none());
        outcome.state
    }

    async fn destroy(&self, state: State) -> State {
        let state = self.resume(state).await;
        let plan = plan::destroy(&state, &self.look().await);
        let (outcome, _) = self.carry_out(&plan, state, &mut Vec::new()).await;
        assert!(outcome.is_done(), "{:?}", outcome.end);
        assert!(self.cloud.stacks_tagged(&lineage_tag(LINEAGE)).await.unwrap().is_empty());
        outcome.state
    }
}

fn servers(state: &State) -> BTreeMap<String, Option<String>> {
    let resources = state.clusters["analytics"].stacks["analytics"].resources.iter();
    resources
        .filter(|(_, resource)| resource.heat_type == "OS::Nova::Server")
        .map(|(name, resource)| (name.clone(), resource.physical_id.clone()))
        .collect()
}

fn phases(events: &Events, group: &str, index: u32) -> Vec<Phase> {
    let wanted = node(group, index);
    let phases = events.iter().filter_map(|(_, event)| match event {
        Event::NodePhase { address, phase, .. } if *address == wanted => Some(*phase),
        _ => None,
    });
    phases.collect()
}

#[tokio::test]
async fn a_life_after_which_every_plan_is_empty() {
    let bench = Bench::new(0.01).await;
    let (state, events) = bench.converge(2, State::new(LINEAGE)).await;
    let life = [Phase::Building, Phase::Booting, Phase::Configuring, Phase::Ready];
    assert_eq!(phases(&events, "slaves", 1), life);
    let known = apply::known(&state, &bench.look().await);
    let master = &known["analytics"].nodes["master"][&0];
    assert!(master.id.is_some() && master.floating_ip.is_some() && master.address.is_some());
    let before = servers(&state);
    assert_eq!(before.len(), 3);

    let (state, events) = bench.converge(4, state).await;
    let grown = servers(&state);
    assert_eq!(grown.len(), 5);
    assert!(before.iter().all(|(name, id)| grown[name] == *id), "nobody was replaced");
    assert_eq!(phases(&events, "slaves", 0), [], "nobody was even touched");

    let plan = bench.plan(4, 2, &state).await;
    let (outcome, events) = bench.carry_out(&plan, state, &mut Vec::new()).await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
    assert_eq!(phases(&events, "slaves", 0), [Phase::Configuring, Phase::Ready]);
    assert_eq!(servers(&outcome.state), grown);

    let (state, events) = bench.converge(3, outcome.state).await;
    assert_eq!(phases(&events, "slaves", 3).last(), Some(&Phase::Deleted));
    assert_eq!(servers(&state).len(), 4);

    let state = bench.destroy(state).await;
    assert!(state.clusters.is_empty());
}

#[tokio::test]
async fn a_failed_node_is_named_and_the_next_apply_continues() {
    let bench = Bench::new(0.0).await;
    let reason = "Deployment to server failed: deploy_status_code: Deployment exited with non-zero status code: 1";
    bench.engine().inject(format!("resource slaves-1-deployment: {reason}").parse().unwrap());
    let state = State::new(LINEAGE);
    let plan = bench.plan(2, 1, &state).await;
    let (outcome, _) = bench.carry_out(&plan, state, &mut Vec::new()).await;
    let End::Failed(errors) = &outcome.end else { panic!("{:?}", outcome.end) };
    let [ApplyError::Step(failure)] = errors.as_slice() else { panic!("{:?}", outcome.end) };
    let culprit = failure.culprit.as_ref().unwrap();
    assert_eq!(culprit.address, node("slaves", 1));
    assert!(culprit.origin.is_some(), "the line that asked for it");
    assert_eq!(failure.status.to_string(), "CREATE_FAILED");
    let (state, _) = bench.converge(2, outcome.state).await;
    assert_eq!(servers(&state).len(), 3);
    assert!(bench.destroy(state).await.clusters.is_empty());
}

/// The future is dropped after a while: as a killed client, with an engine that goes on.
#[tokio::test]
async fn dropped_anywhere_the_next_run_converges() {
    for patience in [0, 1, 3, 10, 30, 60] {
        let bench = Bench::new(0.002).await;
        let mut journal = Vec::new();
        let state = State::new(LINEAGE);
        let plan = bench.plan(2, 1, &state).await;
        let patience = Duration::from_millis(patience);
        let finished = tokio::time::timeout(patience, bench.carry_out(&plan, state, &mut journal)).await;
        drop(finished);
        let state = journal.last().cloned().unwrap_or_else(|| State::new(LINEAGE));
        let (state, _) = bench.converge(2, state).await;
        assert_eq!(servers(&state).len(), 3);
        let mut journal = vec![state.clone()];
        let plan = plan::destroy(&state, &bench.look().await);
        drop(tokio::time::timeout(patience, bench.carry_out(&plan, state, &mut journal)).await);
        let state = journal.pop().unwrap();
        assert!(bench.destroy(state).await.clusters.is_empty());
    }
}

/// Client and engine die together, as they do in one process.
#[tokio::test]
async fn killed_with_its_engine_the_next_run_converges() {
    let mut bench = Bench::new(0.002).await;
    let mut state = State::new(LINEAGE);
    for (round, patience) in [2, 8, 20, 40].into_iter().enumerate() {
        let slaves = u32::try_from(round).unwrap() + 1;
        state = bench.resume(state).await;
        let plan = bench.plan(slaves, 1, &state).await;
        let mut journal = vec![state.clone()];
        let cut = tokio::time::timeout(Duration::from_millis(patience), bench.carry_out(&plan, state, &mut journal));
        drop(cut.await);
        state = journal.pop().unwrap();
        bench.restart().await;
    }
    let (state, _) = bench.converge(2, state).await;
    assert_eq!(servers(&state).len(), 3);
    bench.restart().await;
    assert!(bench.destroy(state).await.clusters.is_empty());
}

#[tokio::test]
async fn an_interrupted_apply_is_watched_again() {
    let bench = Bench::new(0.01).await;
    let state = State::new(LINEAGE);
    let plan = bench.plan(2, 1, &state).await;
    let (interrupter, interrupt) = Interrupt::new();
    let (mut journal, mut events) = (Vec::<State>::new(), Events::new());
    let options = Options { interrupt, ..Options::default() };
    let apply = apply::apply(
        &plan,
        state,
        OperationContext {
            cloud: &bench.cloud,
            journal: &mut journal,
            clock: &WallClock,
            observer: &mut events,
            options,
        },
    );
    let (outcome, ()) = tokio::join!(apply, async {
        tokio::time::sleep(Duration::from_millis(40)).await;
        interrupter.interrupt();
    });
    assert!(matches!(outcome.end, End::Detached), "{:?}", outcome.end);
    let (state, _) = bench.converge(2, outcome.state).await;
    assert_eq!(servers(&state).len(), 3);
}

/// Two hundred nodes: a handful of questions, none of them a node's own.
#[tokio::test]
async fn many_nodes_cost_no_call_each() {
    let bench = Bench::new(0.0).await;
    let state = State::new(LINEAGE);
    let plan = bench.plan(200, 1, &state).await;
    let mut journal = Vec::new();
    let (outcome, events) = bench.carry_out(&plan, state, &mut journal).await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
    let ready = |event: &Event| matches!(event, Event::NodePhase { phase: Phase::Ready, .. });
    assert_eq!(events.iter().filter(|(_, event)| ready(event)).count(), 201);
    let titles: Vec<&str> = plan.steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(titles, ["create analytics", "create analytics.shard-1", "verify"]);
    // Steps side by side share some of them.
    assert!(journal.len() <= 8, "a state is written a constant number of times a step, not {} times", journal.len());
}

/// Stacks beside the base need its network, not its master; only where Heat would delete the base again do they wait for it.
#[tokio::test]
async fn stacks_beside_the_base_begin_while_its_master_boots() {
    for rollback in [false, true] {
        let bench = Bench::new(0.02).await;
        let state = State::new(LINEAGE);
        let mut plan = bench.plan(40, 1, &state).await;
        plan.steps.iter_mut().for_each(|step| step.rollback = rollback);
        let (outcome, events) = bench.carry_out(&plan, state, &mut Vec::new()).await;
        assert!(outcome.is_done(), "{:?}", outcome.end);
        let at = |found: &dyn Fn(&Event) -> bool| events.iter().position(|(_, event)| found(event)).unwrap();
        let begins = at(&|event| matches!(event, Event::StepStarted { number: 2, .. }));
        let base_ends = at(&|event| matches!(event, Event::StepEnded { number: 1, .. }));
        let network = at(
            &|event| matches!(event, Event::ResourceStatus { resource, status, .. } if resource == "network" && status.is_complete()),
        );
        assert!(network < begins, "what it needs is there first");
        assert_eq!(begins < base_ends, !rollback, "rollback: {rollback}");
    }
}

/// The same client and the same engine, with a port between them.
#[tokio::test]
async fn over_the_network_it_is_the_same() {
    let mut bench = Bench::new(0.0).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = bench.engine().router();
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let known = bench.engine().credentials();
    let auth_url = format!("http://127.0.0.1:{port}{}", known.auth_path);
    let credentials = CloudConfig::password(auth_url, known.username, known.password, known.project_name);
    bench.cloud = Cloud::connect(Transport::network(&Certificates::default()).unwrap(), credentials).await.unwrap();
    let (state, _) = bench.converge(2, State::new(LINEAGE)).await;
    assert_eq!(servers(&state).len(), 3);
    assert!(bench.destroy(state).await.clusters.is_empty());
    server.abort();
}

/// Half a minute goes by between two looks at it.
struct HurriedClock(std::sync::atomic::AtomicI64);

impl Clock for HurriedClock {
    fn now(&self) -> jiff::Timestamp {
        let seconds = self.0.fetch_add(30, std::sync::atomic::Ordering::Relaxed);
        jiff::Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }
}

impl Bench {
    async fn carry_out_in_a_hurry(&self, plan: &Plan, state: State) -> Outcome {
        let (mut journal, mut events) = (Vec::<State>::new(), Events::new());
        let clock = HurriedClock(std::sync::atomic::AtomicI64::new(0));
        let (cloud, options) = (&self.cloud, hurried());
        let context = OperationContext { cloud, journal: &mut journal, clock: &clock, observer: &mut events, options };
        apply::apply(plan, state, context).await
    }
}

/// Looks often: the time passes with each look.
fn hurried() -> Options {
    let quick = Duration::from_millis(2);
    Options { pace: Some(Pace { shortest: quick, longest: quick }), ..Options::default() }
}

fn only_failure(outcome: &Outcome) -> &StepFailure {
    let End::Failed(errors) = &outcome.end else { panic!("{:?}", outcome.end) };
    let [ApplyError::Step(failure)] = errors.as_slice() else { panic!("{errors:?}") };
    failure
}

/// A machine that is dead does not hold up its batch for as long as Heat would wait.
#[tokio::test]
async fn a_node_that_does_not_answer_is_given_up_and_named() {
    let bench = Bench::new(0.0).await;
    let (state, _) = bench.converge(3, State::new(LINEAGE)).await;
    let mut plan = bench.plan(3, 2, &state).await;
    plan.steps[0].deadline_minutes = Some(5);
    bench.engine().inject("node analytics-slaves-1: silent".parse().unwrap());
    let outcome = bench.carry_out_in_a_hurry(&plan, state).await;
    let failure = only_failure(&outcome);
    let culprit = failure.culprit.as_ref().unwrap();
    assert_eq!(culprit.address, node("slaves", 1));
    assert_eq!(culprit.reason, "did not answer within 5 min");
    // The others were done meanwhile, and the next run needs no more than that one.
    bench.engine().inject("node analytics-slaves-1: speaks".parse().unwrap());
    let plan = bench.plan(3, 2, &outcome.state).await;
    let nodes: Vec<_> = plan.changes.iter().filter(|change| matches!(change.address, Address::Node(..))).collect();
    assert_eq!(nodes.iter().map(|change| &change.address).collect::<Vec<_>>(), [&node("slaves", 1)]);
    let (outcome, _) = bench.carry_out(&plan, outcome.state, &mut Vec::new()).await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
    assert!(bench.plan(3, 2, &outcome.state).await.is_empty());
}

/// A creation and a growth end at the cluster's own timeout, with the name of who was waited for; the others are done.
#[tokio::test]
async fn a_node_that_never_answers_ends_a_creation_and_a_growth() {
    for (before, rollback, status) in [
        (None, false, "CREATE_FAILED"),
        (None, true, "ROLLBACK_COMPLETE"),
        (Some(2), false, "UPDATE_FAILED"),
        (Some(2), true, "ROLLBACK_COMPLETE"),
    ] {
        let bench = Bench::new(0.0).await;
        let state = match before {
            Some(slaves) => bench.converge(slaves, State::new(LINEAGE)).await.0,
            None => State::new(LINEAGE),
        };
        bench.engine().inject("node analytics-slaves-2: silent".parse().unwrap());
        let mut plan = bench.plan(4, 1, &state).await;
        assert!(plan.steps.iter().all(|step| step.deadline_minutes.is_none()), "no batches");
        plan.steps.iter_mut().for_each(|step| step.rollback = rollback);
        let outcome = bench.carry_out_in_a_hurry(&plan, state).await;
        let failure = only_failure(&outcome);
        let culprit = failure.culprit.as_ref().unwrap();
        assert_eq!((culprit.address.clone(), failure.status.to_string().as_str()), (node("slaves", 2), status));
        assert_eq!(culprit.reason, "did not answer within 60 min", "{before:?} {rollback}");
        let help = ApplyError::Step(Box::new(failure.clone())).diagnostic().help.unwrap();
        assert!(help.contains("check that the node runs and reaches Heat, or raise `timeout`"), "{help}");
        assert_eq!(failure.others, [], "the others have answered");
        if rollback {
            // Nothing is left of what was tried, and what was there before is as it was.
            bench.engine().inject("node analytics-slaves-2: speaks".parse().unwrap());
            let (state, _) = bench.converge(before.unwrap_or(4), outcome.state).await;
            assert_eq!(servers(&state).len(), 1 + before.unwrap_or(4) as usize);
        } else {
            let done = &outcome.state.clusters["analytics"].stacks["analytics"].resources;
            assert!(done["slaves-3-deployment"].physical_id.is_some());
            // The machine is as dead as before, and in nobody's way.
            assert!(bench.destroy(outcome.state).await.clusters.is_empty());
        }
    }
}

/// Who watches something again gives its nodes no more time than they had.
struct WatchedAgain {
    bench: Bench,
    /// As it was when nobody watched any more.
    state: State,
    began: jiff::Timestamp,
}

impl WatchedAgain {
    /// Carries a plan out that waits for a node, until that is killed.
    async fn killed(bench: Bench, plan: &Plan, state: State) -> Self {
        let mut journal = Vec::new();
        let killed = tokio::time::timeout(Duration::from_millis(400), bench.carry_out(plan, state, &mut journal)).await;
        assert!(killed.is_err(), "it waits for the node");
        let state = journal.pop().unwrap();
        let (_, _, intent) = state.open_intents().next().unwrap();
        let began = intent.since.parse().unwrap();
        Self { bench, state, began }
    }

    /// Watches it from so many minutes after its beginning on; gives what came of it and how long it took in all, minutes.
    async fn watched_from(self, minute: i64) -> (Bench, Outcome, Events, i64) {
        let Self { bench, state, began } = self;
        let clock = HurriedClock(std::sync::atomic::AtomicI64::new(began.as_second() + minute * 60 - 1_790_000_000));
        let (mut journal, mut events) = (Vec::<State>::new(), Events::new());
        let seen = bench.look().await;
        let (cloud, options) = (&bench.cloud, hurried());
        let context = OperationContext { cloud, journal: &mut journal, clock: &clock, observer: &mut events, options };
        let outcome = apply::resume(state, seen, WaitFor::All, context).await;
        assert!(outcome.is_done(), "the plan that follows knows how to go on: {:?}", outcome.end);
        let took = (clock.0.into_inner() + 1_790_000_000 - began.as_second()) / 60;
        (bench, outcome, events, took)
    }
}

/// Who is said to have failed, and why.
fn failed(events: &Events) -> Vec<(Address, &str)> {
    let failed = events.iter().filter_map(|(_, event)| match event {
        Event::Failed { address: Some(address), reason, .. } => Some((address.clone(), reason.as_str())),
        _ => None,
    });
    failed.collect()
}

#[tokio::test]
async fn a_creation_that_is_watched_again_ends_when_it_would_have() {
    let bench = Bench::new(0.0).await;
    bench.engine().inject("node analytics-slaves-1: silent".parse().unwrap());
    let (plan, state) = (bench.plan(2, 1, &State::new(LINEAGE)).await, State::new(LINEAGE));
    let again = WatchedAgain::killed(bench, &plan, state).await;
    let (bench, outcome, events, took) = again.watched_from(45).await;
    assert_eq!(outcome.seen.stacks["analytics"].status.to_string(), "CREATE_FAILED");
    assert_eq!(failed(&events), [(node("slaves", 1), "did not answer within 60 min")]);
    assert!(took >= 60, "not before its time");
    assert!(bench.destroy(outcome.state).await.clusters.is_empty());
}

/// A batch has its own time, which Heat does not know.
#[tokio::test]
async fn a_batch_that_is_watched_again_ends_when_it_would_have() {
    let bench = Bench::new(0.0).await;
    let (state, _) = bench.converge(2, State::new(LINEAGE)).await;
    let mut plan = bench.plan(2, 2, &state).await;
    plan.steps[0].deadline_minutes = Some(7);
    bench.engine().inject("node analytics-slaves-1: silent".parse().unwrap());
    let again = WatchedAgain::killed(bench, &plan, state).await;
    let (_, outcome, events, took) = again.watched_from(3).await;
    assert_eq!(outcome.seen.stacks["analytics"].status.to_string(), "UPDATE_FAILED");
    assert_eq!(failed(&events), [(node("slaves", 1), "did not answer within 7 min")]);
    assert!((7..20).contains(&took), "{took} min");
}

/// In a rollback nodes are asked, too, and one that never answers does not hold it up for ever.
#[tokio::test]
async fn a_rollback_that_is_watched_again_ends_when_it_would_have() {
    let bench = Bench::new(0.0).await;
    let (state, _) = bench.converge(2, State::new(LINEAGE)).await;
    let mut plan = bench.plan(2, 2, &state).await;
    plan.steps[0].rollback = true;
    bench.engine().inject("node analytics-slaves-0: exits 3: no".parse().unwrap());
    bench.engine().inject("node analytics-slaves-1: silent".parse().unwrap());
    let again = WatchedAgain::killed(bench, &plan, state).await;
    assert_eq!(again.bench.look().await.stacks["analytics"].status.to_string(), "ROLLBACK_IN_PROGRESS");
    let (bench, outcome, events, took) = again.watched_from(45).await;
    assert_eq!(outcome.seen.stacks["analytics"].status.to_string(), "ROLLBACK_FAILED");
    assert!(failed(&events).contains(&(node("slaves", 1), "did not answer within 60 min")), "{:?}", failed(&events));
    // What is left of the update has its time, and then the rollback's own.
    assert!((60..140).contains(&took), "{took} min");
    assert!(bench.destroy(outcome.state).await.clusters.is_empty());
}
