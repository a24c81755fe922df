//! What a command says, without what is different in every run.

use std::path::Path;

/// What a command said, as a story tells it. `whole` keeps the plan.
pub(super) fn told(said: &str, folder: &Path, whole: bool) -> String {
    let said = said.replace(&folder.display().to_string(), "PROJECT");
    let mut lines: Vec<String> = Vec::new();
    let (mut in_plan, mut in_warning) = (false, false);
    for line in unwrapped(&said).lines() {
        let line = line.trim_end();
        let line = &without_cloud(line);
        // The embedded Heat needs no way out of the cluster's network.
        in_warning |= line == "disco::no_way_out";
        if in_warning {
            in_warning = !line.trim_start().starts_with("help: ");
            continue;
        }
        in_plan |= line.starts_with("Planned against");
        let ends_plan = line.starts_with("Plan: ") || line.starts_with("No changes.");
        if in_plan && !whole && !ends_plan {
            continue;
        }
        in_plan &= !ends_plan;
        let line = without_clock(line);
        if is_chance(line) || (line.is_empty() && lines.last().is_none_or(String::is_empty)) {
            continue;
        }
        lines.push(plain(line));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// Sentences that were broken at the terminal's width, in one piece again.
fn unwrapped(said: &str) -> String {
    said.replace("-\n  │ ", "-").replace("/\n  │ ", "/").replace("\n  │ ", " ")
}

/// The first line of a plan or of what `show` shows without the name of its cloud: stories are told on several.
fn without_cloud(line: &str) -> String {
    if let Some((_, rest)) = line.strip_prefix("On ").and_then(|rest| rest.split_once(" as last applied")) {
        return format!("On the cloud as last applied{rest}");
    }
    match line.strip_prefix("Planned against ").and_then(|rest| rest.split_once(" as it is now")) {
        Some((_, rest)) => format!("Planned against the cloud as it is now{rest}"),
        None => line.to_owned(),
    }
}

/// `[0:04] ` at the beginning.
fn without_clock(line: &str) -> &str {
    let clock = |line: &str| line.starts_with('[') && line[1..].starts_with(|first: char| first.is_ascii_digit());
    if clock(line) { line.split_once("] ").map_or(line, |(_, rest)| rest) } else { line }
}

/// What nodes go through while all is well.
fn is_chance(line: &str) -> bool {
    let Some((address, phase)) = line.split_once(": ") else { return false };
    let phases = [
        "building",
        "booting",
        "configuring",
        "changing",
        "deleting",
        "unmounted",
        "ready",
        "deleted",
        "suspending",
        "suspended",
        "resuming",
        "resumed",
    ];
    let word = phase.split(' ').next().unwrap_or_default();
    address.starts_with("cluster.") && address.ends_with(']') && phases.contains(&word)
}

/// Ids, times, ports and the machine's own words for a broken connection are not told.
fn plain(line: &str) -> String {
    let line = without_host(&without_user(line));
    let mut out = String::new();
    let mut rest = line.as_str();
    while !rest.is_empty() {
        let word = rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len());
        let word = rest[..word].trim_end_matches([':', '.']).len();
        if word == 0 {
            let next = rest.chars().next().map_or(rest.len(), char::len_utf8);
            out.push_str(&rest[..next]);
            rest = &rest[next..];
        } else {
            out.push_str(&plain_word(&rest[..word]));
            rest = &rest[word..];
        }
    }
    for (before, told) in [(" did not answer: ", " did not answer"), (" cannot be reached: ", " cannot be reached")] {
        if let Some(at) = out.find(before) {
            out.replace_range(at.., told);
        }
    }
    spans(&out)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || "-:.".contains(c)
}

/// Who signs in.
fn without_user(line: &str) -> String {
    let Some((before, (_, after))) =
        line.split_once(" with user `").and_then(|(before, rest)| Some((before, rest.split_once('`')?)))
    else {
        return line.to_owned();
    };
    format!("{before} with user `USER`{after}")
}

/// An address of the engine, wherever it is.
fn without_host(line: &str) -> String {
    let mut parts = line.split("http://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let host = part.find(|c: char| !c.is_alphanumeric() && !".:-".contains(c)).unwrap_or(part.len());
        out.push_str("http://HEAT");
        // Behind the tests' proxy the embedded engine's Keystone has the service's name twice.
        let path = &part[host..];
        out.push_str(path.strip_prefix("/identity").filter(|path| path.starts_with("/identity")).unwrap_or(path));
    }
    out
}

fn plain_word(word: &str) -> String {
    let is = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
                b'x' => byte.is_ascii_hexdigit(),
                b'0' => byte.is_ascii_digit(),
                _ => byte == wanted,
            })
    };
    if is(word, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") || is(word, &"x".repeat(32)) {
        return "ID".to_owned();
    }
    if word.get(..19).is_some_and(|time| is(time, "0000-00-00T00:00:00")) {
        return "TIME".to_owned();
    }
    if is(word, "00000000-00000000T000000.json") {
        return "GENERATION.json".to_owned();
    }
    word.to_owned()
}

/// `after 0.3s`, `(0.3 s)`, `on host-7, process 4711`
fn spans(line: &str) -> String {
    // `after 1m 10s`, `(1 min 10 s)`: a real cloud takes longer.
    let long = |pattern: &str| regex_lite::Regex::new(pattern).unwrap();
    let out = long("after (?:[0-9]+h )?[0-9]+m [0-9]+s").replace_all(line, "after 1s");
    let out = long(r"\((?:[0-9]+ h )?[0-9]+ min [0-9]+ s").replace_all(&out, "(1 s");
    // Expected only of what has taken some time before.
    let mut out = long(", about [0-9][0-9hms ]* as before").replace_all(&out, "").into_owned();
    if let Some(comma) = out.find(", process ")
        && let Some(host) = out[..comma].rfind(" on ")
    {
        out.replace_range(host + " on ".len()..comma, "HOST");
    }
    for (before, unit) in [(" after ", "s"), (" (", " s)"), ("process ", "")] {
        let mut from = 0;
        while let Some(at) = out[from..].find(before).map(|at| from + at + before.len()) {
            let number = out[at..].find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(out.len() - at);
            let ends = out[at + number..].starts_with(unit);
            if number > 0 && ends {
                let told = if unit.is_empty() {
                    "PID".to_owned()
                } else {
                    format!("TIME{}", unit.trim_start_matches([' ', 's']))
                };
                out.replace_range(at..at + number + unit.len(), &told);
            }
            from = at;
        }
    }
    out
}

#[test]
fn what_differs_is_not_told() {
    let told = |line: &str| told(line, Path::new("/tmp/x"), false);
    assert_eq!(told("[0:12] step 1 done after 0.3s: create lab"), "step 1 done after TIME: create lab\n");
    assert_eq!(told("Apply complete! Resources: 6 added. (0.1 s)"), "Apply complete! Resources: 6 added. (TIME)\n");
    assert_eq!(told("[1:12] step 1 done after 1m 10s: create lab"), "step 1 done after TIME: create lab\n");
    assert_eq!(told("Apply complete! (1 min 10 s)"), "Apply complete! (TIME)\n");
    assert_eq!(told("[1:12] step 1 of 2: grow: slaves[2], about 1m 30s as before"), "step 1 of 2: grow: slaves[2]\n");
    assert_eq!(told("because signing in with user `eve` failed"), "because signing in with user `USER` failed\n");
    assert_eq!(told("[0:00] cluster.lab.slaves[0]: ready after 0.2s"), "");
    assert_eq!(
        told("stack be4ff035-c5f4-41ba-9e1b-f643fb150c1e since 2026-11-25T20:48:12.1Z: it"),
        "stack ID since TIME: it\n"
    );
    assert_eq!(
        told("because http://127.0.0.1:41231/heat/v1/0123456789abcdef0123456789abcdef/stacks did not answer: reset"),
        "because http://HEAT/heat/v1/ID/stacks did not answer\n"
    );
    assert_eq!(
        told("cp ./.disco/states/00000003-20261125T204812.json /tmp/x/a"),
        "cp ./.disco/states/GENERATION.json PROJECT/a\n"
    );
}
