//! Records the answers of tapes anew, on the cloud that `DISCO_TEST_CLOUD` names.
//!
//! ```console
//! $ DISCO_TEST_CLOUD=lab DISCO_TEST_TAPES=life cargo test --locked --test disco recordings::record -- --ignored
//! ```

use std::fs;

use serde::Serialize as _;
use serde_json::Value as Json;

use super::player::Player;
use super::tape::{Answer, path_of, tapes};
use crate::support::{Eyes, cloud_of, real_cloud};

/// How many elements of a list are kept.
const ELEMENTS: usize = 15;

#[test]
#[ignore = "writes the recordings anew, from the cloud that DISCO_TEST_CLOUD names"]
fn tapes_are_recorded() {
    // What looks at the cloud has a runtime of its own, which may not be dropped within another one.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cloud = real_cloud().expect("DISCO_TEST_CLOUD names the cloud");
    let chosen = std::env::var("DISCO_TEST_TAPES").unwrap_or_default();
    let is_chosen = |name: &str| chosen.is_empty() || chosen.split(',').any(|it| it == name);
    for mut tape in tapes().into_iter().filter(|tape| is_chosen(&tape.name)) {
        let mut player = Player::of_cloud(Eyes::open(&cloud_of(&cloud)), &tape);
        for exchange in &mut tape.exchanges {
            let answer = runtime.block_on(player.play(exchange));
            exchange.answer = Some(small(masked(&answer, &player)));
        }
        let mut text = Vec::new();
        let narrow = serde_json::ser::PrettyFormatter::with_indent(b" ");
        tape.serialize(&mut serde_json::Serializer::with_formatter(&mut text, narrow)).unwrap();
        text.push(b'\n');
        fs::write(path_of(&tape.name), text).unwrap();
    }
}

/// Without what is this cloud's own: ids that have a name, addresses, tokens.
fn masked(answer: &Answer, player: &Player) -> Answer {
    let mut text = serde_json::to_string(answer).unwrap();
    for (name, value) in &player.names {
        if let Some(value) = value.as_str().filter(|value| value.len() > 16 && !value.contains(' ')) {
            text = text.replace(value, &format!("{{{name}}}"));
        }
    }
    let mut clean = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("http") {
        let (before, from) = rest.split_at(at);
        clean.push_str(before);
        let scheme = from.find("://").filter(|at| *at <= 5).map(|at| at + 3);
        let Some(start) = scheme else {
            clean.push_str("http");
            rest = &from[4..];
            continue;
        };
        let end = from[start..].find(|letter: char| !(letter.is_ascii_alphanumeric() || ".-:[]".contains(letter)));
        clean.push_str("http://cloud.test");
        rest = &from[end.map_or(from.len(), |end| start + end)..];
    }
    clean.push_str(rest);
    let mut answer: Answer = serde_json::from_str(&clean).unwrap();
    if let Some(token) = answer.headers.get_mut("x-subject-token") {
        "a-token".clone_into(token);
    }
    hide(&mut answer.body);
    answer
}

fn hide(value: &mut Json) {
    match value {
        Json::Array(elements) => elements.iter_mut().for_each(hide),
        Json::Object(fields) => {
            for (name, field) in fields {
                let secret = ["password", "secret", "private_key"].iter().any(|word| name.contains(word));
                if secret && field.is_string() { *field = "hidden".into() } else { hide(field) }
            }
        }
        _ => {}
    }
}

/// With the first elements of long lists only.
fn small(mut answer: Answer) -> Answer {
    for list in answer.body.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
        if let Some(list) = list.as_array_mut() {
            list.truncate(ELEMENTS);
        }
    }
    answer
}
