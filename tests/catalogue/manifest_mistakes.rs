//! Mistakes that a manifest can have: each is said, at the attribute, with a way out.

use super::manifests::complaints;

/// A service with one line of its own.
fn service(line: &str) -> String {
    let mut lines = vec![
        "description = \"S\"",
        "on = \"slaves\"",
        "unit = \"s\"",
        "user = \"root\"",
        "exec = [\"/x\"]",
        "memory = 1",
    ];
    let name = line.split(' ').next().unwrap_or_default();
    lines.retain(|known| !known.starts_with(&format!("{name} =")));
    lines.push(line);
    format!("service \"s\" {{\n  {}\n}}", lines.join("\n  "))
}

fn file(line: &str) -> String {
    let format = if line.starts_with("format") { "" } else { "format = \"yaml\"\n  " };
    let path = if line.starts_with("path") { "" } else { "path = \"/f\"\n  " };
    format!("file \"f\" {{\n  {format}{path}{line}\n}}")
}

fn setting(lines: &str) -> String {
    format!("setting \"n\" {{\n  description = \"N\"\n  {lines}\n}}")
}

fn step(action: &str) -> String {
    format!("step \"t\" {{\n  moment = \"verify\"\n  action = {{ {action} }}\n}}")
}

#[test]
fn what_cannot_be_is_refused_at_the_attribute() {
    let cases = [
        (file("path = \"etc/f\""), "`path` of `file \"f\"` is `etc/f`, expected an absolute path", "\"etc/f\""),
        (file("path = \"/etc/../f\""), "`path` of `file \"f\"` is `/etc/../f`, expected an absolute path", "\"/etc/../f\""),
        (file("mode = \"rwx\""), "`mode` of `file \"f\"` is `rwx`, expected three or four octal digits", "\"rwx\""),
        (file("mode = \"0888\""), "`mode` of `file \"f\"` is `0888`, expected three or four octal digits", "\"0888\""),
        (file("owner = \"me:root\""), "`owner` of `file \"f\"` names `me`, which the manifest does not declare", "\"me:root\""),
        (file("owner = \"a b\""), "`owner` of `file \"f\"` is `a b`, expected user:group", "\"a b\""),
        (file("format = \"template\""), "`file \"f\"` has the format `template` and no `template`", "\"template\""),
        (file("format = \"shell\"\n  keys = { \"A-B\" = 1 }"), "`A-B` in `keys` of `file \"f\"` is not a valid name of a variable", "\"A-B\""),
        ("directory {\n  path = \"data\"\n}".to_owned(), "`path` of a `directory` block is `data`, expected an absolute path", "\"data\""),
        ("directory {\n  path = \"d/${setting.x}\"\n}".to_owned(), "`path` of a `directory` block begins with `d/`, expected an absolute path", "\"d/${setting.x}\""),
        ("directory {\n  path = \"/d\"\n  mode = \"7\"\n}".to_owned(), "`mode` of a `directory` block is `7`, expected three or four octal digits", "\"7\""),
        ("user \"u\" { home = \"lib/u\" }".to_owned(), "`home` of `user \"u\"` is `lib/u`, expected an absolute path", "\"lib/u\""),
        ("user \"My User\" {}".to_owned(), "`My User` cannot be the name of a `user`", "\"My User\""),
        (service("unit = \"s.service\""), "`unit` of `service \"s\"` is `s.service`, expected a name without `.service`", "\"s.service\""),
        (service("unit = \"a b\""), "`unit` of `service \"s\"` is `a b`, expected the name of a unit", "\"a b\""),
        (service("environment = { \"A B\" = 1 }"), "`A B` in `environment` of `service \"s\"` is not a valid name of a variable", "\"A B\""),
        (service("description = \"a\\nb\""), "`description` of `service \"s\"` contains a control character", "\"a\\nb\""),
        (service("exec = \"/x 'a b'\""), "`exec` of `service \"s\"` has a quote or a backslash, which has no meaning in one string", "\"/x 'a b'\""),
        (service("exec = 7"), "`exec` of `service \"s\"` must be a list of arguments", "7"),
        (service("group = \"others\""), "the manifest declares no group `others`", "\"others\""),
        (service("after = [\"t\"]"), "the manifest declares no service `t`", "[\"t\"]"),
        ("port \"p\" {\n  description = \"P\"\n  on = \"slaves\"\n  port = 20\n  last_port = 10\n}".to_owned(), "`last_port` of `port \"p\"` is 10, expected at least `port`, which is 20", "10"),
        ("port \"p\" {\n  description = \"P\"\n  on = \"slaves\"\n  port = 20\n  users = true\n  page = \"ui\"\n}".to_owned(), "`page` of `port \"p\"` is `ui`, expected a path", "\"ui\""),
        ("port \"p\" {\n  description = \"P\"\n  on = \"slaves\"\n  port = 20\n  users = true\n  endpoint = \"hdfs\"\n}".to_owned(), "`endpoint` of `port \"p\"` is `hdfs`, expected a scheme or nothing", "\"hdfs\""),
        ("port \"p\" {\n  description = \"P\"\n  on = \"slaves\"\n  port = 20\n  endpoint = \"\"\n}".to_owned(), "`port \"p\"` has an `endpoint`, but no rule can let users in", "\"\""),
        (step("commands = [[\"/x\"]]"), "`action` of `step \"t\"` has no `kind`", "{ commands = [[\"/x\"]] }"),
        (step("kind = \"comand\", commands = []"), "`action` of `step \"t\"` has the unknown kind `comand`", "\"comand\""),
        (step("kind = \"command\", commands = [[\"/x\"]], usr = \"a\""), "`action` of `step \"t\"` of the kind `command` has no `usr`", "usr"),
        (step("kind = \"members\", path = [\"a\"], names = \"keys\""), "`action` of `step \"t\"` of the kind `members` has no `url`", "{ kind = \"members\", path = [\"a\"], names = \"keys\" }"),
        (step("kind = \"members\", path = [\"a\"], names = \"keys\", url = \"localhost\""), "`url` of `action` of `step \"t\"` is `localhost`, expected an HTTP address", "\"localhost\""),
        (step("kind = \"http\""), "`action` of `step \"t\"` of the kind `http` has no `requests`", "{ kind = \"http\" }"),
        ("version \"2\" { archive = \"m/m.tgz\" }\nsetting \"mirrors\" {\n  type = \"list(string)\"\n  description = \"M\"\n}".to_owned(), "`version \"2\"` has an `archive`, but no digest", "\"m/m.tgz\""),
        ("version \"2\" {\n  archive = \"m/m.tgz\"\n  sha512_url = \"https://x/y\"\n}".to_owned(), "`version \"2\"` has an `archive`, but the manifest has no setting `mirrors`", "\"m/m.tgz\""),
        ("version \"a/b\" {}".to_owned(), "`a/b` cannot be the name of a `version`", "\"a/b\""),
        (setting("type = \"integer\"\n  default = \"x\""), "`default` of `setting \"n\"` must be a whole number", "\"x\""),
        (setting("type = \"integer\"\n  minimum = 5\n  maximum = 2"), "`minimum` of `setting \"n\"` is 5, more than its `maximum`, which is 2", "5"),
        (setting("type = \"string\"\n  maximum = 2"), "`maximum` of `setting \"n\"` is for numbers, not for a string", "2"),
        (setting("type = \"string\"\n  default = \"c\"\n  one_of = [\"a\", \"b\"]"), "`default` of `setting \"n\"` is `c`, which is not in its `one_of`", "\"c\""),
        (setting("type = \"integer\"\n  secret = true"), "`setting \"n\"` is `secret`, but is neither a string nor a list of strings", "true"),
        (setting("type = \"string\"\n  secret = true\n  default = \"x\""), "`default` of `setting \"n\"` is in the manifest, so it is not secret", "\"x\""),
        (setting("type = \"string\"\n  generated = true"), "`setting \"n\"` is `generated`, but is not a secret string", "true"),
        (setting("type = \"size\"\n  secret = true\n  generated = true"), "`setting \"n\"` is `generated`, but is not a secret string", "true"),
        (setting("type = \"string\"\n  secret = true\n  generated = true\n  default = null"), "`setting \"n\"` has both `generated` and `default`", "null"),
        (setting("type = \"string\"\n  secret = true\n  generated = true\n  length = 8"), "`length` of `setting \"n\"` must be from 16 to 512", "8"),
        (setting("type = \"string\"\n  length = 32"), "`length` of `setting \"n\"` is for secrets that Heat generates", "32"),
        (setting("type = \"string\"\n  secret = true\n  fixed = true"), "`setting \"n\"` is `secret` and `fixed`: the state would show it", "true"),
        (setting("type = \"list(string)\"\n  fixed = true"), "`setting \"n\"` is `fixed`, but a list cannot be kept", "true"),
        ("setting \"config\" {\n  type = \"string\"\n  description = \"C\"\n}".to_owned(), "a setting cannot have the name `config`, which has another meaning in a `framework` block", "\"config\""),
    ];
    for (manifest, message, place) in cases {
        let found = complaints(&manifest);
        let told = found.iter().find(|(_, told, _)| told == message);
        assert!(told.is_some(), "nothing of {message}: {found:#?}");
        assert_eq!(told.map(|(_, _, at)| at.as_str()), Some(place), "{message}");
        assert_eq!(found.len(), 1 + usize::from(manifest.contains("${setting.x}")), "{message}: {found:#?}");
    }
}

#[test]
fn what_is_said_twice_is_refused() {
    let port = |name: &str, line: &str| {
        format!("port \"{name}\" {{\n  description = \"P\"\n  on = \"slaves\"\n  {line}\n}}\n")
    };
    let two = |one: &str, other: &str| format!("{}{}", port("one", one), port("two", other));
    let other = |line: &str| service(line).replace("\"s\" {", "\"o\" {");
    let ready = "  ready { port = \"one\" }\n";
    let cases = [
        (two("port = 80", "port = 80"), "port 80 (tcp) is declared twice", "80"),
        (two("port = 80\n  last_port = 90", "port = 85"), "port 85 (tcp) is declared twice", "85"),
        (format!("{}\n{}", service("memory = 1"), other("unit = \"s\"")), "the unit `s` is declared twice", "\"s\""),
        (
            format!("{}\n{}", file("keep = true"), file("keep = true").replace("\"f\" {", "\"g\" {")),
            "the path `/f` is declared twice",
            "\"/f\"",
        ),
        (
            format!("{}\ndirectory {{\n  path = \"/f\"\n}}", file("keep = true")),
            "the path `/f` is declared twice",
            "\"/f\"",
        ),
        (
            format!(
                "{}{}",
                port("one", "port = 80"),
                service("memory = 1").replace("\n}", &format!("\n{ready}{ready}}}"))
            ),
            "`service \"s\"` has two `ready` blocks",
            "ready",
        ),
        (
            "masters { maximum = 1 }\nmasters { maximum = 2 }".to_owned(),
            "a manifest has two `masters` blocks",
            "masters",
        ),
    ];
    for (manifest, message, place) in cases {
        let found = complaints(&manifest);
        assert_eq!(found.len(), 1, "{message}: {found:#?}");
        assert_eq!((found[0].0, found[0].1.as_str(), found[0].2.trim()), ("disco::manifest_duplicate", message, place));
    }
    for fine in [
        two("port = 80", "port = 80\n  protocol = \"udp\""),
        two("port = 80\n  last_port = 90", "port = 85\n  last_port = 99"),
        two("port = 80", "port = 80\n  when = cluster.slaves > 3"),
        two("port = 80", "port = 80").replacen("on = \"slaves\"", "on = \"master\"", 1),
    ] {
        assert_eq!(complaints(&fine), [], "{fine}");
    }
}

#[test]
fn a_service_does_not_wait_for_what_runs_after_it() {
    let manifest = format!("{}\n{}", service("needs_step = \"t\""), step("kind = \"command\", commands = [[\"/x\"]]"));
    let found = complaints(&manifest);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].1, "service `s` waits for the step `t`, which runs after it");
    assert_eq!(found[0].2, "\"t\"");
}

#[test]
fn all_mistakes_are_told_in_one_run() {
    let manifest = format!("{}\n{}\n{}", file("mode = \"rwx\""), service("memry = 1"), "user \"u\" { home = \"x\" }");
    let told: Vec<String> = complaints(&manifest).into_iter().map(|(_, told, _)| told).collect();
    assert!(told.iter().any(|told| told.contains("no attribute `memry`")), "{told:?}");
    assert!(told.iter().any(|told| told.contains("is `rwx`")), "{told:?}");
    assert!(told.iter().any(|told| told.contains("`home`")), "{told:?}");
}
