//! The fault script: what goes wrong, on which occasion, so that it can be seen what becomes of it.
//!
//! A fault is a line of text, `SUBJECT[, OCCASION]: ACTION`; empty lines and those that begin with `#` say nothing.
//! Tests hand faults to [`EngineOptions`](super::EngineOptions) or [`Engine::inject`](super::Engine::inject); a program
//! reads its script from the file that `DISCO_LOCAL_FAULTS` names. Occasions are counted anew in every process.
//!
//! | subject | what |
//! |---|---|
//! | `POST /stacks` | a request: its method (`*` is any), and the end of its path, `*` for a part of it (`**` is any path) |
//! | `resource slaves-0-server` | an action on a resource, by its logical name; `, CREATE` among the occasions says which |
//! | `node lab-slaves-0` | a deployment carried out on the machine of that name |
//! | `server lab-slaves-0` | the machine itself |
//! | `engine` | the engine as a whole |
//!
//! An occasion is `from 3` (the third, default the first), `2 times` or `always` (default once), or both with a comma.
//!
//! | action of a request | what |
//! |---|---|
//! | `refused` | nobody listens: it is not let in. Over a socket its connection is reset and the port closes for a moment |
//! | `503`, `503, retry after 7`, `… 7 as a date` | something before Heat answers; it is not carried out |
//! | `504 afterwards` | it is carried out, and something before Heat answers |
//! | `lost` | it is carried out; the connection is reset before the answer |
//! | `cut` | it is carried out; the connection is reset in the middle of the answer |
//! | `halved` | half of the answer arrives, as if it were all |
//! | `at most 3` | the listing gives no more than so many |
//! | `stalled` | it is carried out; the answer never comes |
//! | `token expired` | all tokens are void from now on |
//! | `crash`, `crash afterwards` | the engine dies before, or after, it is carried out |
//!
//! | other actions | what |
//! |---|---|
//! | `resource …: KIND: REASON` | the action fails so; a server's creation at its end, with a machine in `ERROR` |
//! | `node …: silent`, `node …: speaks` | it carries out no deployment any more; it does again |
//! | `node …: exits 3: STDERR` | the deployment fails with that status and those words |
//! | `server …: gone` | it is deleted behind Heat |
//! | `engine: crash after event 12` | the engine dies when it has told so many events |

mod read;
mod script;
mod troubles;

pub use read::{FaultSyntax, read as read_faults};
pub use script::Script;
pub(crate) use troubles::Troubles;

use http::StatusCode;

/// Something that goes wrong. See the room `local` for the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A request meets a fault on its way, or its answer does.
    Request {
        /// Which requests.
        which: Requests,
        /// Which of them.
        turn: Turn,
        /// What happens.
        action: FaultAction,
    },
    /// An action on a resource fails.
    Resource {
        /// Logical name.
        name: String,
        /// `CREATE`, …; any where nothing is said.
        action: Option<String>,
        /// Which of the actions.
        turn: Turn,
        /// The class of the exception, and its words.
        reason: (String, String),
    },
    /// A deployment ends badly on its machine.
    Exits {
        /// The server's name.
        server: String,
        /// Which of its deployments.
        turn: Turn,
        /// Exit status.
        code: u32,
        /// What it wrote.
        stderr: String,
    },
    /// The machine carries out no deployment any more.
    Silent {
        /// The server's name.
        server: String,
    },
    /// The machine works again.
    Speaks {
        /// The server's name.
        server: String,
    },
    /// The machine is deleted behind Heat.
    Gone {
        /// The server's name.
        server: String,
    },
    /// The engine dies when it has told so many events.
    Crash {
        /// How many.
        after_events: u64,
    },
}

/// Requests by method and the end of their path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requests {
    /// `None`: any.
    method: Option<String>,
    /// The last parts of the path; `None` stands for any part.
    path: Vec<Option<String>>,
}

impl Requests {
    fn match_request(&self, method: &str, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let Some(from) = parts.len().checked_sub(self.path.len()) else { return false };
        self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.path.iter().zip(&parts[from..]).all(|(wanted, part)| wanted.as_deref().is_none_or(|it| it == *part))
    }
}

/// Which of several occasions are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The first one, from 1.
    first: u32,
    /// How many from there; `None`: all.
    times: Option<u32>,
}

impl Turn {
    /// Whether it is the turn of this occasion, counted from 1.
    pub fn includes(self, occasion: u32) -> bool {
        occasion >= self.first && self.times.is_none_or(|times| occasion - self.first < times)
    }
}

/// What happens to a request or to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultAction {
    /// It is not let in.
    Refused,
    /// Something before Heat answers.
    Answered {
        /// With what.
        status: StatusCode,
        /// When to come again.
        retry_after: Option<RetryAfter>,
        /// Whether Heat has carried it out.
        afterwards: bool,
    },
    /// Carried out; no answer.
    Lost,
    /// Carried out; the answer breaks off.
    Cut,
    /// Half of the answer looks like all of it.
    Halved,
    /// A listing is shorter than asked for.
    AtMost(usize),
    /// Carried out; the answer does not come.
    Stalled,
    /// All tokens are void.
    TokenExpired,
    /// The engine dies.
    Crash {
        /// Whether it has carried the request out.
        afterwards: bool,
    },
}

/// When to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    /// In so many seconds.
    pub seconds: u32,
    /// Said as a date.
    pub as_date: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_path_is_compared() {
        let all = |method: &str, path: &str, wanted: &str| {
            let Ok(Fault::Request { which, .. }) = format!("{wanted}: lost").parse() else { panic!("{wanted}") };
            which.match_request(method, path)
        };
        assert!(all("POST", "/heat/v1/p/stacks", "POST /stacks"));
        assert!(!all("GET", "/heat/v1/p/stacks", "POST /stacks"));
        assert!(all("GET", "/heat/v1/p/stacks/lab", "GET /stacks/*"));
        assert!(!all("GET", "/heat/v1/p/stacks/lab/1/events", "GET /stacks/*"));
        assert!(all("GET", "/heat/v1/p/stacks/lab/1/events", "* /stacks/*/*/events"));
        assert!(all("DELETE", "/", "* **"));
        assert!(!all("GET", "/stacks", "GET /heat/stacks"));
    }

    #[test]
    fn occasions_are_counted_from_one() {
        let turn = Turn { first: 2, times: Some(2) };
        assert_eq!([1, 2, 3, 4].map(|it| turn.includes(it)), [false, true, true, false]);
        assert!(Turn { first: 1, times: None }.includes(u32::MAX));
    }
}
