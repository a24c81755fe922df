//! Recorded answers of a real cloud, replayed: our client reads them as it should, and the embedded engine, asked the
//! same, answers in the same shape. `README.md` beside this file says where they come from.

mod client;
mod compare;
mod differences;
mod player;
mod record;
mod tape;

use player::Player;
use tape::tapes;

/// Every tape is played to the embedded engine. Where its answers differ, it is wrong, or the table says why not.
#[tokio::test]
async fn the_engine_answers_as_the_recorded_cloud() {
    let mut expected = differences::Expected::new();
    let mut unexpected = Vec::new();
    for tape in tapes() {
        let folder = tempfile::tempdir().unwrap();
        let mut player = Player::of_engine(folder.path(), &tape).await;
        for exchange in &tape.exchanges {
            let given = player.play(exchange).await;
            for difference in compare::differences(exchange.recorded(), &given) {
                if !expected.takes(&tape.name, &exchange.name, &difference) {
                    unexpected.push(format!("{}: {}: {difference}", tape.name, exchange.name));
                }
            }
        }
    }
    assert!(unexpected.is_empty(), "{} differences:\n{}", unexpected.len(), unexpected.join("\n"));
    let gone = expected.unused();
    assert!(gone.is_empty(), "the table names what does not differ any more:\n{}", gone.join("\n"));
}

/// Every answer is read by the part of our client that asks for such.
#[tokio::test]
async fn the_client_reads_what_the_recorded_cloud_answers() {
    for tape in tapes() {
        let mut lines = Vec::new();
        for exchange in &tape.exchanges {
            if let Some(read) = client::read(&tape, exchange).await {
                lines.push(format!("{}\n  {read}", exchange.name));
            }
        }
        crate::support::snapshot!(format!("recorded-{}", tape.name), lines.join("\n"));
    }
}

#[test]
fn nothing_recorded_is_a_secret_or_a_place() {
    for tape in tapes() {
        let text = serde_json::to_string(&tape).unwrap();
        for word in ["127.0.0.1", "172.24.4.1:", "REDACTED", "gAAAAA"] {
            assert!(!text.contains(word), "{} has {word}", tape.name);
        }
    }
}
