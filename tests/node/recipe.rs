//! What a recipe puts into an image is what the node agent looks for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use disco::catalogue::Archive;
use disco::node::Recipe;

/// A recipe of one archive, at an address that has it after one that has not.
fn of_archive(place: &std::path::Path, sha512: Option<String>, sha512_url: Option<String>) -> Recipe {
    let url = |name: &str| format!("file://{}", place.join(name).display());
    let directory = place.join("opt/it's 1").display().to_string();
    let archive = Archive {
        name: "it's".to_owned(),
        version: "1.0".to_owned(),
        urls: vec![url("absent.tar.gz"), url("a.tar.gz")],
        sha512,
        sha512_url,
        directory: directory.clone(),
        ..Archive::default()
    };
    Recipe { packages: BTreeSet::new(), archives: BTreeMap::from([(directory, archive)]) }
}

fn run(recipe: &Recipe) -> (bool, String) {
    let done = Command::new("sh").args(["-c", &recipe.commands()]).output().expect("sh");
    (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
}

#[test]
fn an_archive_lies_where_the_agent_looks_for_it() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("a-1/bin")).unwrap();
    fs::write(place.path().join("a-1/bin/a"), "#!/bin/sh\n").unwrap();
    let packed = Command::new("tar").args(["-czf", "a.tar.gz", "a-1"]).current_dir(place.path()).status().unwrap();
    assert!(packed.success());
    let summed = Command::new("sha512sum").arg("a.tar.gz").current_dir(place.path()).output().unwrap();
    let line = String::from_utf8(summed.stdout).unwrap();
    let digest = line.split_whitespace().next().unwrap().to_owned();
    fs::write(place.path().join("bsd"), format!("SHA512 (a.tar.gz) = {digest}\n")).unwrap();
    let published = format!("file://{}", place.path().join("bsd").display());
    for recipe in
        [of_archive(place.path(), Some(digest.clone()), None), of_archive(place.path(), None, Some(published))]
    {
        let (well, said) = run(&recipe);
        assert!(well, "{said}");
        let folder = place.path().join("opt/it's 1");
        assert!(folder.join("bin/a").exists(), "without the archive's own first folder");
        // The agent fetches an archive unless these two lines say that it is there.
        assert_eq!(fs::read_to_string(folder.join(".disco-archive")).unwrap(), format!("it's 1.0\n{digest}\n"));
    }
    let (well, said) = run(&of_archive(place.path(), Some("ab".repeat(64)), None));
    assert!(!well);
    assert!(said.contains(&format!("its SHA-512 is {digest}, expected abab")), "{said}");
}

#[test]
fn a_publisher_may_serve_a_shorter_digest() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("a-1")).unwrap();
    let shell = "tar -czf a.tar.gz a-1 && sha256sum a.tar.gz > short";
    assert!(Command::new("sh").args(["-c", shell]).current_dir(place.path()).status().unwrap().success());
    let mut recipe = of_archive(place.path(), None, None);
    for archive in recipe.archives.values_mut() {
        archive.sha256_url = Some(format!("file://{}", place.path().join("short").display()));
    }
    let (well, said) = run(&recipe);
    assert!(well, "{said}");
    fs::write(place.path().join("short"), format!("{}  a.tar.gz\n", "ab".repeat(32))).unwrap();
    let (well, said) = run(&recipe);
    assert!(!well && said.contains("its SHA-256 is ") && said.contains(", expected abab"), "{said}");
}

#[test]
fn both_recipes_run_the_same_commands() {
    let packages = BTreeSet::from(["openjdk-17-jre-headless".to_owned(), "odd name".to_owned()]);
    let recipe = Recipe { packages, ..Recipe::default() };
    let commands = recipe.commands();
    assert!(commands.contains("apt-get install -y --no-install-recommends 'odd name' openjdk-17-jre-headless\n"));
    assert!(recipe.script().contains(&commands));
    let dockerfile = recipe.dockerfile("localhost/base:1");
    assert!(dockerfile.starts_with("FROM localhost/base:1\n"), "{dockerfile}");
    let packed = dockerfile.lines().last().unwrap().split(' ').nth(2).unwrap();
    let unpacked = Command::new("sh").args(["-c", &format!("echo {packed} | base64 -d")]).output().unwrap();
    assert_eq!(String::from_utf8(unpacked.stdout).unwrap(), commands);
    assert!(Recipe::default().is_empty());
}
