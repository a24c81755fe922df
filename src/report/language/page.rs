//! The pages `docs/language.md` and `docs/errors.md`.

use std::fmt::Write as _;

use super::{Place, blocks, default, kind, whereabouts};
use crate::expression::functions;
use crate::language::{BlockSchema, CLUSTER_VALUES, FILE};
use crate::local;
use crate::source::{CODE_PREFIX, CODES};

const BEGINNING: &str = "\
# The language of definitions

Definitions are written in HCL's native syntax, in files whose names end with `.disco.hcl`. Strings stand in double
quotes, `#` begins a comment, `name = value` sets an attribute, `word \"name\" { … }` is a block. A block that is written
on one line holds one attribute at most.

What follows is printed by DISCO itself; `disco language` prints it on a terminal, `disco language BLOCK` one block of it.

";

const VALUES: &str = "\
## Values

Types are `string`, `number`, `bool`, `any`, `list(T)`, `set(T)`, `map(T)`, `tuple([…])` and
`object({ name = T, other = optional(T, DEFAULT) })`. Expressions are those of Terraform: operators, `condition ? a : b`,
`[for x in list : …]`, `{ for k, v in map : k => v }`, `\"text ${…}\"`, `%{ if … }`, heredocs, and splats `list[*].name`.

| name | what it is |
|---|---|
";

/// The reference of the language, in Markdown.
pub fn language_page() -> String {
    let mut text = BEGINNING.to_owned();
    let all = blocks();
    let _ = writeln!(text, "{}\n\n## Blocks\n\n```hcl", FILE.says);
    for inner in FILE.blocks {
        outline(inner.schema, 0, &mut text);
    }
    text.push_str("```\n");
    for (schema, places) in &all {
        block(schema, places, &mut text);
    }
    text.push('\n');
    values(&mut text);
    calls(&mut text);
    cloud(&mut text);
    text.push_str("\n## Mistakes\n\nEvery message has a code; [errors.md](errors.md) says what each of them means.\n");
    text
}

/// The blocks in each other.
pub(super) fn outline(schema: &BlockSchema, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let _ = write!(text, "{indent}{} {{", schema.head());
    if schema.blocks.is_empty() {
        text.push_str(" … }\n");
        return;
    }
    text.push('\n');
    for inner in schema.blocks {
        outline(inner.schema, depth + 1, text);
    }
    let _ = writeln!(text, "{indent}}}");
}

pub(super) fn block(schema: &BlockSchema, places: &[Place], text: &mut String) {
    let _ = writeln!(text, "\n### `{}`\n\n{} Stands {}.", schema.head(), schema.says, whereabouts(schema, places));
    if schema.attributes().next().is_some() {
        text.push_str("\n| attribute | type | default | what it is |\n|---|---|---|---|\n");
    }
    for attribute in schema.attributes() {
        let (of, form) = kind(attribute);
        let of = if form.is_empty() { of.to_owned() } else { format!("{of}: {form}") };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            attribute.name,
            cell(&of),
            cell(&default(attribute)),
            cell(attribute.says)
        );
    }
}

/// Text in a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn values(text: &mut String) {
    text.push_str(VALUES);
    for (name, what) in CLUSTER_VALUES {
        let _ = writeln!(text, "| `{name}` | {what} |");
    }
}

fn calls(text: &mut String) {
    text.push_str(
        "\n## Functions\n\nThey are Terraform's functions of the same names, except those that give another value every time \
         (`timestamp`, `uuid`, …).\n\n| function | what it gives |\n|---|---|\n",
    );
    for function in functions::all() {
        let _ = writeln!(text, "| `{}` | {} |", cell(&function.signature()), cell(function.summary));
    }
    text.push_str("| `can(expression)` | whether the expression has a value |\n");
    text.push_str("| `try(expression, …)` | the first expression that has a value |\n");
}

fn cloud(text: &mut String) {
    text.push_str(
        "\n## The embedded cloud\n\nWhat definitions may name where there is no `provider` block; clouds have names of \
         their own.\n\n| flavor | processors | memory | disk |\n|---|---|---|---|\n",
    );
    for flavor in local::flavors() {
        let _ = writeln!(text, "| `{}` | {} | {} MiB | {} GiB |", flavor.name, flavor.vcpus, flavor.ram, flavor.disk);
    }
    text.push_str("\n| image | least memory | least disk |\n|---|---|---|\n");
    for image in local::images() {
        let _ = writeln!(text, "| `{}` | {} MiB | {} GiB |", image.name, image.min_ram, image.min_disk);
    }
    let networks: Vec<String> = local::external_networks().iter().map(|(name, _)| format!("`{name}`")).collect();
    let _ = writeln!(text, "\nIts external network is {}.", networks.join(", "));
}

/// The index of all codes of messages, in Markdown.
pub fn error_page() -> String {
    let mut text = "# Codes of messages\n\nEvery mistake, refusal and warning has a code that stays the same; \
                    `--json` carries it as `code`. `disco explain CODE` prints its page.\n\n| code | what it means |\n|---|---|\n"
        .to_owned();
    for (code, meaning) in CODES {
        let name = code.trim_start_matches(CODE_PREFIX);
        let _ = writeln!(text, "| [`{code}`](errors/{name}.md) | {} |", cell(meaning));
    }
    text
}
