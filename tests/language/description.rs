//! What the language says of itself is true: what is described is read, and as it is described.

use disco::language::{AttributeSchema, BlockSchema, FILE, Kind, Label, Presence};

use super::project::Project;

/// A definition in which each block stands once, `body` being all that the block at `path` says.
fn definition(path: &[&'static BlockSchema], body: &str) -> String {
    let mut text = body.to_owned();
    for (depth, schema) in path.iter().enumerate().rev() {
        let label = match schema.label {
            Label::Word(word) => format!(" \"{word}\""),
            Label::Required(example) => example.trim_start_matches(schema.word).replace("FILE", "core-site.xml"),
            Label::None | Label::Optional(_) => String::new(),
        };
        let label = if schema.word == "allow" { " \"custom\"" } else { label.as_str() };
        let beside = if depth + 1 < path.len() { "" } else { text.as_str() };
        let inner = if depth + 1 < path.len() { text.as_str() } else { "" };
        text = format!("{}{label} {{\n{beside}\n{inner}\n}}\n", schema.word);
    }
    text
}

/// Calls `look` with every attribute and the blocks around it, the outer ones first.
fn each(
    schema: &'static BlockSchema,
    path: &[&'static BlockSchema],
    look: &mut dyn FnMut(&[&'static BlockSchema], &AttributeSchema),
) {
    for inner in schema.blocks {
        let path: Vec<&'static BlockSchema> = path.iter().copied().chain([inner.schema]).collect();
        inner.schema.attributes().for_each(|attribute| look(&path, attribute));
        each(inner.schema, &path, look);
    }
}

#[test]
fn every_attribute_is_read_and_has_the_type_that_is_described() {
    let mut faults = Vec::new();
    let mut looked_at = 0;
    each(&FILE, &[], &mut |path, attribute| {
        looked_at += 1;
        let name = attribute.name;
        let wrong = if matches!(attribute.kind, Kind::Other(_)) { "nothing_is_called_so" } else { "[{}]" };
        let text = definition(path, &format!("{name} = {wrong}"));
        let column = format!("{name} = ").len();
        let line = text.lines().position(|line| line.starts_with(&format!("{name} = "))).unwrap();
        let project = Project::of(&text);
        let found = project.evaluate().1;
        let complained = found.iter().any(|one| {
            one.span().is_some_and(|span| {
                let (_, position) = project.sources.locate(span);
                position.line == line + 1 && position.column > column
            })
        });
        // A condition is looked at only where the variable has a value.
        let later = path.last().is_some_and(|schema| schema.word == "validation");
        if !complained && !later {
            faults.push(format!("nobody reads `{name}` in\n{text}{}", project.drawn(&found)));
        }
        if let Presence::Required(_) = attribute.presence {
            let found = Project::of(&definition(path, "")).evaluate().1;
            if !found.iter().any(|one| one.message.contains(&format!("the attribute `{name}`"))) {
                faults.push(format!("`{name}` is not required in\n{}", definition(path, "")));
            }
        }
    });
    assert!(looked_at > 45, "only {looked_at} attributes");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn everything_has_a_sentence() {
    each(&FILE, &[], &mut |path, attribute| {
        let block = path.last().unwrap();
        for says in [attribute.says, block.says] {
            assert!(says.ends_with('.') && says.len() > 8, "`{}` of `{}`: {says}", attribute.name, block.word);
        }
    });
}
