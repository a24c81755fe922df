//! A clock that goes backwards: nothing takes less than no time, and nothing stops.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use disco::apply::{self, Clock, Event, OperationContext, Options, Pace};
use disco::plan::Plan;
use disco::state::State;

use super::little_heat::LittleHeat;
use super::plans;

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
