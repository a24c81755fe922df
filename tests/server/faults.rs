//! What goes wrong for whoever asks: at once, twice, from elsewhere, or with odd words.

use std::fs;

use serde_json::{Value as Json, json};

use super::Service;
use super::page::{Browser, hidden};
use crate::support::{OwnDisk, TestProject};

fn base(project: &TestProject) -> String {
    format!("/v1/projects/{}", project.path().file_name().unwrap().to_string_lossy())
}

fn code(answer: &super::Answer) -> (u16, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

fn planned(service: &Service, base: &str) -> String {
    let made = service.ask(&format!("POST {base}/plans"), "{}");
    assert_eq!(made.status, 201, "{}", made.body);
    json!({"plan": made.json()["plan"]}).to_string()
}

#[test]
fn a_key_that_is_used_at_once_begins_one_operation() {
    let project = TestProject::lab();
    let service = Service::of(&project);
    let base = base(&project);
    let order = planned(&service, &base);
    let ask = || service.ask_with(&format!("POST {base}/operations"), &[("Idempotency-Key", "one")], &order);
    let numbers: Vec<Json> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        all.into_iter().map(|one| one.join().unwrap().json()["number"].clone()).collect()
    });
    assert!(numbers.iter().all(|number| *number == json!(1)), "{numbers:?}");
    let all = service.ask(&format!("GET {base}/operations"), "").json();
    assert_eq!(all["items"].as_array().unwrap().len(), 1, "{all}");
    assert_eq!(service.ended(&format!("{base}/operations/1"))["state"], "succeeded");
}

#[test]
fn a_folder_is_served_once() {
    let project = TestProject::lab();
    let service = Service::of(&project);
    let token = project.read(".disco/service/token");
    let run = project.disco("serve --listen 127.0.0.1:0").ends_with(1);
    run.says(&["is served already, by `disco serve --listen 127.0.0.1:", "help: end that one first"]);
    assert_eq!(project.read(".disco/service/token"), token);
    assert_eq!(service.ask("GET /v1", "").status, 200);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(project.file(".disco/service/token")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    drop(service);
    // Whoever was killed holds nothing, and programs go on with the token that they have.
    assert_eq!(Service::of(&project).ask("GET /v1", "").status, 200);
    assert_eq!(project.read(".disco/service/token"), token);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let path = project.file(".disco/service/token");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        drop(Service::of(&project));
        assert_ne!(project.read(".disco/service/token"), token, "others may have read it");
        fs::write(&path, "guess\n").unwrap();
        drop(Service::of(&project));
        assert_eq!(project.read(".disco/service/token").trim().len(), 64);
    }
}

#[test]
fn what_cannot_begin_uses_no_key_up() {
    let project = TestProject::lab();
    project.disco("apply --auto-approve").ends_with(0);
    let service = Service::of(&project);
    let base = base(&project);
    let order = planned(&service, &base);
    let ask = || service.ask_with(&format!("POST {base}/operations"), &[("Idempotency-Key", "k")], &order);
    project.disco("workspace new other").ends_with(0);
    assert_eq!(service.ask(&base.replacen('/', "GET /", 1), "").json()["workspace"], "other");
    let elsewhere = ask();
    assert_eq!(code(&elsewhere), (409, "service::refused".to_owned()), "{}", elsewhere.body);
    project.disco("workspace select default").ends_with(0);
    // Somebody has the lock.
    let lock = fs::OpenOptions::new().write(true).open(project.file(".disco/lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(code(&ask()), (423, "service::locked".to_owned()));
    drop(lock);
    let began = ask();
    assert_eq!(began.status, 202, "{}", began.body);
    assert_eq!(service.ended(began.header("location").unwrap())["state"], "succeeded");
    let all = service.ask(&format!("GET {base}/operations"), "").json();
    assert_eq!(all["items"].as_array().unwrap().len(), 2, "{all}");
}

#[test]
fn odd_words_are_told_apart() {
    let project = TestProject::lab();
    project.disco("apply --auto-approve").ends_with(0);
    project.write(".disco/operations/18446744073709551615-apply.jsonl", "");
    project.write(".disco/operations/notes.txt", "");
    project.write(".disco/operations/00000009-apply.jsonl", "not one of ours\n");
    let service = Service::of(&project);
    let base = base(&project);
    assert_eq!(service.ask(&base.replacen('/', "GET /", 1), "").json()["last_operation"]["number"], 1);
    for gone in [
        "operations/77",
        "operations/77/messages",
        "operations/18446744073709551615",
        "plans/none",
        "plans/..",
        "files/no.disco.hcl",
    ] {
        assert_eq!(code(&service.ask(&format!("GET {base}/{gone}"), "")).0, 404, "{gone}");
    }
    assert_eq!(code(&service.ask(&format!("POST {base}/operations/77/cancel"), "")).0, 404);
    let name = base.rsplit('/').next().unwrap();
    assert_eq!(code(&service.ask(&format!("GET /v1/events?project={name}&operation=77"), "")).0, 404);
    for (body, status) in [("[]", 422), ("[true, false]", 422), ("null", 422), ("", 400), ("{\"destroy\": 1}", 422)] {
        let answer = service.ask(&format!("POST {base}/plans"), body);
        assert_eq!(code(&answer), (status, "service::bad_body".to_owned()), "{body}: {}", answer.body);
    }
    let plain = service.ask_with(&format!("POST {base}/plans"), &[], "{}");
    assert_eq!(plain.status, 201);
    for (key, says) in [("", "needs an"), ("clé", "visible characters"), (&"k".repeat(201), "longer than 200")] {
        let answer =
            service.ask_with(&format!("POST {base}/operations"), &[("Idempotency-Key", key)], "{\"plan\": \"x\"}");
        assert_eq!(code(&answer), (400, "service::no_key".to_owned()), "{key}");
        assert!(answer.body.contains(says), "{key}: {}", answer.body);
    }
    // Where a browser was is its own word: a wrong one begins again.
    let events = |last: &str| {
        let request = format!("GET /v1/events?project={name}&operation=1");
        service.ask_with(&request, &[("Last-Event-ID", last)], "").body
    };
    let whole = events("");
    assert!(whole.contains("event: bye\ndata: over"), "{whole}");
    for odd in ["1", "1:+2", "1:99999", "2:3", ":", "1:-1"] {
        assert_eq!(events(odd), whole, "{odd}");
    }
}

#[test]
fn a_file_is_changed_by_whoever_knows_what_there_is() {
    let project = TestProject::lab();
    let service = Service::of(&project);
    let files = format!("{}/files", base(&project));
    let put = |name: &str, header: (&str, &str)| {
        service.ask_with(&format!("PUT {files}/{name}"), &[header], "# text\n").status
    };
    assert_eq!(put("new.disco.hcl", ("If-Match", "*")), 412);
    assert_eq!(put("new.disco.hcl", ("If-None-Match", "*")), 204);
    assert_eq!(put("new.disco.hcl", ("If-Match", "*")), 204);
    let tag = service.ask(&format!("GET {files}"), "").header("etag").unwrap().to_owned();
    assert_eq!(put("new.disco.hcl", ("If-Match", &format!("\"other\", {tag}"))), 204);
    for odd in ["a%0Ab.disco.hcl", "a%1Bb.disco.hcl", "a%7F.disco.hcl"] {
        assert_eq!(put(odd, ("If-None-Match", "*")), 422, "{odd}");
    }
    let delete = |name: &str| service.ask_with(&format!("DELETE {files}/{name}"), &[("If-Match", "*")], "").status;
    assert_eq!((delete("new.disco.hcl"), delete("new.disco.hcl")), (204, 404));
}

#[test]
fn no_byte_is_lost_of_texts_that_pages_cannot_show() {
    let project = TestProject::lab();
    let latin = b"# caf\xe9\ncluster \"b\" {\n}\n".to_vec();
    project.write_bytes("latin.disco.hcl", &latin);
    let windows = project.read("main.disco.hcl").replace('\n', "\r\n");
    project.write("main.disco.hcl", &windows);
    let service = Service::of(&project);
    let browser = Browser::let_in(&service);
    let files = format!("/projects/{}/files", project.path().file_name().unwrap().to_string_lossy());
    let revision = service.ask(&format!("GET {}", base(&project) + "/files"), "").json()["revision"].clone();
    let revision = revision.as_str().unwrap();
    assert_eq!(service.ask(&format!("GET {}/files/latin.disco.hcl", base(&project)), "").status, 422);
    let form = browser.get(&format!("{files}/latin.disco.hcl/form"));
    assert!(form.status == 422 && form.body.contains("is not UTF-8 text"), "{}", form.body);
    let fields = [("revision", revision), ("set:0:image", "debian-12"), ("then", "save")];
    assert_eq!(browser.post(&format!("{files}/latin.disco.hcl/form"), &fields).status, 422);
    let fields = [("revision", revision), ("text", "# mine"), ("then", "save")];
    assert_eq!(browser.post(&format!("{files}/latin.disco.hcl"), &fields).status, 422);
    assert_eq!(std::fs::read(project.file("latin.disco.hcl")).unwrap(), latin);

    fs::remove_file(project.file("latin.disco.hcl")).unwrap();
    let save = |text: &str| {
        let page = browser.get(&format!("{files}/main.disco.hcl")).body;
        let fields = [("revision", &*hidden(&page, "revision")), ("text", text), ("then", "save")];
        assert_eq!(browser.post(&format!("{files}/main.disco.hcl"), &fields).status, 303);
    };
    save(&windows);
    assert_eq!(project.read("main.disco.hcl"), windows);
    save(&format!("# new\r\n{windows}"));
    assert_eq!(project.read("main.disco.hcl"), format!("# new\r\n{windows}"));
    let large = browser.post(&format!("{files}/main.disco.hcl"), &[("text", &"x".repeat(1024 * 1024 + 1))]);
    assert!(large.status == 413 && large.body.contains("<h1>"), "{}", large.body);
}

#[test]
fn looking_at_the_way_in_does_not_use_it_up() {
    let project = TestProject::lab();
    let service = Service::of(&project);
    assert_eq!(service.send(&format!("HEAD {}", service.sign_in), &[], "").status, 200);
    assert_eq!(service.send(&format!("GET {}", service.sign_in), &[], "").status, 303);
    assert_eq!(service.send(&format!("GET {}", service.sign_in), &[], "").status, 403);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_no_record_of_nothing() {
    let Some(disk) = OwnDisk::new() else { return };
    let project = TestProject::lab();
    disk.disco(&project, "apply --auto-approve").ends_with(0);
    disk.mount("-t tmpfs -o size=4k none", &project.file(".disco/operations"));
    let folder = disk.seen(project.path());
    fs::write(folder.join(".disco/operations/filler"), [b'x'; 4096]).unwrap();
    let run = disk.disco(&project, "apply --auto-approve --var slaves=2").ends_with(0);
    run.says(&["The history does not keep this apply"]);
    let left: Vec<_> =
        fs::read_dir(folder.join(".disco/operations")).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(left, ["filler"]);
}
