//! How long steps are expected to take: as long as they took on this cloud before, and nothing where that is not known.

use crate::support::{Run, TestProject};

/// What is said of the first step.
fn first_step(run: &Run) -> String {
    let line = run.stderr.lines().find(|line| line.contains("step 1 of 1: ")).unwrap();
    line.split_once("] ").unwrap().1.to_owned()
}

/// The seconds of all that a project has taken note of become a hundred times as many: a simulated cloud is quick.
fn slower(project: &TestProject) {
    let mut times: serde_json::Value = serde_json::from_str(&project.read(".disco/times.json")).unwrap();
    for sizes in times["clouds"]["local"].as_object_mut().unwrap().values_mut() {
        for seconds in sizes.as_object_mut().unwrap().values_mut() {
            *seconds = 75.into();
        }
    }
    project.write(".disco/times.json", &times.to_string());
}

#[test]
fn a_step_takes_as_long_as_one_like_it_took_before() {
    let project = TestProject::lab();
    let apply = |words: &str| project.disco(&format!("apply -auto-approve --accept-data-loss {words}")).ends_with(0);
    assert_eq!(first_step(&apply("")), "step 1 of 1: create lab (stack lab)", "nothing is known");
    assert_eq!(first_step(&apply("--var slaves=2")), "step 1 of 1: grow: slaves[1] (stack lab)");
    slower(&project);
    assert_eq!(
        first_step(&apply("--var slaves=3")),
        "step 1 of 1: grow: slaves[2] (stack lab), about 1m 15s as before"
    );
    // It took no time, which is not worth a word; nor is what is known of one node said of four.
    assert_eq!(first_step(&apply("--var slaves=4")), "step 1 of 1: grow: slaves[3] (stack lab)");
    slower(&project);
    assert_eq!(first_step(&apply("--var slaves=8")), "step 1 of 1: grow: slaves[4..7] (stack lab)");
    slower(&project);
    let destroy = project.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(first_step(&destroy), "step 1 of 1: delete lab (stack lab)");
    // The next one like the first.
    let again = project.disco("apply -auto-approve --json").ends_with(0);
    let started = again.stdout.lines().find(|line| line.contains("step_start")).unwrap();
    assert!(started.contains("\"expected_seconds\":75"), "{started}");
    // Whatever somebody makes of the file: it is only a convenience.
    project.write(".disco/times.json", "{\"clouds\": 7}");
    let suspend = project.disco("suspend").ends_with(0);
    assert_eq!(first_step(&suspend), "step 1 of 1: suspend lab (stack lab)");
    assert!(project.read(".disco/times.json").contains("\"suspend\""));
}
