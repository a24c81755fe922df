//! A clock that goes backwards: nothing takes less than no time, and nothing stops.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use disco::apply::{self, Clock, Event, NoObserver, OperationContext, Options, Pace, WaitFor};
use disco::heat::{self, Cloud, wire};
use disco::plan::Plan;
use disco::state::{State, lineage_tag};
use disco::template::Folded;

use super::little_heat::LittleHeat;
use super::plans::{self, LINEAGE};

type Step = fn(&State) -> Plan;

/// Each look at it shows an hour earlier.
#[derive(Default)]
struct Backwards(AtomicI64);

impl Clock for Backwards {
    fn now(&self) -> jiff::Timestamp {
        let hours = self.0.fetch_add(1, Ordering::SeqCst);
        jiff::Timestamp::from_second(1_790_000_000 - hours * 3_600).unwrap()
    }
}

#[tokio::test]
async fn a_life_while_the_clock_goes_backwards() {
    let heat = LittleHeat::default();
    let (cloud, _) = heat.cloud().await;
    let clock = Backwards::default();
    let quick = Duration::from_millis(1);
    let options = || Options { pace: Some(Pace { shortest: quick, longest: quick }), ..Options::default() };
    let mut state = plans::state();
    let steps: [(Step, u64); 3] =
        [(|state| plans::create(state, 2), 1), (|state| plans::update(state, 3, "two"), 2), (plans::destroy, 3)];
    for (plan, serial) in steps {
        let mut events: Vec<(Duration, Event)> = Vec::new();
        let plan = plan(&state);
        let outcome = apply::apply(
            &plan,
            state,
            OperationContext {
                cloud: &cloud,
                journal: &mut Vec::<State>::new(),
                clock: &clock,
                observer: &mut events,
                options: options(),
            },
        )
        .await;
        assert!(outcome.is_done(), "{:?}", outcome.end);
        assert_eq!(outcome.took, Duration::ZERO);
        assert!(!events.is_empty());
        for (at, event) in &events {
            assert_eq!(*at, Duration::ZERO, "{event:?}");
            let took = match event {
                Event::StepEnded { took, .. } => *took,
                Event::NodePhase { after, .. } => *after,
                _ => Duration::ZERO,
            };
            assert_eq!(took, Duration::ZERO, "{event:?}");
        }
        state = outcome.state;
        assert_eq!(state.serial, serial, "operations are in the order of their serials, whatever the clock says");
    }
    assert!(state.clusters.is_empty());
}

const QUICK: Duration = Duration::from_millis(5);

/// It stands still.
struct Standing;

impl Clock for Standing {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(1_790_000_000).unwrap()
    }
}

/// A process is killed while its request is on the way to Heat: the next one finds nothing at first, and must neither
/// believe that nothing is coming nor ask for the same again.
#[tokio::test]
async fn a_request_outlives_the_process_that_sent_it() {
    fn context<'a>(
        cloud: &'a Cloud,
        journal: &'a mut Vec<State>,
        observer: &'a mut NoObserver,
    ) -> OperationContext<'a> {
        let options = Options { pace: Some(Pace { shortest: QUICK, longest: QUICK }), ..Options::default() };
        OperationContext { cloud, journal, clock: &Standing, observer, options }
    }
    let heat = LittleHeat::default();
    let (cloud, _) = heat.cloud().await;
    let look = async |cloud: &Cloud| heat::observe(cloud, &lineage_tag(LINEAGE), &[]).await.unwrap();
    let state = plans::state();
    let (mut journal, mut observer) = (Vec::new(), NoObserver);
    heat.world.lock().unwrap().lose_requests = 9;
    let plan = plans::create(&state, 2);
    apply::apply(&plan, state, context(&cloud, &mut journal, &mut observer)).await;
    heat.world.lock().unwrap().lose_requests = 0;
    let killed = journal.into_iter().find(|state| state.open_intents().next().is_some()).unwrap();

    let template = Folded::of(&plans::template(2, "one"));
    let arrives = wire::CreateStack {
        stack_name: "analytics".to_owned(),
        template: &template,
        parameters: wire::parameters(&[].into()),
        timeout_mins: Some(60),
        disable_rollback: Some(true),
        tags: Some(lineage_tag(LINEAGE)),
    };
    let before = look(&cloud).await;
    let mut journal = Vec::new();
    let (resumed, _) = tokio::join!(
        apply::resume(killed.clone(), before, WaitFor::All, context(&cloud, &mut journal, &mut observer)),
        async {
            tokio::time::sleep(QUICK * 6).await;
            cloud.create_stack(&arrives).await.unwrap()
        }
    );
    assert!(resumed.is_done(), "{:?}", resumed.end);
    let record = &resumed.state.clusters["analytics"].stacks["analytics"];
    assert!(record.intent.is_none() && record.id.is_some(), "{record:?}");

    // A plan decides nothing in that moment, and waits for nothing.
    let (cloud, _) = LittleHeat::default().cloud().await;
    let nothing = look(&cloud).await;
    let mut journal = Vec::new();
    let looked =
        apply::resume(killed.clone(), nothing, WaitFor::Nothing, context(&cloud, &mut journal, &mut observer)).await;
    assert_eq!(looked.state, killed);
}
