//! Each kind of mistake in a manifest: what is said of it, at which place, with which way out. The lines are in a snapshot, to
//! be read by people who write messages.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::lab::{Lab, framework};
use crate::support::snapshot;
use disco::source::Diagnostics;

/// A service with lines of its own in the place of the usual ones.
fn service(lines: &[&str]) -> String {
    let usual =
        ["description = \"S\"", "on = \"slaves\"", "unit = \"s\"", "user = \"root\"", "exec = [\"/x\"]", "memory = 1"];
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let own: Vec<String> = lines.iter().map(|line| name(line)).collect();
    let kept = usual.iter().filter(|line| !own.contains(&name(line)));
    let all: Vec<&str> = kept.chain(lines).copied().collect();
    format!("service \"s\" {{\n  {}\n}}", all.join("\n  "))
}

fn file(lines: &str) -> String {
    format!("file \"f\" {{\n  format = \"properties\"\n  path = \"/etc/f\"\n  {lines}\n}}")
}

fn setting(lines: &str) -> String {
    format!("setting \"n\" {{\n  description = \"N\"\n  {lines}\n}}")
}

fn step(lines: &str) -> String {
    format!("step \"t\" {{\n  {lines}\n}}")
}

fn verify(action: &str) -> String {
    step(&format!("moment = \"verify\"\n  action = {{ {action} }}"))
}

fn port(lines: &str) -> String {
    format!("port \"p\" {{\n  description = \"P\"\n  {lines}\n}}")
}

const SECRET: &str =
    "setting \"word\" {\n  type = \"string\"\n  description = \"W\"\n  secret = true\n  generated = true\n}";
const ENSEMBLE: &str = "ensemble \"few\" {\n  on = [\"master\"]\n  size = 1\n}";

/// By the rows of what manifests can say: a title, and what is wrong.
fn mistakes() -> Vec<(&'static str, String)> {
    let line = |text: &str| service(&[text]);
    vec![
        // Names that do not exist.
        ("an attribute with a slip", line("memry = 1")),
        ("a block with a slip", "servce \"s\" {\n}".to_owned()),
        ("an attribute of another block", line("path = \"/x\"")),
        ("a name that does not exist", line("environment = { A = nod.memory }")),
        ("a value of the node that does not exist", line("environment = { A = node.nam }")),
        ("a value of the cluster that does not exist", line("environment = { A = cluster.mastres }")),
        ("a setting that is not declared", line("environment = { A = setting.heap }")),
        ("a framework that is not asked for", line("environment = { A = with.hdfs.url }")),
        ("a circle", "locals {\n  a = local.b\n  b = local.a\n}".to_owned()),
        // What is required.
        ("a service without memory", "service \"s\" {\n  description = \"S\"\n  on = \"slaves\"\n  unit = \"s\"\n  user = \"root\"\n  exec = [\"/x\"]\n}".to_owned()),
        ("a service without a name", service(&[]).replace("service \"s\"", "service")),
        ("a file without a format", "file \"f\" {\n  path = \"/etc/f\"\n}".to_owned()),
        ("a step without a moment", step("action = { kind = \"command\", commands = [[\"/x\"]] }")),
        ("an assertion without a message", "assert {\n  condition = true\n}".to_owned()),
        ("a form of manifests to come", "manifest = 3".to_owned()),
        // Values of the node itself.
        ("something computed from the node's name", line("environment = { A = upper(node.name) }")),
        ("the node's name in a condition", line("when = node.name == \"x\"")),
        ("a place outside of any ensemble", file("keys = { id = node.place }")),
        // Ensembles.
        ("an ensemble of slaves of no group", "ensemble \"e\" {\n  on = [\"slaves\"]\n  size = 1\n}".to_owned()),
        ("an ensemble nowhere", "ensemble \"e\" {\n  size = 1\n}".to_owned()),
        ("an ensemble that follows the cluster", "ensemble \"e\" {\n  on = [\"master\"]\n  size = cluster.nodes\n}".to_owned()),
        ("an ensemble beside other nodes", format!("{ENSEMBLE}\n{}", line("on = [\"few\", \"slaves\"]"))),
        ("an ensemble that is not declared", line("on = \"servers\"")),
        ("an ensemble of half a node", "ensemble \"e\" {\n  on = [\"master\"]\n  size = setting.n\n}\n".to_owned() + &setting("type = \"number\"\n  default = 0.5\n  fixed = true")),
        // Nodes.
        ("a slip in `on`", line("on = \"slave\"")),
        ("an account that is elsewhere", format!("user \"me\" {{\n  on = \"master\"\n}}\n{}", line("user = \"me\""))),
        ("the owner of a file that is elsewhere", format!("user \"me\" {{\n  on = \"slaves\"\n}}\n{}", file("owner = \"me:me\"\n  on = \"master\""))),
        ("the account of a step that is elsewhere", format!("user \"me\" {{\n  on = \"slaves\"\n}}\n{}", verify("kind = \"command\", user = \"me\", commands = [[\"/x\"]]"))),
        ("software that is elsewhere", format!("installation {{\n  on = \"master\"\n}}\n{}", line("exec = [\"${install.home}/x\"]"))),
        ("a package that is elsewhere", format!("packages {{\n  names = [\"munge\"]\n  on = \"master\"\n}}\n{}", service(&["unit = \"munge\"", "packaged = true"]).replace("\n  user = \"root\"", "").replace("\n  exec = [\"/x\"]", ""))),
        ("a file that is elsewhere", format!("{}\n{}", file("on = \"master\""), line("exec = [\"/x\", \"/etc/f\"]"))),
        ("a restart elsewhere", format!("{}\n{}", file("on = \"master\"\n  restarts = [\"s\"]"), line("on = \"slaves\""))),
        ("a step elsewhere that a service waits for", format!("{}\n{}", step("moment = \"before-start\"\n  action = { kind = \"command\", commands = [[\"/x\"]] }"), line("needs_step = \"t\""))),
        // Packages and Python.
        ("packages without names", "packages {\n  on = \"slaves\"\n}".to_owned()),
        ("a package with an option", "packages {\n  names = [\"munge=1\"]\n  on = \"slaves\"\n}".to_owned()),
        ("a lock file that does not exist", "version \"2\" {\n  requirements = \"lock.txt\"\n}".to_owned()),
        ("a lock file without digests", "version \"2\" {\n  requirements = \"open.txt\"\n}".to_owned()),
        // Steps.
        ("a step of nodes at the end", step("moment = \"verify\"\n  on = \"slaves\"\n  action = { kind = \"command\", commands = [[\"/x\"]] }")),
        ("a slip in a moment", step("moment = \"before_start\"\n  action = { kind = \"command\", commands = [[\"/x\"]] }")),
        ("a service that waits for a later step", format!("{}\n{}", line("needs_step = \"t\""), verify("kind = \"command\", commands = [[\"/x\"]]"))),
        ("an action without a kind", verify("commands = [[\"/x\"]]")),
        ("a slip in a kind", verify("kind = \"comand\", commands = [[\"/x\"]]")),
        ("a field of another kind", verify("kind = \"command\", commands = [[\"/x\"]], path = [\"a\"]")),
        ("a command as one text", verify("kind = \"command\", commands = [\"/x --all\"]")),
        (
            "a question without its answer",
            verify("kind = \"command\", commands = [[\"/x\"]], unless = { url = \"http://x\" }"),
        ),
        ("a setting that remembers what nothing keeps", setting("type = \"string\"\n  remembers = true")),
        ("members before there are any", step("moment = \"before-start\"\n  members_of = \"slaves\"\n  action = { kind = \"members\", url = \"http://x\", path = [\"a\"], names = \"keys\" }")),
        ("members of a port, not of an address", verify("kind = \"members\", url = \"127.0.0.1:80\", path = [\"a\"], names = \"keys\"")),
        ("a pattern that is none", verify("kind = \"command_members\", command = [\"/x\"], pattern = \"name=(\\\\S+\"")),
        ("a pattern with two names", verify("kind = \"command_members\", command = [\"/x\"], pattern = \"(\\\\S+)=(\\\\S+)\"")),
        ("a decommission that asks nobody", verify("kind = \"decommission\", each = [[\"/x\"]]")),
        // Secrets.
        ("a secret in a manifest", setting("type = \"string\"\n  secret = true\n  default = \"hunter2\"")),
        ("a secret that is kept in the state", setting("type = \"string\"\n  secret = true\n  fixed = true")),
        ("a secret on a command line", format!("{SECRET}\n{}", line("exec = [\"/x\", setting.word]"))),
        ("something computed from a generated secret", format!("{SECRET}\n{}", line("environment = { A = base64encode(setting.word) }"))),
        ("a generated setting that is not secret", setting("type = \"string\"\n  generated = true")),
        // Units.
        ("a unit with its ending", line("unit = \"s.service\"")),
        ("a line that DISCO writes", line("options = { ExecStartPre = \"/x\" }")),
        ("a kill mode that does not exist", line("kill_mode = \"proces\"")),
        ("an exit status that is none", line("success_exit_status = 300")),
        ("a variable with a minus", line("environment = { \"A-B\" = 1 }")),
        ("a command line with quotes", line("exec = \"/x 'a b'\"")),
        ("a program without a path", line("exec = [\"-x\"]")),
        ("memory that is a text", line("memory = \"lots\"")),
        ("an account that is not declared", line("user = \"me\"")),
        // Readiness.
        ("a probe of nothing", line("ready {\n  }")),
        ("a probe of a port that is not declared", line("ready {\n    port = \"p\"\n  }")),
        ("a probe that expects what is no expression", format!("{}\n{}", port("port = 80\n  service = \"s\""), line("ready {\n    port = \"p\"\n    send = \"ruok\"\n    expect = \"imok)\"\n  }"))),
        ("a probe without a way to send", format!("{}\n{}", port("port = 80\n  service = \"s\""), line("ready {\n    port = \"p\"\n    expect = \"imok\"\n  }"))),
        ("a probe that never waits", format!("{}\n{}", port("port = 80\n  service = \"s\""), line("ready {\n    port = \"p\"\n    timeout = 0\n  }"))),
        // Ports.
        ("a port of nobody", port("port = 80")),
        ("a port that follows from a node", port("port = node.vcpus\n  on = \"slaves\"")),
        ("a port beyond all ports", port("port = 70000\n  on = \"slaves\"")),
        ("a page that nobody can open", port("port = 80\n  on = \"slaves\"\n  page = \"/\"")),
        ("a port twice", port("port = 80\n  on = \"slaves\"") + "\n" + &port("port = 80\n  on = \"slaves\"").replace("\"p\" {", "\"q\" {")),
        // Files.
        ("a format that does not exist", "file \"f\" {\n  format = \"xml\"\n  path = \"/etc/f\"\n}".to_owned()),
        ("a separator where there is none", "file \"f\" {\n  format = \"yaml\"\n  path = \"/etc/f\"\n  separator = \"=\"\n}".to_owned()),
        ("a path that is not absolute", "file \"f\" {\n  format = \"yaml\"\n  path = \"etc/f\"\n}".to_owned()),
        ("a template without a text", "file \"f\" {\n  format = \"template\"\n  path = \"/etc/f\"\n}".to_owned()),
        ("a text that does not exist", "file \"f\" {\n  format = \"template\"\n  path = \"/etc/f\"\n  template = \"g\"\n}".to_owned()),
        ("a text that is not closed", "file \"f\" {\n  format = \"template\"\n  path = \"/etc/f\"\n  template = \"open.conf\"\n}".to_owned()),
        ("a list as a value", file("keys = { a = [1, 2] }\n  on = \"slaves\"")),
        ("a mode in letters", file("mode = \"rw-r--r--\"")),
        ("a restart of what is no service", file("restarts = [\"server\"]")),
        ("known keys without a list", file("known_keys = [\"f\"]")),
        ("a value of slaves in a file of all nodes", setting("type = \"integer\"\n  on = \"slaves\"\n  default = 1") + "\n" + &file("keys = { a = setting.n }")),
        // Settings.
        ("a type that does not exist", setting("type = \"int\"")),
        ("a default of another type", setting("type = \"integer\"\n  default = \"x\"")),
        ("a minimum above the maximum", setting("type = \"integer\"\n  minimum = 5\n  maximum = 2")),
        ("a default that is not among the words", setting("type = \"string\"\n  default = \"c\"\n  one_of = [\"a\", \"b\"]")),
        ("a setting of a name with another meaning", "setting \"config\" {\n  type = \"string\"\n  description = \"C\"\n}".to_owned()),
        // Versions.
        ("an archive without a digest", "version \"2\" {\n  archive = \"m/m.tgz\"\n}\nsetting \"mirrors\" {\n  type = \"list(url)\"\n  description = \"M\"\n}".to_owned()),
        ("an archive without mirrors", "version \"2\" {\n  archive = \"m/m.tgz\"\n  sha512_url = \"https://x/y\"\n}".to_owned()),
        ("an archive that is no tar file", "version \"2\" {\n  archive = \"m/m.zip\"\n  sha512_url = \"https://x/y\"\n}\nsetting \"mirrors\" {\n  type = \"list(url)\"\n  description = \"M\"\n}".to_owned()),
        ("an archive with its mirror", "version \"2\" {\n  archive = \"https://x/m.tgz\"\n  sha512_url = \"https://x/y\"\n}\nsetting \"mirrors\" {\n  type = \"list(url)\"\n  description = \"M\"\n}".to_owned()),
        ("a digest that is short", "version \"2\" {\n  sha512 = \"abc\"\n}".to_owned()),
        // Others, data, memory.
        ("a requirement that cannot be read", "requires = [\"hdfs >>= 3\"]".to_owned()),
        ("a requirement that follows from nodes", "requirement \"hdfs\" {\n  when = node.memory > 1\n}".to_owned()),
        ("data without a folder", line("stores_data = true")),
        ("a role that does not exist", "minimum_memory = { slaves = 512 }".to_owned()),
    ]
}

fn found(manifest: &str) -> (Diagnostics, Lab) {
    let mut lab = Lab::with(&[], 3);
    let texts = [
        ("framework.hcl", format!("manifest = 2\ndescription = \"a test\"\nversion \"1\" {{}}\n{manifest}")),
        ("open.txt", "a==1\n".to_owned()),
        ("open.conf", "one\ntwo ${node.memory\nthree ${node.vcpus}\n%{ if true }\n}\n".to_owned()),
    ];
    let texts: BTreeMap<String, String> = texts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    // The form is said once.
    let texts = if manifest.starts_with("manifest =") {
        let own = texts.get("framework.hcl").map(|text| text.replacen("manifest = 2\n", "", 1));
        texts.into_iter().chain(own.map(|text| ("framework.hcl".to_owned(), text))).collect()
    } else {
        texts
    };
    let diagnostics = lab.catalogue.add_folder("mine", "frameworks/mine", &texts, &lab.sources);
    if diagnostics.has_errors() {
        return (diagnostics, lab);
    }
    let place = lab.place();
    lab.spec.frameworks.push(framework("mine", "1", place));
    let (_, diagnostics) = lab.configure();
    (diagnostics, lab)
}

#[test]
fn each_is_said_once_at_its_place_with_a_way_out() {
    let mut told = String::new();
    let all = mistakes();
    assert!(all.len() >= 40, "{}", all.len());
    let mut faults = Vec::new();
    for (title, manifest) in &all {
        let (diagnostics, lab) = found(manifest);
        let _ = writeln!(told, "# {title}");
        for one in &diagnostics {
            let place = one.span().map(|span| (lab.sources.locate(span).0, lab.sources.snippet(span)));
            let (text, at) = place.unwrap_or_default();
            let at = at.lines().next().unwrap_or_default().to_owned();
            let help = one.help.as_deref().unwrap_or("-");
            let _ = writeln!(told, "{}\n  {}\n  at: {at}\n  help: {help}", one.code, one.message);
            if !text.starts_with("frameworks/mine/") && !text.starts_with("cluster.disco.hcl") {
                faults.push(format!("{title}: no place"));
            }
            if one.help.is_none() {
                faults.push(format!("{title}: no help"));
            }
        }
        if diagnostics.len() != 1 {
            faults.push(format!("{title}: said {} times", diagnostics.len()));
        }
        told.push('\n');
    }
    snapshot!("each-mistake", told);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
