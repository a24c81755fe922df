//! A state file, whatever has happened to it, is refused with a way out, or is a state that stays the same when it is written
//! and read.

use disco::state::{Encoder, decode, encode};

use super::Target;
use super::corpus::Corpus;
use super::mutate::changed_json;
use super::random::Random;

pub(super) const TARGET: Target =
    Target { name: "state", make: |corpus, random| changed_json(random.one(&corpus.states), random), check };

fn check(bytes: &[u8]) {
    let state = match decode(bytes) {
        Ok(state) => state,
        Err(fault) => {
            assert!(!fault.to_string().is_empty() && !fault.help().is_empty(), "{fault:?}");
            return;
        }
    };
    let written = encode(&state);
    let back = decode(&written).expect("what was written can be read");
    assert_eq!(back, state, "another state");
    assert!(encode(&back) == written, "other bytes");
    let mut encoder = Encoder::default();
    assert!(encoder.encode(&state) == written, "other bytes by pieces");
}

#[test]
fn some_are_refused_and_some_are_not() {
    let input = |seed: u64| (TARGET.make)(Corpus::get(), &mut Random::new(seed));
    let states = (0..200).filter(|seed| decode(&input(*seed)).is_ok()).count();
    assert!((20..180).contains(&states), "{states} of 200");
}
