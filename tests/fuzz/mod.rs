//! Fuzzers: texts that nobody would write, made by changing those that people and tests wrote, and laws that hold for all
//! of them. They run on the stable toolchain.
//!
//! Every run of the tests tries a few hundred of each. To try one target for an hour:
//!
//! ```console
//! $ DISCO_FUZZ=syntax DISCO_FUZZ_SECONDS=3600 cargo test --locked --test disco fuzz::for_long -- --ignored --nocapture
//! ```
//!
//! Targets are `syntax`, `expressions`, `fmt`, `state`, `modules` and `occi`; `all` takes them in turn, each as long. With
//! `CARGO_PROFILE_DEV_OPT_LEVEL=1` before `cargo` several times as many are tried in the hour; overflow stays checked.
//!
//! Each input is made from a number alone. What breaks a law, panics or takes longer than a minute is told with its number,
//! and its text lies in `target/fuzz`; a run that the system ended leaves the number in `target/fuzz/TARGET.seed`. To try
//! that one again: `DISCO_FUZZ_SEED=NUMBER DISCO_FUZZ_RUNS=1` instead of the seconds.

#![expect(clippy::print_stderr, reason = "who tries for an hour wants to hear of it")]

mod corpus;
mod expressions;
mod fmt;
mod modules;
mod mutate;
mod occi;
mod random;
mod run;
mod state;
mod syntax;

use std::time::Duration;

use corpus::Corpus;
use random::Random;
use run::{Until, fuzz};

/// Something that is handed any input.
pub(crate) struct Target {
    name: &'static str,
    /// Makes an input.
    make: fn(&Corpus, &mut Random) -> Vec<u8>,
    /// Panics where a law does not hold.
    check: fn(&[u8]),
}

static TARGETS: [Target; 6] =
    [syntax::TARGET, expressions::TARGET, fmt::TARGET, state::TARGET, modules::TARGET, occi::TARGET];

/// The same few each time.
fn a_few(target: &'static Target, runs: u64) {
    let report = fuzz(target, 1, Until::Runs(runs));
    assert!(report.broken.is_empty(), "{report}");
    assert_eq!(report.runs, runs);
}

#[test]
fn syntax_answers_whatever_is_written() {
    a_few(&syntax::TARGET, 200);
}

#[test]
fn expressions_answer_whatever_is_written() {
    a_few(&expressions::TARGET, 400);
}

#[test]
fn fmt_changes_only_blanks() {
    a_few(&fmt::TARGET, 300);
}

#[test]
fn a_state_is_refused_or_stays_what_it_is() {
    a_few(&state::TARGET, 100);
}

#[test]
fn projects_of_modules_answer_whatever_is_written() {
    a_few(&modules::TARGET, 30);
}

#[test]
fn requests_of_the_service_manager_are_answered_whatever_they_say() {
    a_few(&occi::TARGET, 150);
}

#[test]
#[ignore = "takes as long as it is told to"]
fn for_long() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let wanted = std::env::var("DISCO_FUZZ").unwrap_or_else(|_| "all".to_owned());
    let until = match number("DISCO_FUZZ_RUNS") {
        Some(runs) => Until::Runs(runs),
        None => Until::Time(Duration::from_secs(number("DISCO_FUZZ_SECONDS").unwrap_or(60))),
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    // Of today, and with room for all that follow.
    let seed = number("DISCO_FUZZ_SEED").unwrap_or(now.as_secs() << 24);
    let targets: Vec<&'static Target> =
        TARGETS.iter().filter(|target| wanted == "all" || target.name == wanted).collect();
    assert!(!targets.is_empty(), "DISCO_FUZZ names no target: {wanted}");
    let mut broken = 0;
    for target in targets {
        let report = fuzz(target, seed, until);
        eprintln!("{report}");
        broken += report.broken.len();
    }
    assert_eq!(broken, 0);
}
