//! A cluster by forms alone: from an empty folder to one that runs, and a suggestion that is kept.

use super::Service;
use super::page::{Browser, hidden};
use crate::support::TestProject;

#[test]
fn a_cluster_is_defined_with_forms_alone() {
    let folder = TestProject::empty();
    let service = Service::of(&folder);
    let browser = Browser::let_in(&service);
    let name = folder.path().file_name().unwrap().to_string_lossy().into_owned();
    let page = browser.get(&format!("/projects/{name}")).body;
    assert!(page.contains("There is none yet.") && page.contains("href=\"/new\""), "{page}");
    let wrong = browser.post("/new", &[("name", "my lab"), ("framework", "hadoop"), ("slaves", "2")]);
    assert!(wrong.status == 422 && wrong.body.contains("value=\"my lab\""), "{}", wrong.body);
    assert!(wrong.body.contains("role=\"alert\""), "{}", wrong.body);
    let made = browser.post("/new", &[("name", "lab"), ("framework", "hadoop"), ("slaves", "2")]);
    assert_eq!(made.status, 303, "{}", made.body);
    let form = made.header("location").unwrap().to_owned();
    assert_eq!(form, format!("/projects/{name}/files/lab.disco.hcl/form"));
    let page = browser.get(&form).body;
    assert!(page.contains("Nothing is wrong with it."), "{page}");
    let before = folder.read("lab.disco.hcl");

    // A field is changed, a block added, a block removed: only their lines differ.
    let fields = page.split("name=\"set:");
    let count =
        fields.filter_map(|rest| rest.split_once(":default\" value=\"2\"")).map(|(path, _)| path).next().unwrap();
    let count = format!("set:{count}:default");
    let revision = hidden(&page, "revision");
    let many = browser.post(&form, &[("revision", &revision), (&count, "many"), ("then", "save")]);
    assert!(many.status == 422 && many.body.contains("a number is expected"), "{}", many.body);
    assert!(many.body.contains("value=\"many\"") && many.body.contains("aria-invalid=\"true\""), "{}", many.body);
    assert_eq!(folder.read("lab.disco.hcl"), before);
    let three = browser.post(&form, &[("revision", &revision), (&count, "3"), ("then", "save")]);
    assert_eq!(three.status, 303, "{}", three.body);
    let after = folder.read("lab.disco.hcl");
    let differing = before.lines().zip(after.lines()).filter(|(old, new)| old != new).count();
    assert_eq!((before.lines().count(), differing), (after.lines().count(), 1), "{after}");
    let late = browser.post(&form, &[("revision", &revision), (&count, "9"), ("then", "save")]);
    assert!(late.status == 409 && late.body.contains("nothing of yours was saved"), "{}", late.body);
    assert_eq!(folder.read("lab.disco.hcl"), after);
    let revision = hidden(&browser.get(&form).body, "revision");
    let added = browser.post(&form, &[("revision", &revision), ("label::output", "where"), ("then", "add::output")]);
    assert_eq!(added.status, 303, "{}", added.body);
    assert!(folder.read("lab.disco.hcl").contains("\noutput \"where\" {"), "{}", folder.read("lab.disco.hcl"));
    let page = browser.get(&form).body;
    let remove = page.split("value=\"remove:").filter_map(|rest| rest.split('"').next()).last().unwrap();
    let gone = browser.post(&form, &[("revision", &hidden(&page, "revision")), ("then", &format!("remove:{remove}"))]);
    assert_eq!(gone.status, 303, "{}", gone.body);
    assert_eq!(folder.read("lab.disco.hcl").trim_end(), after.trim_end());

    let planned = browser.post(&format!("/projects/{name}/plans"), &[]);
    let address = planned.header("location").unwrap().to_owned();
    let key = hidden(&browser.get(&address).body, "key");
    let applied = browser.post(&address, &[("key", &key)]);
    let ended = service.ended(&format!("/v1{}", applied.header("location").unwrap()));
    assert_eq!(ended["state"], "succeeded", "{ended}");
    folder.disco("plan --detailed-exitcode").ends_with(0);
    // A folder that is a project takes no second one.
    assert!(browser.get("/new").body.contains("which is a project already"));
    let second = browser.post("/new", &[("name", "other"), ("framework", "hadoop")]);
    assert!(second.status == 422 && second.body.contains("is a project already"), "{}", second.body);
}

#[test]
fn a_suggestion_is_kept_as_a_project() {
    let folder = TestProject::empty();
    let service = Service::start(&folder, "--projects .");
    let browser = Browser::let_in(&service);
    let questions = browser.get("/suggest").body;
    assert!(questions.contains("What is to be done?") && questions.contains("name=\"volume.now\""), "{questions}");
    let wrong = browser.get("/suggest?work=batch&volume.now=a+lot").body;
    assert!(wrong.contains("expected an amount such as") && wrong.contains("value=\"a lot\""), "{wrong}");
    let found = browser.get("/suggest?work=batch&languages=java&code=mapreduce&volume.now=50+TB&home=cluster").body;
    assert!(found.contains("The definition of the first one") && found.contains("hadoop"), "{found}");
    let answers = [("work", "batch"), ("languages", "java"), ("volume.now", "50 TB"), ("home", "cluster")];
    let mut kept = answers.to_vec();
    kept.push(("project-name", "warehouse"));
    let bogus = browser.post("/suggest", &[("work", "bogus"), ("project-name", "bogus")]);
    assert!(bogus.status == 422 && !folder.file("bogus").exists(), "{}", bogus.body);
    assert!(browser.get("/suggest?work=batch&rate.peak=2").body.contains("needed with the rest of the answer"));
    let kept = browser.post("/suggest", &kept);
    assert_eq!(kept.header("location"), Some("/projects/warehouse/files/warehouse.disco.hcl/form"), "{}", kept.body);
    assert!(
        browser.get("/projects/warehouse/files/warehouse.disco.hcl/form").body.contains("Nothing is wrong with it.")
    );
    for taken in ["warehouse", "..", "a/b", ".hidden", ""] {
        let mut again = answers.to_vec();
        again.push(("project-name", taken));
        let again = browser.post("/suggest", &again);
        assert!([409, 422].contains(&again.status), "{taken}: {} {}", again.status, again.body);
    }
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let made = service.ask("POST /v1/projects", "{\"name\": \"second\"}");
    assert_eq!((made.status, made.header("location")), (201, Some("/v1/projects/second")), "{}", made.body);
    assert_eq!(service.ask("POST /v1/projects", "{\"name\": \"second\"}").status, 409);
    assert_eq!(service.ask("POST /v1/projects/second/plans", "{}").status, 201);
}
