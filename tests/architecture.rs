//! The house as a test: which rooms there are, which may use which, and what the pure ones must not touch.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms in reading order: a room may use only rooms above it.
const ROOMS: &[&str] = &[
    "source",
    "syntax",
    "expression",
    "model",
    "catalogue",
    "language",
    "review",
    "node",
    "graph",
    "template",
    "state",
    "plan",
    "suggest",
    "heat",
    "local",
    "apply",
    "report",
    "project",
    "server",
    "lsp",
    "cli",
];

/// Nothing up to and including this room waits, reads or writes.
const LAST_PURE: &str = "suggest";

/// `report` is pure too, although it stands below the line.
const ALSO_PURE: &[&str] = &["report"];

/// What pure rooms must not name, and what they do instead.
const BANNED: &[(&str, &str)] = &[
    ("async fn", "waiting is for the rooms below the line"),
    (".await", "waiting is for the rooms below the line"),
    ("tokio::", "waiting is for the rooms below the line"),
    ("reqwest::", "the network is heat's"),
    ("axum::", "the network is local's and heat's"),
    ("std::fs", "take bytes as an argument"),
    ("std::env::", "take values as an argument"),
    ("std::process", "processes are cli's"),
    ("std::net::Tcp", "the network is heat's"),
    ("SystemTime", "take the clock as an argument"),
    ("Instant::now", "take the clock as an argument"),
    ("Timestamp::now", "take the clock as an argument"),
    ("new_v4", "ids are handed in"),
    ("println!", "words go through report and cli"),
];

/// Exceptions to the order of rooms: `(room, uses, why)`.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// The embedded engine must not know what DISCO predicts, or the predictions would prove themselves.
const LOCAL_MAY_USE: &[&str] = &["source", "heat"];

/// What the embedded engine is built of, in reading order: each may use only what stands before it.
const LOCAL_ORDER: &[&str] = &[
    "packed",
    "refusal",
    "ids",
    "files",
    "schema",
    "function",
    "cloud",
    "entity",
    "clock",
    "status",
    "error",
    "failure",
    "fault",
    "grant",
    "default_rules",
    "prepared",
    "hot",
    "update_rule",
    "tasks",
    "holder",
    "store",
    "world",
    "kept",
    "resource",
    "traversal",
    "validate",
    "node",
    "shared",
    "port",
    "api",
    "engine",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|ending| ending == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn folders(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

/// The code without comments and without its unit tests, which stand at the end of a file.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned();
    text.lines()
        .map(|line| {
            let line = line.trim_start();
            if line.starts_with("//") { "" } else { line }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Rooms that a text names: `crate::room` and `crate::{room, …}`.
fn rooms_used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for character in list.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => word.clear(),
                    _ if depth == 0 && (character.is_alphanumeric() || character == '_') => word.push(character),
                    _ => {
                        if depth == 0 && !word.is_empty() {
                            used.insert(std::mem::take(&mut word));
                        }
                    }
                }
                if depth == 0 && ROOMS.contains(&word.as_str()) {
                    used.insert(word.clone());
                }
            }
        } else {
            used.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    used.retain(|room| ROOMS.contains(&room.as_str()));
    used
}

fn place(room: &str) -> usize {
    ROOMS.iter().position(|known| *known == room).unwrap()
}

#[test]
fn every_room_is_known_and_told_in_order() {
    let known: BTreeSet<String> = ROOMS.iter().map(|room| (*room).to_owned()).collect();
    assert_eq!(folders(&root().join("src")), known, "a folder of src/ is missing in ROOMS, or the other way round");

    let story = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let told: Vec<&str> = story.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(told, ROOMS, "src/lib.rs lists the rooms in reading order");
}

/// What stands in one file alone, and what is used instead. The embedded engine is Heat's side: it has its own words.
fn literals_with_a_home() -> Vec<(&'static str, &'static str, Vec<String>)> {
    let actions = "INIT CREATE UPDATE DELETE ROLLBACK SUSPEND RESUME CHECK SNAPSHOT RESTORE ADOPT SIGNAL";
    let statuses = ["IN_PROGRESS", "COMPLETE", "FAILED"];
    let words = actions.split(' ').flat_map(|action| [format!("\"{action}\""), format!("\"{action}_")]);
    let ends = statuses.iter().flat_map(|status| [format!("\"{status}\""), format!("_{status}\"")]);
    let names = "-server -port -deployment -floating-ip -floating-ip-association -server-group -security-group";
    let starts = "rule- config- verify- user-data-".split(' ').map(|word| format!("\"{word}"));
    let middles = ["-volume-", "-attachment-"].map(str::to_owned);
    let names = names.split(' ').map(|name| format!("{name}\"")).chain(starts).chain(middles);
    vec![
        ("src/model/status.rs", "`Action`, `Status` and `ActionStatus`", words.chain(ends).collect()),
        ("src/model/heat_type.rs", "the constants of `model::heat_type`", vec!["\"OS::".to_owned()]),
        ("src/model/resource_name.rs", "`ResourceName`", names.collect()),
    ]
}

#[test]
fn statuses_types_and_names_of_resources_are_written_in_one_place() {
    let mut found = Vec::new();
    for file in files(&root().join("src"), "rs") {
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        if name.starts_with("src/local/") {
            continue;
        }
        let text = code(&file);
        for (home, instead, literals) in literals_with_a_home() {
            for literal in literals.iter().filter(|literal| name != home && text.contains(literal.as_str())) {
                found.push(format!("{name} has {literal}: use {instead}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Words that people of the field do not use, and what is said instead; the list grows as messages are gone through.
const OLD_WORDS: &[(&str, &str)] = &[
    ("told in ", "defined in"),
    ("taken if nothing", "default"),
    ("what needs what", "what depends on what"),
    ("does not do what it is asked", "failed, timed out"),
    ("dispose", "destroy"),
    ("into a text", "into a string"),
    ("a list of texts", "a list of strings"),
    ("found text ", "found string"),
    ("no variable is called", "variable `x` does not exist"),
    ("nothing is called", "`x` is not defined"),
    ("is not there:", "does not exist:"),
    ("there is no function", "function `x` does not exist"),
    ("there is no type", "type `x` does not exist"),
    ("there is no framework", "framework `x` does not exist"),
    ("this is no ", "not a valid x"),
    ("stands in for", "write `coalesce(…)` instead"),
    ("take it out", "remove it"),
    ("take one of them out", "remove one of them"),
    ("leave it out: ", "remove it: "),
    ("bring what both say", "merge both"),
    ("depend on one another", "depend on each other"),
    ("known here: ", "use `a`, `b` or `c`"),
    ("does not go with", "is not compatible with"),
    ("but must be", "expected"),
    ("means nothing", "has no effect, does not exist"),
    ("written out", "literal"),
    ("made anew", "replaced, created again"),
    (" is no text", "not a string"),
    ("no namespace", "not a namespace"),
    ("goes on with", "continues with"),
    ("fulfil ", "match, satisfy"),
    ("is chosen twice", "is declared twice"),
    ("would be called", "would have the name"),
    ("put that right", "fix that"),
    ("mend the ", "fix the"),
    ("asked for here", "needed here"),
    ("wait for each other", "depend on each other"),
    ("is not there", "does not exist"),
    ("there is no cluster", "cluster `x` does not exist"),
    ("there is no output", "output `x` does not exist"),
    ("is taken for yes", "is accepted"),
    ("exclude each other", "cannot be used together"),
    ("no machine)", "no server"),
    ("the machine's disk", "the server's disk"),
    ("the last word", "may change"),
];

#[test]
fn words_that_are_gone_stay_gone() {
    let mut found = Vec::new();
    let texts = files(&root().join("src"), "rs").into_iter().map(|file| (code(&file), file));
    let seen = files(&root().join("snapshots"), "snap").into_iter();
    let pages = ["README.md", "docs/language.md", "docs/errors.md", "templates/README.md", "tests/changes/plans.txt"];
    let pages = pages.iter().map(|page| root().join(page));
    let seen = seen.chain(pages).map(|file| (fs::read_to_string(&file).unwrap_or_default(), file));
    for (text, file) in texts.chain(seen) {
        for (word, instead) in OLD_WORDS.iter().filter(|(word, _)| text.contains(word)) {
            found.push(format!("{}: `{word}`: say `{instead}`", file.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn tests_and_snapshots_have_the_same_rooms() {
    let mut allowed: BTreeSet<String> = ROOMS.iter().map(|room| (*room).to_owned()).collect();
    allowed.extend(
        [
            "support",
            "changes",
            "scenarios",
            "examples",
            "golden",
            "fuzz",
            "broken",
            "crash",
            "hcldec",
            "openstack",
            "mirror",
            "browser",
        ]
        .map(str::to_owned),
    );
    for folder in ["tests", "snapshots"] {
        let strangers: Vec<_> = folders(&root().join(folder)).difference(&allowed).cloned().collect();
        assert!(strangers.is_empty(), "{folder}/ has folders that are no room: {strangers:?}");
    }
}

/// Whether Cargo is told that a program begins in this file.
fn is_an_example(path: &Path) -> bool {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let path = path.strip_prefix(root()).unwrap().display().to_string();
    manifest.split("[[example]]").skip(1).any(|example| example.contains(&format!("path = \"{path}\"")))
}

#[test]
fn every_test_file_is_compiled() {
    let tests = root().join("tests");
    for path in files(&tests, "rs") {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let folder = path.parent().unwrap();
        let parent = if name == "mod" {
            folder.parent().unwrap().join(if folder.parent().unwrap() == tests { "main.rs" } else { "mod.rs" })
        } else if folder == tests {
            tests.join("main.rs")
        } else {
            folder.join("mod.rs")
        };
        if path == tests.join("main.rs") || is_an_example(&path) {
            continue;
        }
        let module = if name == "mod" { folder.file_name().unwrap().to_str().unwrap() } else { &name };
        let declared = fs::read_to_string(&parent).unwrap_or_default();
        assert!(
            declared.contains(&format!("mod {module};")),
            "{} is never compiled: {} does not declare it",
            path.display(),
            parent.display()
        );
    }
}

#[test]
fn rooms_use_only_rooms_above_them() {
    let mut wrong = Vec::new();
    for room in ROOMS {
        for path in files(&root().join("src").join(room), "rs") {
            for used in rooms_used(&code(&path)) {
                let excused = EXCEPTIONS.iter().any(|(from, to, _)| from == room && *to == used);
                if place(&used) > place(room) && !excused {
                    wrong.push(format!("{} uses {used}, which is below {room}", path.display()));
                }
                if *room == "local" && used != "local" && !LOCAL_MAY_USE.contains(&used.as_str()) {
                    wrong.push(format!("{} uses {used}; the engine may know only {LOCAL_MAY_USE:?}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Modules of `local` that a file of it names: below as many `super` as lead there, or from the crate's root.
fn engine_modules_used(code: &str, depth: usize) -> BTreeSet<String> {
    let up = "super::".repeat(depth);
    let mut used = BTreeSet::new();
    for begin in [up.as_str(), "crate::local::"] {
        for (at, _) in code.match_indices(begin) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|sign| sign == ':' || sign.is_alphanumeric()) {
                continue;
            }
            let rest = &code[at + begin.len()..];
            let names = match rest.strip_prefix('{') {
                Some(list) => list.split('}').next().unwrap_or_default(),
                None => rest.split(|sign: char| !sign.is_alphanumeric() && sign != '_').next().unwrap_or_default(),
            };
            used.extend(names.split(|sign: char| !sign.is_alphanumeric() && sign != '_').map(str::to_owned));
        }
    }
    used
}

#[test]
fn the_engine_is_read_from_the_top() {
    let local = root().join("src/local");
    let place = |module: &str| LOCAL_ORDER.iter().position(|known| *known == module);
    let mut wrong = Vec::new();
    for path in files(&local, "rs") {
        let inner = path.strip_prefix(&local).unwrap();
        let parts: Vec<&str> = inner.iter().map(|part| part.to_str().unwrap()).collect();
        let own = parts[0].trim_end_matches(".rs");
        if own == "mod" {
            continue;
        }
        let Some(here) = place(own) else { panic!("`{own}` of src/local is missing in LOCAL_ORDER") };
        let depth = parts.len() - usize::from(parts.last() == Some(&"mod.rs"));
        for used in engine_modules_used(&code(&path), depth) {
            if used != own && place(&used).is_some_and(|there| there > here) {
                wrong.push(format!("{} uses {used}, which comes after {own}", inner.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_shares_only_wire_types_with_the_client() {
    for path in files(&root().join("src/local"), "rs") {
        let code = code(&path);
        for (at, _) in code.match_indices("heat::") {
            let rest = &code[at + "heat::".len()..];
            assert!(rest.starts_with("wire"), "{} uses heat::{}", path.display(), rest.lines().next().unwrap_or(""));
        }
    }
}

#[test]
fn nothing_above_the_line_touches_the_world() {
    let mut wrong = Vec::new();
    for room in ROOMS.iter().filter(|room| place(room) <= place(LAST_PURE) || ALSO_PURE.contains(room)) {
        for path in files(&root().join("src").join(room), "rs") {
            let code = code(&path);
            for (banned, instead) in BANNED {
                if code.contains(banned) {
                    wrong.push(format!("{} names `{banned}`: {instead}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_syntax_names_the_parser() {
    for room in ROOMS.iter().filter(|room| **room != "syntax") {
        for path in files(&root().join("src").join(room), "rs") {
            assert!(!code(&path).contains("hcl_edit"), "{} names the parser", path.display());
        }
    }
}

#[test]
fn files_can_be_read_in_a_sitting() {
    let long: Vec<String> = files(&root().join("src"), "rs")
        .into_iter()
        .filter_map(|path| {
            let lines = code(&path).lines().count();
            (lines > 500).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "look for the seam:\n{}", long.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_what_is_there() {
    let used = rooms_used("use crate::{source::Span, model::{Address, plan}};\ncrate::state::decode();");
    assert_eq!(used, ["source", "model", "state"].map(str::to_owned).into());
}

/// Every `"disco::word"` in the code of a folder.
fn codes_in(folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in files(&root().join(folder), "rs") {
        if path.ends_with("src/source/codes.rs") {
            continue;
        }
        let code = code(&path);
        for (at, _) in code.match_indices("\"disco::") {
            let word: String = code[at + 1..]
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | ':'))
                .collect();
            found.insert(word);
        }
    }
    found
}

#[test]
fn every_code_of_a_message_is_in_the_one_table() {
    let used = codes_in("src");
    let listed: Vec<String> = disco::source::CODES.iter().map(|(code, _)| (*code).to_owned()).collect();
    let known: BTreeSet<String> = listed.iter().cloned().collect();
    let missing: Vec<_> = used.difference(&known).collect();
    assert!(missing.is_empty(), "src/source/codes.rs does not list {missing:?}");
    let idle: Vec<_> = known.difference(&used).collect();
    assert!(idle.is_empty(), "src/source/codes.rs lists {idle:?}, which nothing uses");
    assert!(listed.is_sorted() && listed.len() == known.len(), "src/source/codes.rs is in the order of the alphabet");
    for (code, meaning) in disco::source::CODES {
        assert!(meaning.ends_with('.') && meaning.len() > 10, "{code}: {meaning}");
    }
}
