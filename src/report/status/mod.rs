//! How clusters are, as words and as JSON.

mod json;

use std::fmt::Write as _;

#[cfg(test)]
pub(super) use json::StatusFile;
pub use json::status_json;

use super::table::table;
use super::visible;
use crate::catalogue::FactUnit;
use crate::plan::{ClusterStatus, Fact, FrameworkStatus, ServerState};

/// How clusters are, for people: what is well in a line a part, then what is not, with what to do.
pub fn status(all: &[ClusterStatus]) -> String {
    let clusters: Vec<String> = all.iter().map(cluster).collect();
    visible(&clusters.join("\n")).into_owned()
}

fn cluster(status: &ClusterStatus) -> String {
    let verdict = match status.troubles.len() {
        0 if status.not_asked.is_some() => "all is well as far as Heat knows; the frameworks were not asked".to_owned(),
        0 => "all is well".to_owned(),
        1 => "1 thing is not well".to_owned(),
        many => format!("{many} things are not well"),
    };
    let mut text = format!("cluster.{}: {verdict}\n\n", status.name);
    let mut rows = vec![["Heat".to_owned(), stacks(status)], ["Servers".to_owned(), servers(status)]];
    for part in &status.frameworks {
        let mut lines = framework(part).into_iter();
        rows.push([part.title.clone(), lines.next().unwrap_or_default()]);
        rows.extend(lines.map(|line| [String::new(), line]));
    }
    if let Some(why) = &status.not_asked {
        rows.push(["Frameworks".to_owned(), format!("not asked: {why}")]);
    }
    text.push_str(&table(&rows, "  "));
    let own = format!("cluster.{}.", status.name);
    if !status.troubles.is_empty() {
        text.push('\n');
    }
    for trouble in &status.troubles {
        let address = trouble.address.to_string();
        let short = address.strip_prefix(&own).unwrap_or(&address);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  ! {short}: {}", trouble.what);
        if let Some(help) = &trouble.help {
            let _ = writeln!(text, "    help: {help}");
        }
    }
    text
}

fn stacks(status: &ClusterStatus) -> String {
    let word = |status: Option<&String>| status.map_or("does not exist", String::as_str).to_owned();
    let under_way: Vec<&str> = status.stacks.iter().filter_map(|stack| stack.under_way.as_deref()).collect();
    let mut words = match status.stacks.as_slice() {
        [stack] => match &stack.status {
            Some(status) => format!("stack `{}` is {status}", stack.name),
            None => format!("stack `{}` does not exist", stack.name),
        },
        stacks => {
            let mut counts: Vec<(String, usize)> = Vec::new();
            for stack in stacks {
                let word = word(stack.status.as_ref());
                match counts.iter_mut().find(|(known, _)| *known == word) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((word, 1)),
                }
            }
            let counts: Vec<String> = counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect();
            format!("{} stacks: {}", stacks.len(), counts.join(", "))
        }
    };
    for line in under_way {
        let _ = write!(words, "; {line}");
    }
    words
}

fn servers(status: &ClusterStatus) -> String {
    let running = status.nodes.iter().filter(|node| node.server == ServerState::Running).count();
    format!("{running} of {} running", status.nodes.len())
}

/// The lines of a part: who is there, then what it says.
fn framework(part: &FrameworkStatus) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(members) = &part.members {
        lines.push(format!("{} of {} {} are well", members.well(), members.each.len(), members.title));
    }
    // What is wrong is told below.
    let facts: Vec<String> = part.facts.iter().filter(|fact| fact.trouble.is_none()).filter_map(fact).collect();
    if !facts.is_empty() {
        lines.push(facts.join(", "));
    }
    if part.no_answer.is_some() {
        lines.push("does not answer".to_owned());
    }
    lines
}

/// `1.0 MiB of 2.0 GiB used`; nothing for what says nothing.
fn fact(fact: &Fact) -> Option<String> {
    let shown = |value: &serde_json::Value| match (value, fact.unit) {
        (serde_json::Value::Number(number), Some(FactUnit::Moment)) => moment(number.as_i64().unwrap_or_default()),
        (serde_json::Value::Number(number), Some(unit)) => {
            let number = number.as_f64().unwrap_or_default();
            size(if unit == FactUnit::MiB { number * 1_048_576.0 } else { number })
        }
        (serde_json::Value::String(text), _) => text.clone(),
        (other, _) => other.to_string(),
    };
    let value = shown(&fact.value);
    if value.is_empty() {
        return None;
    }
    Some(match (&fact.total, &fact.value) {
        (Some(total), _) if fact.title == "used" => format!("{value} of {} used", shown(total)),
        (Some(total), _) => format!("{value} of {} {}", shown(total), fact.title),
        (None, serde_json::Value::Number(_)) if fact.unit != Some(FactUnit::Moment) => {
            format!("{value} {}", fact.title)
        }
        (None, _) => format!("{} {value}", fact.title),
    })
}

/// A moment, to the second; nothing for one that never was.
fn moment(milliseconds: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(milliseconds).ok().filter(|_| milliseconds > 0);
    moment.map(|moment| moment.strftime("%F %T UTC").to_string()).unwrap_or_default()
}

/// A number of bytes.
fn size(bytes: f64) -> String {
    let mut amount = bytes;
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    for larger in units {
        if amount < 1_024.0 {
            break;
        }
        amount /= 1_024.0;
        unit = larger;
    }
    if unit == "B" || amount >= 100.0 { format!("{amount:.0} {unit}") } else { format!("{amount:.1} {unit}") }
}
