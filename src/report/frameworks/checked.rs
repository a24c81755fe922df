//! What a framework puts on machines of one size, as its author wants to see it: everything, group by group.

use std::fmt::Write as _;

use crate::catalogue::{
    ClusterConfiguration, ClusterStep, ConfiguredFile, Content, GroupConfiguration, Probe, ProbeKind, Unit, in_words,
};

/// Everything that the nodes of a cluster get; `machine` says what they are.
pub fn configuration(machine: &str, of: &ClusterConfiguration) -> String {
    let mut text = format!("# {machine}\n");
    for (name, group) in &of.groups {
        let _ = write!(text, "\n## {name}\n\n");
        let own = self::group(group);
        text.push_str(if own.is_empty() { "nothing\n" } else { &own });
    }
    if !of.steps.is_empty() {
        text.push_str("\n## The cluster as a whole, on its first master\n\n");
        of.steps.iter().for_each(|step| text.push_str(&self::step(step)));
    }
    for (setting, value) in &of.fixed {
        let _ = writeln!(text, "fixed at creation: {setting} = {value}");
    }
    text
}

fn group(of: &GroupConfiguration) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    if !of.packages.is_empty() {
        let _ = writeln!(text, "packages: {}", of.packages.join(" "));
    }
    for archive in &of.archives {
        let _ = writeln!(text, "archive: {} {} in {}", archive.name, archive.version, archive.directory);
        for url in &archive.urls {
            let _ = writeln!(text, "  from {url}");
        }
    }
    for python in &of.pythons {
        let packages = python.requirements.lines().filter(|line| line.contains("==")).count();
        let _ = writeln!(
            text,
            "Python environment: {} {} in {}\n  {packages} packages from {}",
            python.name, python.version, python.directory, python.index
        );
    }
    for (ensemble, names) in &of.ensembles {
        let _ = writeln!(text, "ensemble {ensemble}: {}", names.join(" "));
    }
    for user in &of.users {
        let _ = writeln!(text, "user: {}:{} in {}", user.name, user.group, user.home);
    }
    for directory in &of.directories {
        let data = if directory.holds_data { ", holds data" } else { "" };
        let only = only(directory.only.as_ref());
        let _ = writeln!(text, "folder: {} {} {}{data}{only}", directory.path, directory.owner, directory.mode);
    }
    of.steps.iter().for_each(|step| text.push_str(&self::step(step)));
    of.units.iter().for_each(|unit| text.push_str(&self::unit(unit)));
    of.probes.iter().for_each(|probe| text.push_str(&self::probe(probe)));
    of.files.iter().for_each(|file| text.push_str(&self::file(file)));
    text
}

fn only(ensemble: Option<&String>) -> String {
    ensemble.map(|name| format!(", only on the nodes of {name}")).unwrap_or_default()
}

fn unit(unit: &Unit) -> String {
    let own = if unit.packaged { "a package's own".to_owned() } else { format!("as {}:{}", unit.user, unit.group) };
    let mut text = format!("unit: {}, {own}, {} MiB{}\n", unit.name, unit.memory_mib, only(unit.only.as_ref()));
    if !unit.exec.is_empty() {
        let _ = writeln!(text, "  {}", in_words(&unit.exec.join(" ")));
    }
    for (name, value) in &unit.environment {
        let _ = writeln!(text, "  Environment={name}={}", in_words(value));
    }
    for (name, value) in &unit.options {
        let _ = writeln!(text, "  {name}={}", in_words(value));
    }
    if !unit.after.is_empty() {
        let _ = writeln!(text, "  after {}", unit.after.join(", "));
    }
    if let Some(step) = &unit.needs_step {
        let _ = writeln!(text, "  after the step {}", step.replace(' ', ", "));
    }
    text
}

fn probe(probe: &Probe) -> String {
    let what = match &probe.kind {
        ProbeKind::Tcp { port } => format!("port {port} accepts connections"),
        ProbeKind::Http { port, path } => format!("http://localhost:{port}{path} is there"),
        ProbeKind::Words { port, send, expect } => format!("port {port} answers {send:?} with /{expect}/"),
        ProbeKind::Command { command, .. } => format!("`{}` ends with 0", in_words(&command.join(" "))),
    };
    let only = only(probe.only.as_ref());
    format!("ready: {}: {what}, within {} s{only}\n", probe.name, probe.timeout_seconds)
}

fn step(step: &ClusterStep) -> String {
    let only = only(step.only.as_ref());
    let head = format!("step: {}, {}, within {} s{only}\n", step.name, step.moment.name(), step.timeout_seconds);
    format!("{head}  {}\n", in_words(&step.action.to_string()))
}

fn file(file: &ConfiguredFile) -> String {
    let restarts =
        if file.restarts.is_empty() { String::new() } else { format!(", restarts {}", file.restarts.join(", ")) };
    let only = only(file.only.as_ref());
    let mut text = format!("file: {} {} {}{restarts}{only}\n", file.path, file.owner, file.mode);
    for line in content(&file.content).lines() {
        let _ = writeln!(text, "  | {line}");
    }
    text
}

/// The bytes of a file, without what is secret.
pub(super) fn content(content: &Content) -> String {
    let (mut text, mut hidden) = (String::new(), "");
    for piece in &content.pieces {
        // What is made up may stand between quotes that are hidden with it.
        match (&piece.generated, piece.text.secret) {
            (Some(_), _) => hidden = "(generated)",
            (None, true) if hidden.is_empty() => hidden = "(sensitive value)",
            (None, true) => {}
            (None, false) => {
                text.push_str(std::mem::take(&mut hidden));
                text.push_str(&in_words(&piece.text.value));
            }
        }
    }
    text + hidden
}
