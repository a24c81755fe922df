//! Little lives of a cluster on the embedded Heat, told as stories: what is typed, what goes wrong, what is said.
//!
//! A story is a file beside this one. It begins with what it is about (`#`). Some are told over a socket too: there the
//! engine is another process, `disco local serve`, and connections really break. Then, a line each:
//!
//! - `@ FAULT`: goes wrong during the next command, in the words of the engine's fault script (see the room `local`).
//! - `$ disco WORDS`: a command run to its end, with settings before it as in a shell; below it, indented, what it says
//!   (both its streams, as on a terminal) and how it ends where that is not well.
//! - `& disco WORDS`: a command in the background; `interrupt &` presses Ctrl-C there, `wait` waits for it and tells
//!   what it said.
//! - `kill once FILE has TEXT`, `interrupt once …`: what happens to the next command, and when.
//! - `edit FILE: OLD => NEW` (`\n` is a line break), `write FILE: TEXT`, `remove FILE`, `copy FILE: NAME`: what somebody
//!   does meanwhile.
//! - `until FILE has TEXT`: waits for that.
//!
//! Settings at the beginning: `over: process, socket`, `given: an applied lab` where the cluster is there already,
//! `time: 0.002` for another time scale than the fast one of all stories.
//!
//! The project is `lab.disco.hcl`. What is different in every run (ids, times, ports, paths) is left out of what is
//! said, and so is what nodes go through, whose order is chance; plans are told where `disco plan` was typed, elsewhere
//! only their last line. What is checked without being told: after each command the state is whole and has kept its
//! lineage; after each that went well nothing exists twice, nothing is orphaned, and the state knows exactly what is
//! there; at the end the plan is empty and `destroy` leaves nothing.
//!
//! `UPDATE_SCENARIOS=1` writes what is said into the stories.

mod play;
mod story;
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One test for each story.
macro_rules! stories {
    ($($name:ident)*) => {
        const TOLD: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { play::play(&folder(), stringify!($name)) })*
    };
}

stories! {
    answers_that_break_off
    apply_after_a_blocked_deletion
    client_that_is_interrupted
    client_that_is_killed
    cluster_that_is_suspended
    creation_behind_a_tired_proxy
    creation_that_did_not_arrive
    creation_that_is_not_allowed
    creation_that_is_not_let_in
    creation_that_is_rolled_back
    creation_that_is_too_large
    creation_through_a_broken_connection
    creation_whose_answer_is_lost
    creation_whose_answer_never_comes
    creation_with_a_broken_database
    creation_without_a_host
    deletion_that_fails_twice
    deletion_that_is_blocked
    deletion_whose_answer_is_lost
    door_that_is_closed
    engine_that_dies_before_it_answers
    engine_that_dies_in_the_middle
    engine_that_is_started_again
    events_that_come_in_pieces
    growth_of_a_stack_that_is_gone
    growth_that_is_given_up
    growth_that_is_not_allowed
    growth_that_is_rolled_back
    growth_while_heat_is_busy
    growth_with_a_change_that_is_rolled_back
    growth_whose_answer_is_lost
    heat_that_asks_for_patience
    heat_that_cannot_say
    heat_that_is_down
    machine_that_is_deleted_behind_heat
    node_that_fails
    node_that_fails_again_and_again
    node_that_never_answers
    password_that_is_wrong
    reconfiguration_that_half_succeeds
    suspension_that_fails
    token_that_expires
    token_that_is_never_accepted
    two_commands_at_once
    update_that_is_cancelled
    update_that_fails_unseen
    volume_that_grows_in_spite_of_all
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

#[test]
fn every_story_is_told() {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let stories = files.filter(|path| path.extension().is_some_and(|ending| ending == "txt"));
    let stories: BTreeSet<String> =
        stories.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let told: BTreeSet<String> = TOLD.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(stories, told, "stories beside this file that no test tells, or the other way round");
}
