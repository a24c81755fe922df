//! A served engine outlives the commands that use it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use crate::support::TestProject;

fn serve(project: &TestProject) -> (Child, String) {
    let mut server = project
        .command("local serve --listen 127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (server, line.trim().rsplit(' ').next().unwrap_or_default().to_owned())
}

#[test]
fn commands_find_it_by_themselves_and_it_finds_its_store_again() {
    let project = TestProject::example("hadoop");
    let (mut server, url) = serve(&project);
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);
    let second = project.disco("local serve --listen 127.0.0.1:0").ends_with(1);
    assert!(second.stderr.contains("in use") || second.stderr.contains("embedded Heat"), "{}", second.stderr);

    server.kill().unwrap();
    server.wait().unwrap();
    project.disco("plan -detailed-exitcode").ends_with(0);
    project.disco("destroy -auto-approve").ends_with(0);
}
