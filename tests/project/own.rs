//! What frameworks of one's own do with values: secrets stay secret, values stay values, none vanishes.

use crate::support::{Run, TestProject};

const SECRET: &str = "correct-horse-battery";

const DEFINITION: &str = r#"
disco { catalogues = ["./own"] }

variable "token" {
  type      = string
  default   = "correct-horse-battery"
  sensitive = true
}

variable "words" {
  type    = string
  default = "two words"
}

cluster "c" {
  image = "debian-12"
  network {
    cidr             = "10.60.0.0/24"
    external_network = "public"
  }
  master { flavor = "m1.medium" }
  slaves {
    count  = 2
    flavor = "m1.medium"
  }
  framework "web" {
    password = var.token
    words    = var.words
  }
}
"#;

const SERVICE: &str = r#"
description = "A test"
version "1" {}
setting "password" {
  type        = "string"
  description = "Who knows it may enter"
  secret      = true
}
setting "words" {
  type        = "string"
  description = "Anything"
}
service "web" {
  description = "Web"
  on          = "slaves"
  unit        = "web"
  user        = "root"
  memory      = 1
"#;

fn project(manifest: &str) -> TestProject {
    let project = TestProject::with(DEFINITION);
    project.write("own/web/framework.hcl", manifest);
    project
}

/// A framework whose service says this too, and which has more after it.
fn service(says: &str, more: &str) -> TestProject {
    project(&format!("{SERVICE}{says}\n}}\n{more}\n"))
}

/// Makes sure that a run tells no secret.
fn discreet(run: Run) -> Run {
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(SECRET), "the secret is told:\n{text}");
    }
    run
}

#[test]
fn a_secret_in_an_environment_is_read_by_the_unit_alone() {
    let project = service(
        "exec = [\"/bin/web\", setting.words]\nenvironment = { PASSWORD = \"p-${setting.password}\", WORDS = setting.words }",
        "provide \"door\" { values = { key = setting.password } }",
    );
    let template = project.disco("template").ends_with(0).stdout;
    let told: Vec<&str> = template.lines().filter(|line| line.contains(SECRET)).collect();
    assert!(told.is_empty(), "the template shows it: {told:?}");
    let read: serde_json::Value = serde_saphyr::from_str(&template).unwrap();
    let configs = read["resources"].as_object().unwrap().values();
    let told = configs.filter_map(|it| it.pointer("/properties/config/str_replace/params/configuration"));
    let unit_of = |node: &serde_json::Value| {
        let units = node["units"].as_array()?;
        units.iter().find(|unit| unit["environment_file"] == "/etc/disco/web.env").cloned()
    };
    let (node, unit) = told.into_iter().find_map(|node| Some((node, unit_of(node)?))).unwrap();
    assert_eq!(unit["environment"], serde_json::json!({"WORDS": "two words"}));
    assert_eq!(unit["exec"], r#"/bin/web "two words""#);
    let file = node["files"].as_array().unwrap().iter().find(|file| file["name"] == "web.env").unwrap();
    assert_eq!(file["mode"], "0600");

    discreet(project.disco("plan --out saved").ends_with(0));
    discreet(project.disco("apply saved").ends_with(0));
    for file in ["saved", "disco.state.json"] {
        assert!(!project.read(file).contains(SECRET), "{file} shows it");
    }
    project.disco("plan --detailed-exitcode").ends_with(0);
    for question in ["slaves", "web.password", "web.words", "slaves/web"] {
        discreet(project.disco(&format!("explain {question}")).ends_with(0));
    }
    discreet(project.disco("show").ends_with(0));

    let plan = discreet(project.disco("plan --var token=another-correct-horse-battery").ends_with(0)).stdout;
    assert!(plan.contains("restarts web"), "{plan}");
    let run = project.disco("apply -auto-approve --var token=another").ends_with(0);
    assert!(!run.stdout.contains("another"), "{}", run.stdout);
    project.disco("plan --detailed-exitcode --var token=another").ends_with(0);
}

#[test]
fn a_secret_where_everybody_can_read_is_refused() {
    let exec = "exec = [\"/bin/web\"]";
    let cases = [
        ("exec = [\"/bin/web\", \"--password\", setting.password]", "", "`exec` of service `web`"),
        ("exec = \"/bin/web --password ${setting.password}\"", "", "`exec` of service `web`"),
        (exec, "directory { path = \"/srv/${setting.password}\" }", "`path` of a directory"),
        (
            exec,
            "step \"go\" {\n  moment = \"before-start\"\n  action = { kind = \"command\", commands = [[\"/bin/go\", setting.password]] }\n}",
            "`action` of step `go`",
        ),
        (
            exec,
            "step \"go\" {\n  moment = \"before-start\"\n  action = { kind = \"command\", commands = [[\"/bin/go\"]], environment = { P = setting.password } }\n}",
            "`action` of step `go`",
        ),
    ];
    for (says, more, what) in cases {
        let run = discreet(service(says, more).disco("validate").ends_with(1));
        let run = run.says(&[&format!("{what} would show a secret"), "./own/web/framework.hcl:", "mode = \"0600\""]);
        assert_eq!(run.stderr.matches("would show a secret").count(), 1, "{}", run.stderr);
    }
}

#[test]
fn a_fixed_value_is_not_made_from_a_secret() {
    let more = "setting \"derived\" {\n  type = \"string\"\n  description = \"d\"\n  default = \"x-${setting.password}\"\n  fixed = true\n}";
    let project = service("exec = [\"/bin/web\"]", more);
    discreet(project.disco("apply -auto-approve").ends_with(1))
        .says(&["`derived` of web is `fixed`, and its value comes from a secret"]);
    let open = more.replace("fixed = true", "");
    project.write("own/web/framework.hcl", &format!("{SERVICE}exec = [\"/bin/web\"]\n}}\n{open}\n"));
    discreet(project.disco("explain web.derived").ends_with(0));
}

#[test]
fn a_value_writes_no_lines_of_a_unit() {
    for says in [
        "exec = [\"/bin/web\", setting.words]",
        "exec = \"/bin/web --name ${setting.words}\"",
        "exec = [\"/bin/web\"]\nenvironment = { NAME = setting.words }",
    ] {
        let project = service(says, "");
        project.disco("validate").ends_with(0);
        project.write("disco.vars.hcl", "words = \"x\\nExecStartPre=/bin/evil\"\n");
        project
            .disco("validate")
            .ends_with(1)
            .says(&["of service `web` contains a control character", "framework.hcl:"]);
    }
}

#[test]
fn what_a_value_holds_is_one_argument() {
    let project = service("exec = \"/bin/web  --name ${setting.words} -x${setting.words}\"", "");
    project.write("disco.vars.hcl", "words = \"a \\\"b\\\" \\\\ ; $HOME %h 'c'\"\n");
    let template = project.disco("template --json").ends_with(0).stdout;
    let template: serde_json::Value = serde_json::from_str(&template).unwrap();
    let resources = template["resources"].as_object().unwrap();
    let (_, config) = resources.iter().find(|(name, _)| name.starts_with("config-slaves-")).unwrap();
    let bundle: serde_json::Value = serde_json::from_str(config["properties"]["config"].as_str().unwrap()).unwrap();
    let value = r#"a \"b\" \\ ; $HOME %h 'c'""#;
    assert_eq!(bundle["units"][0]["exec"], format!("/bin/web --name \"{value} \"-x{value}"));
}

#[test]
fn a_value_that_is_not_there_is_missed() {
    let heap = "setting \"heap\" {\n  type = \"integer\"\n  description = \"h\"\n  on = \"slaves\"\n  default = 7\n}\n";
    let master = |what: &str| {
        format!(
            "service \"boss\" {{\n  description = \"Boss\"\n  on = \"master\"\n  unit = \"boss\"\n  user = \"root\"\n  {what}\n}}\n"
        )
    };
    let file = "file \"x.conf\" {\n  format = \"properties\"\n  path = \"/etc/x.conf\"\n  keys = { a = 1, heap = setting.heap }\n}";
    let cases = [
        (master("memory = 1\n  exec = [\"/bin/boss\", setting.heap]"), "`exec` of service `boss`"),
        (master("memory = 1\n  exec = \"/bin/boss ${setting.heap}\""), "`exec` of service `boss`"),
        (master("memory = 1\n  exec = [\"/bin/boss\"]\n  environment = { HEAP = setting.heap }"), "`environment.HEAP` of service `boss`"),
        (master("memory = setting.heap\n  exec = [\"/bin/boss\"]"), "`memory` of service `boss`"),
        (file.to_owned(), "`heap` of file `x.conf`"),
        ("directory { path = \"/srv/${setting.heap}\" }".to_owned(), "`path` of a directory"),
        (
            "step \"go\" {\n  moment = \"before-start\"\n  action = { kind = \"command\", commands = [[\"/bin/go\", setting.heap]] }\n}".to_owned(),
            "`action` of step `go`",
        ),
    ];
    for (more, what) in cases {
        let project = service("exec = [\"/bin/web\"]", &format!("{heap}{more}"));
        let run = project.disco("validate").ends_with(1);
        run.says(&[&format!("{what} uses `setting.heap`, which has no value on `master`"), "framework.hcl:", "help:"]);
    }
    let asked = file.replace("setting.heap", "group.role == \"slave\" ? setting.heap : null");
    service("exec = [\"/bin/web\"]", &format!("{heap}{asked}")).disco("validate").ends_with(0);
}

#[test]
fn lists_and_objects_do_not_vanish() {
    let file = |value: &str| {
        format!(
            "file \"x.conf\" {{\n  format = \"properties\"\n  path = \"/etc/x.conf\"\n  keys = {{ a = {value} }}\n}}"
        )
    };
    let plain = "exec = [\"/bin/web\"]";
    for (says, more, message) in [
        (plain.to_owned(), file("[1, 2]"), "`a` of file `x.conf` is a list, expected a string, a number or a bool"),
        (plain.to_owned(), file("{ b = 1 }"), "`a` of file `x.conf` is an object"),
        (format!("{plain}\nenvironment = {{ L = [1] }}"), String::new(), "`environment.L` of service `web` is a list"),
        ("exec = [\"/bin/web\", [1]]".to_owned(), String::new(), "`exec` of service `web` is a list"),
        ("exec = setting.words".to_owned(), String::new(), "`exec` of service `web` must be a list of arguments"),
        (
            "exec = [\"bin/web\"]".to_owned(),
            String::new(),
            "`exec` of service `web` must begin with the path or the name",
        ),
        (
            "exec = [\"-/bin/web\"]".to_owned(),
            String::new(),
            "`exec` of service `web` must begin with the path or the name",
        ),
        ("exec = []".to_owned(), String::new(), "`exec` of service `web` is empty"),
    ] {
        service(&says, &more).disco("validate").ends_with(1).says(&[message, "framework.hcl:", "help:"]);
    }
    service(plain, &file("jsonencode([1, 2])")).disco("validate").ends_with(0);
}

/// What was fixed with a limit that follows from the machines, or from other frameworks, is planned again like any other.
#[test]
fn a_fixed_value_with_a_limit_that_is_known_late() {
    for limit in ["sum(slaves.n)", "floor(node.share / 64)", "with.hdfs.most"] {
        let limit = if limit.starts_with("with") { "length(with.hdfs.url)" } else { limit };
        let default = if limit.starts_with("sum") { limit } else { "3" };
        let manifest = format!(
            "description = \"A test\"\nversion \"1\" {{}}\nuses = [\"hdfs\"]\nminimum_memory = {{ master = 512, slave = 512 }}\n\
             locals {{ n = group.count }}\n\
             setting \"servers\" {{\n  type = \"integer\"\n  description = \"S\"\n  default = {default}\n  maximum = {limit}\n  fixed = true\n}}\n\
             setting \"password\" {{\n  type = \"string\"\n  description = \"P\"\n}}\n\
             setting \"words\" {{\n  type = \"string\"\n  description = \"W\"\n}}\n\
             file \"s.yaml\" {{\n  format = \"yaml\"\n  path = \"/etc/s.yaml\"\n  mode = \"0640\"\n  keys = {{ servers = setting.servers, password = setting.password }}\n}}\n"
        );
        let project = project(&manifest);
        let definition = DEFINITION.replace("count  = 2", "count  = 4").replace("m1.medium", "m1.large");
        project.write(
            "main.disco.hcl",
            &definition.replace("framework \"web\"", "framework \"hadoop\" { yarn = false }\n  framework \"web\""),
        );
        project.disco("apply -auto-approve").ends_with(0);
        project.disco("plan --detailed-exitcode").ends_with(0);
        if limit.starts_with("sum") {
            let definition = project.read("main.disco.hcl").replace("count  = 4", "count  = 2");
            project.write("main.disco.hcl", &definition);
            let explained = project.disco("explain web.servers").ends_with(0).stdout;
            assert!(explained.starts_with("setting.servers = 2\n"), "{explained}");
            project.disco("apply -auto-approve --accept-data-loss").ends_with(0);
            project.disco("plan --detailed-exitcode").ends_with(0);
        }
    }
}

#[test]
fn a_mistake_in_a_manifest_does_not_make_its_framework_unknown() {
    let project = service("exec = [\"/bin/web\"]\nmode = 7", "");
    let run = project.disco("validate").ends_with(1);
    assert!(run.stderr.contains("has no attribute `mode`"), "{}", run.stderr);
    assert!(!run.stderr.contains("disco::unknown_framework"), "{}", run.stderr);
}

#[test]
fn what_lies_beside_frameworks_is_none_of_a_catalogues_business() {
    let project = service("exec = [\"/bin/web\"]", "");
    project.write("own/docs/notes.txt", "no framework\n");
    std::fs::write(project.file("own/web/logo.png"), [0x89, b'P', 0xff, 0x00]).unwrap();
    project.disco("validate").ends_with(0);
    std::fs::write(project.file("own/web/framework.hcl"), [0x89, b'P', 0xff, 0x00]).unwrap();
    project.disco("validate").ends_with(1).says(&["web/framework.hcl is not UTF-8 text", "main.disco.hcl"]);
    project.write("own/web/framework.hcl", &format!("{SERVICE}exec = [\"/bin/web\"]\n}}\n"));
    project.write("own/typo/framwork.hcl", "");
    project.disco("validate").ends_with(1).says(&["the folder `./own/typo` has no `framework.hcl`"]);
}

#[test]
fn a_fixed_value_is_one_for_all_nodes() {
    let more =
        "setting \"n\" {\n  type = \"integer\"\n  description = \"N\"\n  default = group.count\n  fixed = true\n}";
    let run = service("exec = [\"/bin/web\"]", more).disco("validate").ends_with(1);
    run.says(&["`n` of web is `fixed`, but has one value on `master` and another on `slaves`", "framework.hcl:"]);
}
