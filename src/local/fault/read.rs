//! Reading the fault script.

use std::str::FromStr;

use http::StatusCode;

use super::{Fault, FaultAction, Requests, RetryAfter, Turn};

/// What is wrong with a line of a fault script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct FaultSyntax {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Reads a fault script, a fault a line.
///
/// # Errors
/// The first line that is none.
pub fn read(text: &str) -> Result<Vec<Fault>, FaultSyntax> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, text)| fault(text).map_err(|what| FaultSyntax { line, what }))
        .collect()
}

impl FromStr for Fault {
    type Err = FaultSyntax;

    fn from_str(text: &str) -> Result<Self, FaultSyntax> {
        fault(text.trim()).map_err(|what| FaultSyntax { line: 1, what })
    }
}

/// When something happens, as the words between subject and action say it.
struct Occasion {
    turn: Turn,
    /// A word that is about something else: an action.
    other: Option<String>,
}

fn fault(line: &str) -> Result<Fault, String> {
    let (head, action) = line.split_once(": ").ok_or("a fault is `SUBJECT[, OCCASION]: ACTION`")?;
    let mut words = head.split(',').map(str::trim);
    let subject = words.next().unwrap_or_default();
    let Occasion { turn, other } = occasion(words)?;
    let action = action.trim();
    let (kind, name) = subject.split_once(' ').unwrap_or((subject, ""));
    let name = name.trim().to_owned();
    if let Some(other) = other.as_ref().filter(|_| kind != "resource") {
        return Err(format!("`{other}` says no occasion: it is `from 3`, `2 times` or `always`"));
    }
    match kind {
        "engine" => match action.strip_prefix("crash after event ").and_then(|number| number.parse().ok()) {
            Some(after_events) => Ok(Fault::Crash { after_events }),
            None => Err(format!("an engine does not `{action}`: it is `crash after event 12`")),
        },
        _ if name.is_empty() => Err(format!("`{subject}` is neither METHOD PATH, nor resource, node or server NAME")),
        "resource" => Ok(Fault::Resource { name, action: other, turn, reason: reason(action) }),
        "server" if action == "gone" => Ok(Fault::Gone { server: name }),
        "node" => node(name, turn, action),
        method if method == "*" || method.bytes().all(|byte| byte.is_ascii_uppercase()) => Ok(Fault::Request {
            which: Requests { method: (method != "*").then(|| method.to_owned()), path: path(&name) },
            turn,
            action: request(action)?,
        }),
        _ => Err(format!("`{subject}` has no action `{action}`")),
    }
}

fn occasion<'a>(words: impl Iterator<Item = &'a str>) -> Result<Occasion, String> {
    let mut found = Occasion { turn: Turn { first: 1, times: Some(1) }, other: None };
    for word in words {
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok()).filter(|number| *number > 0);
        if word == "always" {
            found.turn.times = None;
        } else if let Some(first) = number(word.strip_prefix("from ")) {
            found.turn.first = first;
        } else if let Some(times) = number(word.strip_suffix(" times")) {
            found.turn.times = Some(times);
        } else if found.other.replace(word.to_owned()).is_some() {
            return Err(format!("`{word}` says no occasion: it is `from 3`, `2 times` or `always`"));
        }
    }
    Ok(found)
}

/// `KIND: REASON`; without a class of its own Heat says `Error`.
fn reason(action: &str) -> (String, String) {
    match action.split_once(": ") {
        Some((kind, message)) if kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            (kind.to_owned(), message.to_owned())
        }
        _ => ("Error".to_owned(), action.to_owned()),
    }
}

fn node(server: String, turn: Turn, action: &str) -> Result<Fault, String> {
    let exits = action.strip_prefix("exits ").and_then(|rest| {
        let (code, stderr) = rest.split_once(": ").unwrap_or((rest, ""));
        Some((code.parse().ok().filter(|code| *code > 0)?, stderr.to_owned()))
    });
    match (action, exits) {
        ("silent", _) => Ok(Fault::Silent { server }),
        ("speaks", _) => Ok(Fault::Speaks { server }),
        (_, Some((code, stderr))) => Ok(Fault::Exits { server, turn, code, stderr }),
        _ => Err(format!("a node does not `{action}`: it is `silent`, `speaks` or `exits 3: STDERR`")),
    }
}

fn path(text: &str) -> Vec<Option<String>> {
    if text == "**" {
        return Vec::new();
    }
    text.split('/').filter(|part| !part.is_empty()).map(|part| (part != "*").then(|| part.to_owned())).collect()
}

fn request(action: &str) -> Result<FaultAction, String> {
    Ok(match action {
        "refused" => FaultAction::Refused,
        "lost" => FaultAction::Lost,
        "cut" => FaultAction::Cut,
        "halved" => FaultAction::Halved,
        "stalled" => FaultAction::Stalled,
        "token expired" => FaultAction::TokenExpired,
        "crash" => FaultAction::Crash { afterwards: false },
        "crash afterwards" => FaultAction::Crash { afterwards: true },
        _ => match action.strip_prefix("at most ").and_then(|number| number.parse().ok()) {
            Some(number) => FaultAction::AtMost(number),
            None => answered(action).ok_or_else(|| format!("nothing of the kind `{action}` happens to a request"))?,
        },
    })
}

/// `504`, `504 afterwards`, `429, retry after 7`, `429, retry after 7 as a date`
fn answered(action: &str) -> Option<FaultAction> {
    let (answer, retry_after) = match action.split_once(", retry after ") {
        Some((answer, when)) => {
            let seconds = when.strip_suffix(" as a date");
            let as_date = seconds.is_some();
            (answer, Some(RetryAfter { seconds: seconds.unwrap_or(when).parse().ok()?, as_date }))
        }
        None => (action, None),
    };
    let early = answer.strip_suffix(" afterwards");
    let afterwards = early.is_some();
    let status = StatusCode::from_bytes(early.unwrap_or(answer).as_bytes()).ok()?;
    let is_error = status.is_client_error() || status.is_server_error();
    is_error.then_some(FaultAction::Answered { status, retry_after, afterwards })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_has_its_words() {
        let text = "\n# a comment\nPOST /stacks: lost\n* **, from 3, 2 times: 503 afterwards, retry after 7 as a date\n\
            resource slaves-0-server, CREATE, always: ResourceInError: Went to status ERROR\nresource x: it burns: here\n\
            node lab-slaves-0: silent\nnode lab-slaves-0, 2 times: exits 3: no space: none\nserver lab-slaves-0: gone\n\
            engine: crash after event 12\nGET /stacks/*/*/events: at most 3\n";
        let faults = read(text).unwrap();
        assert_eq!(faults.len(), 9);
        let Fault::Request { which, turn, action } = &faults[1] else { panic!("{faults:?}") };
        assert_eq!((which, turn), (&Requests { method: None, path: vec![] }, &Turn { first: 3, times: Some(2) }));
        let retry_after = Some(RetryAfter { seconds: 7, as_date: true });
        let status = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(*action, FaultAction::Answered { status, retry_after, afterwards: true });
        let Fault::Resource { action, reason, .. } = &faults[2] else { panic!("{faults:?}") };
        assert_eq!(action.as_deref(), Some("CREATE"));
        assert_eq!(*reason, ("ResourceInError".to_owned(), "Went to status ERROR".to_owned()));
        let Fault::Resource { reason, .. } = &faults[3] else { panic!("{faults:?}") };
        assert_eq!(*reason, ("Error".to_owned(), "it burns: here".to_owned()));
        let exits = Fault::Exits {
            server: "lab-slaves-0".to_owned(),
            turn: Turn { first: 1, times: Some(2) },
            code: 3,
            stderr: "no space: none".to_owned(),
        };
        assert_eq!(faults[5], exits);
    }

    #[test]
    fn what_is_no_fault_is_said_with_its_line() {
        for wrong in [
            "POST /stacks lost",
            "POST /stacks: lsot",
            "POST /stacks, twice: lost",
            "POST: lost",
            "GET /stacks: 200",
            "GET /stacks: 503, retry after soon",
            "GET /stacks, 0 times: 503",
            "node x: exits 0: well",
            "node x: sleeps",
            "server x: burns",
            "engine: crash after event many",
        ] {
            let fault = read(&format!("# a script\n{wrong}\n")).unwrap_err();
            assert_eq!(fault.line, 2, "{wrong}: {fault}");
        }
    }
}
