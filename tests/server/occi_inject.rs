//! The value of `inject` is read by a grammar. What a program could be is refused.

use disco::server::occi::inject::{frameworks, words};

use super::occi_memory::catalogue;

#[test]
fn dictionaries_are_read() {
    for (text, expected) in [
        ("{}", vec![]),
        (" { } ", vec![]),
        ("{'hadoop': '', 'spark': ''}", vec!["hadoop", "spark"]),
        ("{'hadoop':'','spark':'default'}", vec!["hadoop", "spark"]),
        ("{\"hadoop\": \"\", 'spark': \"default\",}", vec!["hadoop", "spark"]),
        ("{'spark': '','spark': ''}", vec!["spark"]),
        ("{\t'kafka'\t:\t''\t}", vec!["kafka"]),
    ] {
        assert_eq!(frameworks(text, catalogue()), Ok(expected.into_iter().map(str::to_owned).collect()), "{text}");
    }
}

#[test]
fn unknown_frameworks_have_a_suggestion() {
    for (text, message) in [
        ("{'hadop': ''}", "framework `hadop` does not exist; did you mean `hadoop`?"),
        ("{'Spark': ''}", "framework `Spark` does not exist; did you mean `spark`?"),
        ("{'hadoop': 'end'}", "the value of `hadoop` is `end`, expected `''` or `'default'`"),
        ("{'hadoop': ''", "expected `}` at character 14, found the end"),
        ("hadoop", "expected `{` at character 1, found `h`"),
        ("{'hadoop': None}", "expected `''` or `'default'` at character 12, found `N`"),
    ] {
        assert_eq!(frameworks(text, catalogue()), Err(message.to_owned()), "{text}");
    }
    let heat = frameworks("{'heat': ''}", catalogue()).unwrap_err();
    assert!(heat.starts_with("framework `heat` does not exist; "), "{heat}");
}

/// What Python would evaluate.
pub(super) const PROGRAMS: &[&str] = &[
    "",
    "None",
    "{'hadoop': ''} or __import__('os').system('id')",
    "__import__('os').system('id')",
    "exec('import os')",
    "eval(\"{'hadoop': ''}\")",
    "open('/etc/passwd').read()",
    "{'hadoop': open('/etc/passwd').read()}",
    "{'hadoop': __import__('os').popen('id').read()}",
    "{__import__('os').system('id'): ''}",
    "{}; import os; os.system('id')",
    "{}\nimport os",
    "{\n'hadoop': ''\n}",
    "{'hadoop': ''}\r\nX: y",
    "{} # comment",
    "{'a': ''} if True else {}",
    "{k: '' for k in ['hadoop']}",
    "{**{'hadoop': ''}}",
    "dict(hadoop='')",
    "dict([('hadoop', '')])",
    "[('hadoop', '')]",
    "{'hadoop'}",
    "{'hadoop', 'spark'}",
    "{'hadoop': '' 'spark': ''}",
    "{'hadoop': ''}{'spark': ''}",
    "{,}",
    "{'hadoop': '',,}",
    "{'': ''}",
    "{'hadoop'+'x': ''}",
    "{'had' 'oop': ''}",
    "{u'hadoop': ''}",
    "{b'hadoop': b''}",
    "{r'hadoop': ''}",
    "{f'{1}': ''}",
    "{'hadoop': f''}",
    "{'''hadoop''': ''}",
    "{'hadoop': ''''''}",
    "{\"hadoop': ''}",
    "{'hadoop\": ''}",
    "{'hadoop\\x00': ''}",
    "{'\\x68adoop': ''}",
    "{'hadoop': '\\''}",
    "{'hadoop': u''}",
    "{'hadoop': 0}",
    "{'hadoop': True}",
    "{'hadoop': {}}",
    "{'hadoop': {'end': {}}}",
    "{'hadoop': ''}['hadoop']",
    "{'hadoop': ''}.keys()",
    "{'hadoop'.upper(): ''}",
    "{'hadoop': '' or ''}",
    "{'hadoop': ''} | {'spark': ''}",
    "({'hadoop': ''})",
    "lambda: {'hadoop': ''}",
    "(lambda: __import__('os').system('id'))()",
    "print('x')",
    "raise SystemExit",
    "`id`",
    "$(id)",
    "{'../../etc/passwd': ''}",
    "{'hadoop;id': ''}",
    "{'hadoop ': ''}",
    "{'ｈadoop': ''}",
    "{'hadoop': ''}\u{0}",
    "\u{feff}{}",
    "{\u{a0}}",
    "((((((((((",
    "{{{{{{{{{{",
];

#[test]
fn programs_are_refused() {
    for program in PROGRAMS {
        let refused = words(program).unwrap_err();
        assert!(!refused.is_empty() && refused.is_ascii() && !refused.contains('\n'), "{program}: {refused}");
    }
    let deep = "{".repeat(100_000);
    assert!(words(&deep).unwrap_err().contains("longer than"));
}

#[test]
fn programs_are_a_bad_request() {
    let service = super::occi_memory::Memory::new();
    // Those that fit between the quotes of a header.
    let fits = |program: &&&str| program.chars().all(|sign| matches!(sign, ' '..='~') && !matches!(sign, '"' | '\\'));
    for program in PROGRAMS.iter().filter(fits) {
        let attribute = format!("icclab.disco.dependencies.inject=\"{program}\"");
        let headers = [
            ("Category", super::occi_exchanges::CATEGORY),
            ("Content-Type", "text/occi"),
            ("X-OCCI-Attribute", attribute.as_str()),
        ];
        let answer = service.asked("POST", "/disco/", &headers, "");
        assert_eq!(answer.status, 400, "{program}");
        assert!(answer.body.starts_with("`icclab.disco.dependencies.inject`: "), "{}", answer.body);
    }
    assert_eq!(service.everything(), "");
}
