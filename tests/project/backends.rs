//! What every place of a state has to hold, each test over all of them: a file, a server of Terraform's protocol, an S3 store,
//! PostgreSQL.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::support::postgres::{PASSWORD, Postgres};
use crate::support::s3::{ACCESS_KEY, BUCKET, S3Store, SECRET_KEY};
use crate::support::{LAB, Run, StateServer, TestProject};

const KEY: &str = "lab/{workspace}.json";

/// A place of states.
enum Place {
    File(TestProject),
    Http(StateServer),
    S3(S3Store),
    Postgres(Postgres),
}

/// A folder whose state is there.
struct Lab<'p> {
    place: &'p Place,
    folder: TestProject,
}

impl Place {
    fn file() -> Self {
        Self::File(TestProject::empty())
    }

    fn http() -> Self {
        Self::Http(StateServer::start())
    }

    fn s3() -> Self {
        Self::S3(S3Store::start())
    }

    fn postgres() -> Option<Self> {
        Postgres::start().map(Self::Postgres)
    }

    /// What a definition says of it.
    fn block(&self) -> String {
        match self {
            // A folder that is the same for all who work on the project, as a shared disk is.
            Self::File(folder) => format!("state \"local\" {{ path = \"{}/lab.json\" }}", folder.path().display()),
            Self::Http(server) => format!("state \"http\" {{ address = \"{}/{KEY}\" }}", server.url),
            Self::S3(store) => {
                format!("state \"s3\" {{\n bucket = \"{BUCKET}\"\n key = \"{KEY}\"\n endpoint = \"{}\"\n }}", store.url)
            }
            Self::Postgres(database) => {
                format!("state \"postgres\" {{\n name = \"lab\"\n conn_str = \"{}\"\n }}", database.address())
            }
        }
    }

    /// The bytes that are there.
    fn state(&self, workspace: &str) -> Option<Vec<u8>> {
        let key = KEY.replace("{workspace}", workspace);
        match self {
            Self::File(folder) => std::fs::read(folder.file("lab.json")).ok(),
            Self::Http(server) => server.state(&format!("/{key}")),
            Self::S3(store) => store.object(&key),
            Self::Postgres(database) => {
                let row = format!("workspace = '{workspace}' AND content IS NOT NULL");
                let hex = database.select("encode(content, 'hex')", &row)?;
                Some(data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap())
            }
        }
    }

    /// Somebody writes there who asks nobody.
    fn put(&self, bytes: &[u8]) {
        match self {
            Self::File(folder) => std::fs::write(folder.file("lab.json"), bytes).unwrap(),
            Self::Http(server) => server.put("/lab/default.json", bytes),
            Self::S3(store) => store.put("lab/default.json", bytes),
            Self::Postgres(database) => {
                let hex = data_encoding::HEXLOWER.encode(bytes);
                database.sql(&format!("UPDATE disco.state SET content = decode('{hex}', 'hex')"));
            }
        }
    }

    /// Whether anybody has the lock there.
    fn is_locked(&self) -> bool {
        match self {
            // Locked is the folder of each project.
            Self::File(_) => false,
            Self::Http(server) => server.lock("/lab/default.json").is_some(),
            Self::S3(store) => store.object("lab/default.json.lock").is_some(),
            Self::Postgres(database) => database.select("lock_id", "lock_id IS NOT NULL").is_some(),
        }
    }

    fn lab(&self, more: &str) -> Lab<'_> {
        let definition = format!("disco {{\n {}\n {more}\n}}\n{LAB}", self.block());
        Lab { place: self, folder: TestProject::with(&definition) }
    }
}

impl Lab<'_> {
    fn command(&self, words: &str) -> Command {
        let mut command = self.folder.command(words);
        match self.place {
            Place::S3(_) => {
                command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
            }
            Place::Postgres(_) => {
                command.env("PGPASSWORD", PASSWORD);
            }
            Place::File(_) | Place::Http(_) => {}
        }
        command
    }

    #[track_caller]
    fn disco(&self, words: &str) -> Run {
        let run = Run::of(&self.command(words).output().unwrap());
        for secret in [SECRET_KEY, PASSWORD] {
            assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret));
        }
        run
    }

    /// An apply that takes a while, once it has written something.
    fn begin_applying(&self) -> Child {
        let mut command = self.command("apply -auto-approve");
        command.env("DISCO_LOCAL_TIME_SCALE", "0.2").stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let begun = Instant::now();
        while self.place.state("default").is_none() {
            assert!(begun.elapsed() < Duration::from_secs(30), "nothing is written");
            std::thread::sleep(Duration::from_millis(5));
        }
        child
    }

    fn state(&self) -> Json {
        serde_json::from_slice(&self.place.state("default").unwrap()).unwrap()
    }
}

/// A test of each place.
macro_rules! contract {
    ($($name:ident)*) => {
        $(mod $name {
            #[test]
            fn file() { super::$name(&super::Place::file()); }
            #[test]
            fn http() { super::$name(&super::Place::http()); }
            #[test]
            fn s3() { super::$name(&super::Place::s3()); }
            #[test]
            fn postgres() { if let Some(place) = super::Place::postgres() { super::$name(&place); } }
        })*
    };
}

contract! {
    a_life
    of_two_one_waits
    what_somebody_else_wrote_stays
    a_death_in_the_middle
    workspaces_are_apart
    what_is_encrypted_is_not_readable
    a_state_is_pulled_and_pushed
}

fn a_life(place: &Place) {
    let lab = place.lab("");
    lab.disco("plan -detailed-exitcode").ends_with(2);
    assert!(place.state("default").is_none() && !place.is_locked(), "looking leaves nothing");
    lab.disco("apply -auto-approve").ends_with(0);
    assert!(!place.is_locked(), "the lock is given back");
    let serial = lab.state()["serial"].as_u64().unwrap();
    lab.disco("plan -detailed-exitcode").ends_with(0);
    assert_eq!(lab.state()["serial"], serial, "looking writes nothing");
    lab.disco("apply -auto-approve --var slaves=2").ends_with(0);
    lab.disco("destroy -auto-approve").ends_with(0);
    assert!(lab.state()["serial"].as_u64().unwrap() > serial);
    assert_eq!(lab.state()["clusters"], serde_json::json!({}));
    assert!(!place.is_locked());
}

fn of_two_one_waits(place: &Place) {
    let first = place.lab("");
    let mut child = first.begin_applying();
    // A file is locked where the project is, all else from everywhere.
    let other = place.lab("");
    let second = if matches!(place, Place::File(_)) { &first } else { &other };
    second.disco("plan").ends_with(1).says(&["in use by `disco apply` of ", "--lock-timeout=1m"]);
    second.disco("state list --lock-timeout=1m").ends_with(0);
    assert!(child.wait().unwrap().success());
    first.disco("plan -detailed-exitcode --lock-timeout=1m").ends_with(0);
}

fn what_somebody_else_wrote_stays(place: &Place) {
    let lab = place.lab("");
    let child = lab.begin_applying();
    place.put(b"{}");
    let run = Run::of(&child.wait_with_output().unwrap());
    assert_eq!(run.code, 1);
    assert_eq!(place.state("default").unwrap(), b"{}", "it is not written over");
    assert!(!place.is_locked());
}

fn a_death_in_the_middle(place: &Place) {
    let lab = place.lab("");
    let mut child = lab.begin_applying();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(lab.state()["clusters"].is_object(), "what is there is whole");
    match place {
        Place::File(_) => {}
        Place::Http(_) | Place::S3(_) => {
            lab.disco("plan").ends_with(1).says(&["disco force-unlock"]);
            lab.disco("force-unlock --force").ends_with(0);
        }
        Place::Postgres(database) => {
            lab.disco("plan").ends_with(1).says(&["its lock ends by itself within "]);
            database.sql("UPDATE disco.state SET expires_at = expires_at - interval '2 minutes'");
        }
    }
    lab.disco("apply -auto-approve").ends_with(0);
    lab.disco("plan -detailed-exitcode").ends_with(0);
}

fn workspaces_are_apart(place: &Place) {
    let lab = place.lab("");
    lab.disco("apply -auto-approve").ends_with(0);
    let first = lab.state();
    lab.disco("workspace new blue").ends_with(0);
    lab.disco("apply -auto-approve").ends_with(0);
    assert_eq!(lab.state(), first);
    if !matches!(place, Place::File(_)) {
        assert!(place.state("blue").is_some());
        lab.disco("destroy -auto-approve").ends_with(0);
        lab.disco("workspace select default").ends_with(0);
        lab.disco("workspace delete blue").ends_with(0);
        assert!(place.state("blue").is_none());
    }
    assert_eq!(lab.state(), first);
}

fn what_is_encrypted_is_not_readable(place: &Place) {
    let lab = place.lab(&format!("encryption {{\n key = \"{}\"\n }}", "1".repeat(64)));
    lab.disco("apply -auto-approve").ends_with(0);
    let text = String::from_utf8(place.state("default").unwrap()).unwrap();
    assert!(text.contains("disco-encrypted/1") && !text.contains("clusters"), "{text:.300}");
    lab.disco("plan -detailed-exitcode").ends_with(0);
    place.lab("").disco("plan").ends_with(1).says(&["encrypted"]);
}

fn a_state_is_pulled_and_pushed(place: &Place) {
    let lab = place.lab("");
    lab.disco("apply -auto-approve").ends_with(0);
    let pulled = lab.disco("state pull").ends_with(0).stdout;
    lab.folder.write("copy.json", &pulled);
    lab.disco("apply -auto-approve --var slaves=2").ends_with(0);
    let serial = lab.state()["serial"].as_u64().unwrap();
    lab.disco("state push copy.json").ends_with(1);
    lab.disco("state push --force copy.json").ends_with(0);
    assert!(lab.state()["serial"].as_u64().unwrap() > serial);
    assert!(!place.is_locked());
}
