//! Definitions as forms: lossless both ways, over all examples.

use std::path::Path;
use std::time::Duration;

use disco::project::{AddableLabel, FieldKind, FieldValue, FileChange, FormBody, FormEdit, Project, Request};

use crate::support::{TestProject, snapshot};

fn project_in(folder: &Path) -> Project {
    Project::new(Request {
        directory: folder.to_path_buf(),
        home: None,
        user: "u".to_owned(),
        host: "h".to_owned(),
        environment: Vec::new(),
        variables: Vec::new(),
        verbose: false,
        lock_timeout: Duration::ZERO,
        program: None,
        clouds: disco::project::CloudAccess::OwnMachine,
    })
}

/// All bodies of a form, the outer ones first.
fn bodies(body: &FormBody) -> Vec<&FormBody> {
    std::iter::once(body).chain(body.blocks.iter().flat_map(|block| bodies(&block.body))).collect()
}

fn edited(project: &Project, text: &str, edits: &[FormEdit]) -> Result<String, String> {
    project.form_edited(text, edits).unwrap().map_err(|fault| format!("{} {}: {}", fault.path, fault.name, fault.says))
}

#[test]
fn no_byte_changes_that_was_not_edited() {
    let (mut fields, mut blocks) = (0, 0);
    for (name, project, text) in definitions() {
        let form = project.form_of(&text).unwrap();
        let mut same = Vec::new();
        for body in bodies(&form) {
            for field in &body.fields {
                let FieldValue::Plain(value) = &field.value else { continue };
                fields += 1;
                let (path, field_name) = (body.path.clone(), field.name.clone());
                same.push(FormEdit::Set { path: path.clone(), name: field_name.clone(), value: value.clone() });
                let FieldKind::Text { .. } = field.kind else { continue };
                let new = "a new \"text\" ${x}";
                let set = |value: &str| FormEdit::Set {
                    path: path.clone(),
                    name: field_name.clone(),
                    value: value.to_owned(),
                };
                let there = edited(&project, &text, &[set(new)]).unwrap();
                assert!(there.contains("a new \\\"text\\\" $${x}"), "{name}: {there}");
                let now = project.form_of(&there).unwrap();
                let now = bodies(&now).into_iter().find(|now| now.path == path).unwrap().clone();
                let now = now.fields.into_iter().find(|now| now.name == field_name).unwrap();
                assert_eq!(now.value, FieldValue::Plain(new.to_owned()));
                let back = edited(&project, &text, &[set(new), set(value)]).unwrap();
                // A number in quotes stays one in quotes, and all others as they were.
                assert_eq!(
                    back.replace(&format!("\"{value}\""), value),
                    text.replace(&format!("\"{value}\""), value),
                    "{name}"
                );
            }
            for one in &body.addable {
                blocks += 1;
                let label = match &one.label {
                    AddableLabel::Name { choices, .. } => {
                        Some(choices.last().cloned().unwrap_or_else(|| "new-one".to_owned()))
                    }
                    _ => None,
                };
                let add = FormEdit::Add { path: body.path.clone(), word: one.word.clone(), label };
                let there = edited(&project, &text, std::slice::from_ref(&add));
                let there = there.unwrap_or_else(|fault| panic!("{name}: {add:?}: {fault}"));
                let now = project.form_of(&there).unwrap();
                let now = bodies(&now).into_iter().find(|now| now.path == body.path).unwrap().clone();
                assert_eq!(now.blocks.len(), body.blocks.len() + 1, "{name}: {add:?}\n{there}");
                let path = now.blocks.last().unwrap().body.path.clone();
                let back = edited(&project, &there, &[FormEdit::Remove { path }]).unwrap();
                if there.lines().count() > text.lines().count() && text.lines().all(|line| there.contains(line)) {
                    assert_eq!(back.trim_end(), text.trim_end(), "{name}: {add:?}");
                } else {
                    // A block of one line has several now.
                    let words = |text: &str| text.split_whitespace().collect::<String>();
                    assert_eq!(words(&back), words(&text), "{name}: {add:?}");
                }
            }
        }
        assert_eq!(edited(&project, &text, &same).unwrap(), text, "{name}");
    }
    assert!(fields > 200 && blocks > 200, "{fields} {blocks}");
}

/// The definitions of all examples.
fn definitions() -> Vec<(String, Project, String)> {
    let mut all = Vec::new();
    for folder in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap() {
        let folder = folder.unwrap().path();
        let Ok((_, files)) = project_in(&folder).definition_files() else { continue };
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        all.extend(
            files.into_values().map(|text| (name.clone(), project_in(&folder), String::from_utf8(text).unwrap())),
        );
    }
    assert!(all.len() > 10);
    all
}

#[test]
fn lines_are_written_where_people_would_write_them() {
    let folder = TestProject::lab();
    let project = project_in(folder.path());
    let text =
        "# A lab.\ncluster \"lab\" {\n  master {\n    image  = var.image # theirs\n  }\n  slaves { count = 3 }\n}\n";
    let set = |path: &str, name: &str, value: &str| FormEdit::Set {
        path: path.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let add = |path: &str, word: &str, label: &str| FormEdit::Add {
        path: path.to_owned(),
        word: word.to_owned(),
        label: (!label.is_empty()).then(|| label.to_owned()),
    };
    let done = edited(
        &project,
        text,
        &[
            set("0", "key_pair", "mine"),
            set("0.0", "flavor", "m1.small"),
            set("0.1", "count", "5"),
            set("0.1", "flavor", "m1.tiny"),
            add("0", "framework", "hadoop"),
            set("0.2", "version", "3.5.0"),
            add("", "output", "where"),
        ],
    );
    snapshot!("form", done.unwrap());
    let fault = |edit: FormEdit| edited(&project, text, &[edit]).unwrap_err();
    for (edit, says) in [
        (set("0.0", "image", "x"), "0.0 image: it is an expression: change it in the text"),
        (
            FormEdit::Unset { path: "0.0".to_owned(), name: "image".to_owned() },
            "0.0 image: it is an expression: change it in the text",
        ),
        (set("0.1", "count", "many"), "0.1 count: a whole number is expected"),
        (set("0", "colour", "x"), "0 colour: there is no such field"),
        (set("7", "image", "x"), "7 : there is no such block that the form knows"),
        (add("0", "master", ""), "0 : there is a `master` already"),
        (add("0", "framework", ""), "0 : give it a name, as in framework \"hadoop\""),
        (
            add("0", "framework", "a b"),
            "0 : `a b` is no name: it begins with a letter, and has letters, digits, - and _",
        ),
        (add("", "cluster", "lab"), " : there is a `cluster \"lab\"` already"),
        (add("0", "cluster", "x"), "0 : no `cluster` may be added here"),
        (FormEdit::Remove { path: String::new() }, " : a file is removed as a whole"),
    ] {
        assert_eq!(fault(edit), says);
    }
    assert!(project.form_of("cluster \"a\" {\n  master {\n").is_err(), "of a text without ends there is no form");
}

#[test]
fn files_are_changed_where_people_would_write_it() {
    let folder = TestProject::lab();
    let project = project_in(folder.path());
    let framework = |config: &str| format!("cluster \"lab\" {{\n  framework \"hadoop\" {{\n{config}  }}\n}}\n");
    let file = |change: FileChange| FormEdit::File { path: "0.0".to_owned(), file: "hdfs-site.xml".to_owned(), change };
    let set = |key: &str, value: &str| file(FileChange::Set { key: key.to_owned(), value: value.to_owned() });
    let as_written = |key: &str| file(FileChange::AsWritten { key: key.to_owned() });
    let after = |text: &str, edits: &[FormEdit]| edited(&project, text, edits).unwrap();
    let one = "    config \"hdfs-site.xml\" {\n      set = { \"a.b\" = \"1\" }\n    }\n";
    let two = "    config \"hdfs-site.xml\" {\n      set = { \"a.b\" = \"1\", c = \"2\" }\n    }\n";
    let lines = "    config \"hdfs-site.xml\" {\n      set = {\n        \"a.b\" = 1 # ours\n        c     = \"2\"\n      }\n    }\n";
    let cases = [
        (framework(""), vec![set("a.b", "1")], framework(one)),
        (framework(one), vec![set("c", "2")], framework(two)),
        (framework(two), vec![as_written("c")], framework(one)),
        (framework(two), vec![as_written("a.b")], framework(one).replace("\"a.b\" = \"1\"", "c = \"2\"")),
        (framework(one), vec![as_written("a.b")], framework("")),
        (framework(one), vec![set("a.b", "${x}")], framework(one).replace("\"1\"", "\"$${x}\"")),
        (framework(lines), vec![set("c", "3")], framework(lines).replace("\"2\"", "\"3\"")),
        (framework(lines), vec![as_written("c")], framework(&lines.replace("        c     = \"2\"\n", ""))),
        (
            framework(lines),
            vec![set("d", "4")],
            framework(&lines.replace("c     = \"2\"\n", "c     = \"2\"\n        d     = \"4\"\n")),
        ),
        (
            framework(one),
            vec![file(FileChange::Remove { key: "a.b".to_owned() })],
            framework(one).replace("\"1\"", "null"),
        ),
    ];
    for (text, edits, expected) in cases {
        assert_eq!(after(&text, &edits), expected);
    }
    let computed = framework("    config \"hdfs-site.xml\" {\n      set = merge(local.a, {})\n    }\n");
    let refused = |text: &str, edit: FormEdit| edited(&project, text, &[edit]).unwrap_err();
    assert!(refused(&computed, set("a", "1")).contains("it is an expression"));
    assert!(refused(&computed, as_written("a")).contains("it is an expression"));
    assert!(refused(&framework(one), file(FileChange::Content("x".to_owned()))).contains("sets keys of this file"));
    assert!(refused(&framework(""), set(" ", "1")).contains("a key has a name"));
    let whole = after(&framework(""), &[file(FileChange::Content("a\nEOT\n".to_owned()))]);
    assert!(whole.contains("content = <<END_OF_FILE\na\nEOT\nEND_OF_FILE\n"), "{whole}");
    assert!(refused(&whole, set("a", "1")).contains("gives the whole file"));
    assert_eq!(after(&whole, &[file(FileChange::Discarded)]), framework(""));
    let line = after(&framework(""), &[file(FileChange::Content("no end".to_owned()))]);
    assert!(line.contains("content = \"no end\""), "{line}");
}
