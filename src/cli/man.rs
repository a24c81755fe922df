//! The manual pages of `docs/man`, made from the commands as they are.
//!
//! `INSTA_UPDATE=always cargo test --lib man` writes them anew, as it does snapshots.
#![expect(clippy::disallowed_methods, reason = "the pages are files of this repository")]

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::{CommandLine, examples};

/// Lines as they stand, where a page may not take a sign for its own.
fn verbatim(lines: &[&str]) -> String {
    let escaped = |line: &&str| {
        let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('~', "\\(ti");
        format!("    {line}\n")
    };
    lines.iter().map(escaped).collect()
}

/// The page of a command, and those of all below it.
fn pages(command: &Command, path: &str, all: &mut BTreeMap<String, String>) {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let mut page = Vec::new();
    let version = format!("disco {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).title(name.to_uppercase()).source(version).manual("DISCO").date("");
    man.render_title(&mut page).unwrap();
    man.render_name_section(&mut page).unwrap();
    man.render_synopsis_section(&mut page).unwrap();
    man.render_description_section(&mut page).unwrap();
    man.render_options_section(&mut page).unwrap();
    if command.get_subcommands().any(|inner| !inner.is_hide_set()) {
        man.render_subcommands_section(&mut page).unwrap();
    }
    let mut page = String::from_utf8(page).unwrap();
    page.extend([".SH EXAMPLES\n.nf\n", &verbatim(examples::of(path)), ".fi\n"]);
    all.insert(format!("{name}.1"), page);
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help") {
        pages(inner, format!("{path} {}", inner.get_name()).trim_start(), all);
    }
}

#[test]
fn the_manual_is_that_of_the_commands() {
    let mut command = CommandLine::command();
    command.build();
    let mut all = BTreeMap::new();
    pages(&command, "", &mut all);
    assert!(all.contains_key("disco.1") && all.contains_key("disco-state-list.1"), "{:?}", all.keys());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man");
    let write = std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    if write {
        std::fs::create_dir_all(&folder).unwrap();
    }
    let names = || std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    if write {
        names()
            .filter(|name| !all.contains_key(name))
            .for_each(|name| std::fs::remove_file(folder.join(name)).unwrap());
    }
    for (name, now) in &all {
        let path = folder.join(name);
        if write {
            std::fs::write(&path, now).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == *now, "docs/man/{name} is stale: INSTA_UPDATE=always cargo test --lib man");
    }
    let mut kept: Vec<String> = names().collect();
    kept.sort();
    assert_eq!(kept, all.into_keys().collect::<Vec<_>>(), "every file of docs/man is the page of a command");
}
