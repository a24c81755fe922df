//! The language on a terminal, a block at a time.

use std::fmt::Write as _;

use super::{blocks, default, kind, whereabouts};
use crate::language::{BlockSchema, FILE};
use crate::report::table;

/// All blocks, a line each, as they stand in each other.
pub fn language() -> String {
    let mut rows = Vec::new();
    for inner in FILE.blocks {
        lines(inner.schema, 0, &mut rows);
    }
    format!("{}\n\n{}\nRun `disco language BLOCK` for more.\n", FILE.says, table(&rows, "  "))
}

fn lines(schema: &BlockSchema, depth: usize, rows: &mut Vec<[String; 2]>) {
    let says = schema.says.split_inclusive(['.', ':', ';']).next().unwrap_or_default().trim_end_matches([':', ';']);
    rows.push([format!("{}{}", "  ".repeat(depth), schema.head()), says.to_owned()]);
    for inner in schema.blocks {
        lines(inner.schema, depth + 1, rows);
    }
}

/// The blocks that begin with `word`, whole; `None` if there are none.
pub fn language_block(word: &str) -> Option<String> {
    let mut text = String::new();
    for (schema, places) in blocks().iter().filter(|(schema, _)| schema.word == word) {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}\n  {}\n  Stands {}.", schema.head(), schema.says, whereabouts(schema, places));
        for attribute in schema.attributes() {
            let (of, form) = kind(attribute);
            let _ = writeln!(text, "\n  {}  {of}, {}", attribute.name, words(&default(attribute)));
            let _ = writeln!(text, "    {}", attribute.says);
            if !form.is_empty() {
                let _ = writeln!(text, "    {form}");
            }
        }
        let inner: Vec<String> = schema.blocks.iter().map(|inner| format!("`{}`", inner.schema.head())).collect();
        if !inner.is_empty() {
            let _ = writeln!(text, "\n  Blocks in it: {}", inner.join(", "));
        }
    }
    (!text.is_empty()).then_some(text)
}

fn words(default: &str) -> String {
    if default.starts_with("required") { default.to_owned() } else { format!("default: {default}") }
}

/// The words of all blocks, each once.
pub fn language_words() -> Vec<&'static str> {
    let mut words: Vec<&str> = blocks().iter().map(|(schema, _)| schema.word).collect();
    words.dedup();
    words
}
