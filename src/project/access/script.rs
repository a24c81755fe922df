//! What is run on a node: always a fixed script of its shell, with every value as an argument of its own.

use super::super::failure::{Failure, FailureKind};
use super::NodeProgram;
use crate::catalogue::Unit;
use crate::source::nearest;

/// Runs a program with the folders of frameworks in `PATH`, which login shells have. A single word is a line for the shell,
/// as everybody knows it of `ssh`.
const RUN: &str = r#"cd 2>/dev/null; [ $# -ne 1 ] || exec /bin/sh -c "$1"; exec "$@""#;

/// The same on behalf of another account, whose login shell finds the folders again: `sudo` has it forget them.
const RUN_AS: &str = r#"cd 2>/dev/null; account=$1; shift; exec sudo -n -u "$account" -- /bin/sh -lc '[ $# -ne 1 ] || exec /bin/sh -c "$1"; exec "$@"' sh "$@""#;

/// The shell of an account, which may have bash.
const SHELL: &str = r#"cd 2>/dev/null; exec "$(command -v bash || echo /bin/sh)" -l"#;

/// A shell for another account, which may not be meant to log in.
const SHELL_AS: &str = r#"exec sudo -n -u "$1" -- /bin/sh -lc 'exec "$(command -v bash || echo /bin/sh)"'"#;

/// Runs a program until its stdin ends: nobody listens any more then, and nobody else would end it.
const UNTIL_STDIN_ENDS: &str = r#"exec 3<&0
"$@" &
program=$!
(cat <&3 >/dev/null; kill "$program" 2>/dev/null) &
wait "$program"
status=$?
kill $! 2>/dev/null
exit "$status""#;

/// Units of DISCO's own on every node.
const OWN_UNITS: [&str; 3] = ["disco", "disco-guard", "disco-archives"];

/// What to print of a node's journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogsWanted {
    /// A service of a framework, or a unit; the agent's and the frameworks' where none is named.
    pub unit: Option<String>,
    /// Whether to go on with what is written from now on.
    pub follow: bool,
    /// How many lines of what was written before.
    pub lines: Option<u32>,
    /// Since when, as journalctl takes it.
    pub since: Option<String>,
    /// Whether each line is a JSON object.
    pub json: bool,
}

/// How many lines are printed where nothing is said.
const LINES: u32 = 200;

fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

/// A program, or a shell, for whoever logs in.
pub(super) fn login(program: &NodeProgram) -> Vec<String> {
    let script = match (&program.run_as, program.words.is_empty()) {
        (None, true) => SHELL,
        (None, false) => RUN,
        (Some(_), true) => SHELL_AS,
        (Some(_), false) => RUN_AS,
    };
    let mut all = words(["/bin/sh", "-lc", script, "sh"]);
    all.extend(program.run_as.clone());
    all.extend(program.words.iter().cloned());
    all
}

/// Prints a node's journal. `by_sudo`: who logs in is not root.
///
/// # Errors
/// A unit that is none of the node's, where another one is nearly called so.
pub(super) fn journal(wanted: &LogsWanted, units: Option<&[Unit]>, by_sudo: bool) -> Result<Vec<String>, Failure> {
    let mut all = if wanted.follow { words(["/bin/sh", "-c", UNTIL_STDIN_ENDS, "sh"]) } else { Vec::new() };
    if by_sudo {
        all.extend(words(["sudo", "-n"]));
    }
    all.extend(words(["journalctl", "--no-pager", "--quiet"]));
    all.extend(chosen(wanted.unit.as_deref(), units)?.into_iter().map(|unit| format!("--unit={unit}")));
    match wanted.lines {
        Some(lines) => all.push(format!("--lines={lines}")),
        None if wanted.since.is_none() => all.push(format!("--lines={LINES}")),
        None => {}
    }
    all.extend(wanted.since.as_ref().map(|since| format!("--since={since}")));
    if wanted.follow {
        all.push("--follow".to_owned());
    }
    if wanted.json {
        all.push("--output=json".to_owned());
    }
    Ok(all)
}

/// The units that are meant; all of the system where nobody can tell which a node has.
fn chosen(unit: Option<&str>, units: Option<&[Unit]>) -> Result<Vec<String>, Failure> {
    let own = OWN_UNITS.into_iter().map(str::to_owned);
    let (asked, units) = match (unit, units) {
        (None, None) => return Ok(Vec::new()),
        (None, Some(units)) => return Ok(own.chain(units.iter().map(|unit| unit.name.clone())).collect()),
        (Some(asked), units) => (asked, units.unwrap_or_default()),
    };
    let bare = |name: &str| name.strip_suffix(".service").unwrap_or(name).to_owned();
    if let Some(unit) = units.iter().find(|unit| unit.service == asked || bare(&unit.name) == bare(asked)) {
        return Ok(vec![unit.name.clone()]);
    }
    let names = units.iter().flat_map(|unit| [unit.service.clone(), bare(&unit.name)]);
    let names: Vec<String> = names.chain(own).collect();
    match nearest(asked, names.iter().map(String::as_str)) {
        Some(near) if !OWN_UNITS.contains(&asked) => {
            let message = format!("unit `{asked}` does not exist on this node");
            Err(Failure::new(FailureKind::Definition, message).help(near))
        }
        // Any other unit of the system may be looked at too: `ssh`, `cloud-init`.
        _ => Ok(vec![asked.to_owned()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(service: &str, name: &str) -> Unit {
        Unit {
            name: format!("{name}.service"),
            framework: "hadoop".to_owned(),
            service: service.to_owned(),
            description: String::new(),
            user: "hdfs".to_owned(),
            group: "hadoop".to_owned(),
            exec: Vec::new(),
            environment: std::collections::BTreeMap::new(),
            environment_file: None,
            after: Vec::new(),
            memory_mib: 0,
            needs_step: None,
            kill_mode: None,
            success_exit_status: None,
            packaged: false,
            options: std::collections::BTreeMap::new(),
            only: None,
        }
    }

    fn line(wanted: &LogsWanted, by_sudo: bool) -> String {
        let units = [unit("datanode", "hadoop-hdfs-datanode"), unit("nodemanager", "hadoop-yarn-nodemanager")];
        journal(wanted, Some(&units), by_sudo).map_or_else(|failure| failure.message, |words| words.join(" "))
    }

    #[test]
    fn without_a_unit_the_agent_and_the_frameworks_are_heard() {
        assert_eq!(
            line(&LogsWanted::default(), false),
            "journalctl --no-pager --quiet --unit=disco --unit=disco-guard --unit=disco-archives \
             --unit=hadoop-hdfs-datanode.service --unit=hadoop-yarn-nodemanager.service --lines=200"
        );
        let unknown = journal(&LogsWanted::default(), None, false).unwrap_or_default().join(" ");
        assert_eq!(unknown, "journalctl --no-pager --quiet --lines=200");
    }

    #[test]
    fn a_unit_is_named_by_its_service_or_as_systemd_does() {
        let of = |unit: &str| {
            line(&LogsWanted { unit: Some(unit.to_owned()), lines: Some(5), ..LogsWanted::default() }, true)
        };
        let datanode = "sudo -n journalctl --no-pager --quiet --unit=hadoop-hdfs-datanode.service --lines=5";
        for name in ["datanode", "hadoop-hdfs-datanode", "hadoop-hdfs-datanode.service"] {
            assert_eq!(of(name), datanode);
        }
        assert_eq!(of("ssh"), "sudo -n journalctl --no-pager --quiet --unit=ssh --lines=5");
        assert_eq!(of("disco"), "sudo -n journalctl --no-pager --quiet --unit=disco --lines=5");
        assert_eq!(of("datanod"), "unit `datanod` does not exist on this node");
    }

    #[test]
    fn what_is_since_some_time_is_whole_and_what_follows_ends_with_its_reader() {
        let since = LogsWanted { since: Some("1 hour ago".to_owned()), follow: true, ..LogsWanted::default() };
        let words = journal(&since, None, false).unwrap_or_default();
        assert_eq!(words[..2], ["/bin/sh", "-c"]);
        assert!(words[2].contains("kill"), "{}", words[2]);
        assert_eq!(words[3..], ["sh", "journalctl", "--no-pager", "--quiet", "--since=1 hour ago", "--follow"]);
    }

    #[test]
    fn words_of_a_command_stay_words() {
        let typed = || vec!["echo".to_owned(), "a b; $(c)".to_owned()];
        let words = login(&NodeProgram { words: typed(), ..NodeProgram::default() });
        assert_eq!(words[..2], ["/bin/sh", "-lc"]);
        assert_eq!(words[3..], ["sh", "echo", "a b; $(c)"]);
        let words = login(&NodeProgram { words: typed(), run_as: Some("hdfs".to_owned()), ..NodeProgram::default() });
        assert_eq!(words[3..], ["sh", "hdfs", "echo", "a b; $(c)"]);
        assert!(words[2].contains("sudo -n -u \"$account\""), "{}", words[2]);
    }
}
