//! A few servers boot at a time, and nobody is changed for the sake of that order.

use crate::support::{Store, TestProject};

/// Resources that the operation has told of, in the order in which they were finished.
fn finished(stdout: &str) -> Vec<String> {
    let messages = stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let complete = messages.filter(|message| {
        message["status"].as_str().is_some_and(|status| status.ends_with("_COMPLETE"))
            && message["resource"].is_string()
    });
    complete.map(|message| message["resource"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn ports_wait_for_servers_of_earlier_nodes() {
    let project = TestProject::lab();
    let template = project.disco("template --var slaves=20").ends_with(0).stdout;
    let port = |index: u32| {
        let from = template.find(&format!("  slaves-{index}-port:")).unwrap();
        template[from..].split("\n  slaves-").next().unwrap().to_owned()
    };
    assert!(!port(7).contains("depends_on"), "{}", port(7));
    assert!(port(8).contains("slaves-0-server") && port(19).contains("slaves-11-server"), "{}", port(19));

    let told = project.disco("apply --auto-approve --json -v --var slaves=20").ends_with(0).stdout;
    let told = finished(&told);
    let at = |name: &str| told.iter().position(|told| told == name).unwrap_or_else(|| panic!("{name}: {told:?}"));
    for index in 8..20 {
        assert!(at(&format!("slaves-{}-server", index - 8)) < at(&format!("slaves-{index}-port")), "{told:?}");
    }
    project.disco("plan --detailed-exitcode --var slaves=20").ends_with(0);
}

#[test]
fn who_is_there_is_left_alone() {
    let project = TestProject::lab();
    project.disco("apply --auto-approve --var slaves=12").ends_with(0);
    for slaves in [14, 9, 13] {
        let words = format!("--var slaves={slaves} --accept-data-loss");
        let told = project.disco(&format!("apply --auto-approve --json -v {words}")).ends_with(0).stdout;
        let told = finished(&told);
        assert!(!told.iter().any(|name| name == "slaves-3-port" || name == "slaves-8-port"), "{told:?}");
        project.disco(&format!("plan --detailed-exitcode {words}")).ends_with(0);
        assert_eq!(Store::read(project.path()).machines(), slaves + 1);
    }
}
