//! `kill -9` at random moments of apply and destroy: the next one converges, nothing is there twice, nothing is left.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::support::{Inventory, LAB, Run, TestCloud, TestProject, in_its_words};

/// The cluster, whose name no other test has.
const CLUSTER: &str = "killed";

/// A number of the environment, or the usual one.
fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// Numbers by chance, the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// `DISCO_TEST_KILLS` kills, of which `DISCO_TEST_SEED` says when.
#[test]
fn killed_at_any_moment_it_converges() {
    let cloud = TestCloud::chosen(CLUSTER);
    let kills = number("DISCO_TEST_KILLS", if cloud.is_real() { 3 } else { 6 });
    let mut chance = Chance(number("DISCO_TEST_SEED", 20_261));
    let project = TestProject::lab();
    project.write("main.disco.hcl", &in_its_words(LAB).replace("cluster \"lab\"", &format!("cluster \"{CLUSTER}\"")));
    project.write("cloud.disco.hcl", "provider \"openstack\" {}\n");
    project.write("clouds.yaml", &cloud.settings());
    let before = Inventory::take(&cloud.eyes, CLUSTER);
    let mut lineage = Json::Null;
    let (mut struck, mut open, mut alive) = (0, 0, false);
    let mut length = [if cloud.is_real() { Duration::from_secs(20) } else { Duration::from_millis(900) }; 2];
    let log = |text: String| {
        // Past the test runner, so that somebody who waits for an hour sees what goes on.
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{text}\n"));
    };
    for kill in 0..kills {
        let target = if alive { ["1", "2", "0", "0"][usize::try_from(chance.below(4)).unwrap()] } else { "2" };
        let words = match target {
            "0" => "destroy -auto-approve".to_owned(),
            slaves => format!("apply -auto-approve --accept-data-loss --var slaves={slaves}"),
        };
        let usual = &mut length[usize::from(target == "0")];
        let moment = *usual * u32::try_from(chance.below(1000)).unwrap() / 1000;
        let mut child = project.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moment);
        let ended = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        struck += u32::from(!ended);
        if let Ok(text) = std::fs::read(project.file("disco.state.json")) {
            let state: Json = serde_json::from_slice(&text).expect("the state is torn");
            assert!(lineage.is_null() || lineage == state["lineage"], "the state has lost its lineage");
            lineage = state["lineage"].clone();
            open += u32::from(intent(&state));
        }
        let began = Instant::now();
        let run = project.disco(&words);
        assert_eq!(run.code, 0, "kill {kill}, {moment:?} into `disco {words}`:\n{}{}", run.stdout, run.stderr);
        // As long as it has just taken, so that the next one is hit on its way.
        *usual = began.elapsed().max(Duration::from_millis(500));
        judge(&project, &cloud, &before, target, &run);
        alive = target != "0";
        log(format!(
            "kill {} of {kills}: `{words}` after {:.1} s: converged in {:.1} s",
            kill + 1,
            moment.as_secs_f64(),
            began.elapsed().as_secs_f64()
        ));
    }
    let run = project.disco("destroy -auto-approve").ends_with(0);
    judge(&project, &cloud, &before, "0", &run);
    log(format!(
        "{kills} kills: {struck} hit a running command, {open} left an open intent; all converged, nothing twice, nothing left"
    ));
    assert!(kills < 5 || struck > 0, "no kill came in time");
}

fn intent(state: &Json) -> bool {
    let clusters = state["clusters"].as_object().into_iter().flatten();
    clusters
        .flat_map(|(_, cluster)| cluster["stacks"].as_object().into_iter().flatten())
        .any(|(_, stack)| !stack["intent"].is_null())
}

/// After what came to its end.
fn judge(project: &TestProject, cloud: &TestCloud, before: &Inventory, target: &str, run: &Run) {
    let now = Inventory::take(&cloud.eyes, CLUSTER);
    if target == "0" {
        assert_eq!(now.beyond(before), [""; 0], "left after destroy:\n{}{}", run.stdout, run.stderr);
        return;
    }
    let servers = now.things.keys().filter(|(kind, _)| *kind == "server").count();
    assert_eq!(servers, 1 + target.parse::<usize>().unwrap(), "{:#?}", now.things);
    assert_eq!(now.faults(before, &project.state()), [""; 0], "{}{}", run.stdout, run.stderr);
    let planned = project.disco(&format!("plan -detailed-exitcode --var slaves={target}"));
    assert_eq!(planned.code, 0, "the plan is not empty:\n{}{}", planned.stdout, planned.stderr);
}
