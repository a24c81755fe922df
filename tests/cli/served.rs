//! A served engine outlives the commands that use it.

use crate::support::TestProject;

#[test]
fn commands_find_it_by_themselves_and_it_finds_its_store_again() {
    let project = TestProject::example("hadoop");
    let server = project.serve();
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);
    let second = project.disco("local serve --listen 127.0.0.1:0").ends_with(1);
    assert!(second.stderr.contains("in use") || second.stderr.contains("embedded Heat"), "{}", second.stderr);

    drop(server);
    project.disco("plan -detailed-exitcode").ends_with(0);
    project.disco("destroy -auto-approve").ends_with(0);
}
