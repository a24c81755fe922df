//! Files of nodes, changed byte by byte on the page: the definition says so, and again nothing when it is taken back.

use super::Service;
use super::page::{Browser, hidden};
use crate::support::TestProject;

const HADOOP: &str = "# Ours.\ncluster \"lab\" {\n  image = \"debian-12\"\n\n  network {\n    cidr             = \
                      \"10.20.0.0/24\"\n    external_network = \"public\"\n  }\n\n  master {\n    flavor = \"m1.large\"\n  }\n\n  slaves \
                      {\n    flavor = \"m1.large\"\n    count  = 2\n  }\n\n  framework \"hadoop\" {} # the newest\n}\n";

#[test]
fn a_file_is_changed_key_by_key_and_back() {
    let folder = TestProject::with(HADOOP);
    folder.disco("fmt --check").ends_with(0);
    let service = Service::of(&folder);
    let browser = Browser::let_in(&service);
    let name = folder.path().file_name().unwrap().to_string_lossy().into_owned();
    let list = browser.get(&format!("/projects/{name}/configuration")).body;
    let address = list
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|link| link.contains("group=slaves") && link.contains("hdfs%2Dsite%2Exml"))
        .unwrap_or_else(|| panic!("{list}"))
        .replace("&amp;", "&");
    let page = browser.get(&address).body;
    for said in ["&lt;name&gt;dfs.replication&lt;/name&gt;", "these services restart", "Where from", "main.disco.hcl"] {
        assert!(page.contains(said), "nothing of {said} in {page}");
    }
    let save = |fields: &[(&str, &str)], then: &str| {
        let revision = hidden(&browser.get(&address).body, "revision");
        let mut all = vec![("revision", revision.as_str()), ("then", then)];
        all.extend(fields);
        browser.post(&address, &all)
    };
    let key = "dfs.datanode.data.dir.perm";
    let field = format!("key:{key}");
    let set = save(&[("new_key", key), ("new_value", "750")], "keys");
    assert_eq!(set.status, 303, "{}", set.body);
    let text = folder.read("main.disco.hcl");
    assert!(text.contains("config \"hdfs-site.xml\" {") && text.contains(&format!("\"{key}\" = \"750\"")), "{text}");
    folder.disco("fmt --check").ends_with(0);
    let page = browser.get(&address).body;
    assert!(page.contains("value=\"750\"") && page.contains("set by the definition"), "{page}");
    let gone = save(&[(&field, "750"), (&format!("gone:{key}"), "on")], "keys");
    assert_eq!(gone.status, 303, "{}", gone.body);
    assert!(folder.read("main.disco.hcl").contains(&format!("\"{key}\" = null")), "{}", folder.read("main.disco.hcl"));
    let again = save(&[(&field, "")], "keys");
    assert_eq!(again.status, 303, "{}", again.body);
    assert!(!folder.read("main.disco.hcl").contains("config"), "{}", folder.read("main.disco.hcl"));

    // What nobody may change is refused with its reason, and nothing is saved.
    let before = folder.read("main.disco.hcl");
    let core = address.replace("hdfs%2Dsite%2Exml", "core%2Dsite%2Exml");
    let page = browser.get(&core).body;
    assert!(page.contains("It cannot be changed: ") && !page.contains("name=\"key:fs.defaultFS\""), "{page}");
    let revision = hidden(&page, "revision");
    let forced = [("revision", revision.as_str()), ("new_key", "fs.defaultFS"), ("new_value", "file:///")];
    let wrong = browser.post(&core, &forced);
    assert!(
        wrong.status == 422 && wrong.body.contains("Nothing was saved: the definition would have mistakes."),
        "{}",
        wrong.body
    );
    assert!(wrong.body.contains("value=\"file:///\""), "what was typed stays: {}", wrong.body);
    assert_eq!(folder.read("main.disco.hcl"), before);
    let late = browser.post(&address, &[("revision", "of-yesterday"), ("new_key", key), ("new_value", "1")]);
    assert!(late.status == 422 && late.body.contains("nothing of yours was saved"), "{}", late.body);
    assert_eq!(folder.read("main.disco.hcl"), before);
    assert_eq!(browser.get(&address.replace("slaves", "nobody")).status, 422);
}

#[test]
fn a_file_is_given_byte_for_byte_and_back() {
    let folder = TestProject::with(HADOOP);
    let service = Service::of(&folder);
    let browser = Browser::let_in(&service);
    let name = folder.path().file_name().unwrap().to_string_lossy().into_owned();
    let address = format!("/projects/{name}/clusters/lab/file?group=slaves&file=log4j.properties");
    let address = if browser.get(&address).status == 200 {
        address
    } else {
        address.replace("log4j.properties", "core-site.xml")
    };
    let page = browser.get(&address).body;
    assert!(page.contains("Save these bytes"), "{page}");
    let bytes = "# all\nof=${it}\r\n\twith \\ and \"\n";
    let sent = "# all\r\nof=${it}\r\n\twith \\ and \"\r\n";
    let revision = hidden(&page, "revision");
    let saved = browser.post(&address, &[("revision", &revision), ("content", sent), ("then", "content")]);
    assert_eq!(saved.status, 303, "{}", saved.body);
    let text = folder.read("main.disco.hcl");
    assert!(text.contains("content = <<EOT\n# all\nof=$${it}\n\twith \\ and \"\nEOT\n"), "{text}");
    folder.disco("fmt --check").ends_with(0);
    let page = browser.get(&address).body;
    let shown = bytes.replace("\r\n", "\n").replace('"', "&quot;");
    assert!(page.contains(&shown) && page.contains("gives it byte for byte"), "{page}");
    let plan = folder.disco("plan").ends_with(0).stdout;
    assert!(plan.contains("lab"), "{plan}");
    let revision = hidden(&page, "revision");
    let back = browser.post(&address, &[("revision", &revision), ("then", "discard")]);
    assert_eq!(back.status, 303, "{}", back.body);
    assert!(!folder.read("main.disco.hcl").contains("config"), "{}", folder.read("main.disco.hcl"));
}
