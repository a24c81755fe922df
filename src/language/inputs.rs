//! Where values of variables come from, and which of them counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::identifier;
use super::secrets::mask_unread;
use crate::source::{Diagnostic, Diagnostics, SourceId, Sources, Span};
use crate::syntax;
use crate::syntax::tree::{Body, Expression, Reading};

/// What names a variable in the environment.
const PREFIX: &str = "DISCO_VAR_";

/// Values for variables, from the weakest source to the strongest.
#[derive(Clone, Debug, Default)]
pub struct VariableInputs {
    /// The environment; what does not begin with `DISCO_VAR_` is passed over.
    pub environment: Vec<(String, String)>,
    /// `disco.vars.hcl`, then `*.auto.vars.hcl` by name, then `vars/WORKSPACE.vars.hcl`.
    pub files: Vec<SourceId>,
    /// `-var` and `-var-file` in the order given.
    pub command_line: Vec<CommandLineVariable>,
    /// Whether variables may lack a value: they are unknown then, and so is what is made of them.
    pub may_lack: bool,
    /// Whether the user wants to hear of values that are passed over.
    pub verbose: bool,
    /// The workspace, as expressions name it; `None` is the default one.
    pub workspace: Option<String>,
}

impl VariableInputs {
    /// All files of variables.
    pub(crate) fn all_files(&self) -> impl Iterator<Item = SourceId> {
        let named = self.command_line.iter().filter_map(|variable| match variable {
            CommandLineVariable::File(file) => Some(*file),
            CommandLineVariable::Assignment(_) => None,
        });
        self.files.iter().copied().chain(named)
    }
}

/// One `-var` or `-var-file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandLineVariable {
    /// `NAME=VALUE`, as typed.
    Assignment(String),
    /// A file like `disco.vars.hcl`.
    File(SourceId),
}

/// A value that was given for a variable; which variable is not known yet.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// The variable's name.
    pub(crate) name: String,
    /// What was given.
    pub(crate) value: GivenValue,
    /// Whether it comes from the environment, which holds what other projects need too.
    pub(crate) from_environment: bool,
    /// In words: the environment's variable, `-var` or the file's name.
    pub(crate) from: String,
    /// Where it says so; only a name is written in this place's line unless a file says it.
    pub(crate) name_span: Span,
}

/// What was given for a variable.
#[derive(Clone, Debug)]
pub(crate) enum GivenValue {
    /// Text of the environment or the command line: the text itself where a text, number or truth value is wanted,
    /// an expression otherwise.
    Raw(String),
    /// An expression of a file.
    Expression(Expression),
}

/// Reads all inputs, the weakest first. A later one of the same name counts. Also whether all files could be read as a
/// whole.
pub(crate) fn given(inputs: &VariableInputs, sources: &Sources, diagnostics: &mut Diagnostics) -> (Vec<Given>, bool) {
    let mut all = Vec::new();
    let mut whole = true;
    let environment: BTreeMap<&str, &str> =
        inputs.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for (key, value) in environment {
        if let Some(name) = key.strip_prefix(PREFIX) {
            let id = sources.add("environment", key);
            all.push(Given {
                name: name.to_owned(),
                value: GivenValue::Raw(value.to_owned()),
                from_environment: true,
                from: format!("the environment variable `{key}`"),
                name_span: Span::new(id, 0, key.len()),
            });
        }
    }
    for file in &inputs.files {
        whole &= from_file(*file, sources, &mut all, diagnostics);
    }
    for variable in &inputs.command_line {
        match variable {
            CommandLineVariable::File(file) => whole &= from_file(*file, sources, &mut all, diagnostics),
            CommandLineVariable::Assignment(text) => assignment(text, sources, &mut all, diagnostics),
        }
    }
    (all, whole)
}

fn assignment(text: &str, sources: &Sources, all: &mut Vec<Given>, diagnostics: &mut Diagnostics) {
    // The place shows the name alone: the value may be a secret.
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value)),
        None => (text.trim(), None),
    };
    let id = sources.add("command line", format!("--var {name}"));
    let name_span = Span::new(id, "--var ".len(), "--var ".len() + name.len());
    let Some(value) = value.filter(|_| !name.is_empty()) else {
        diagnostics.push(
            Diagnostic::error("disco::invalid_assignment", "`--var` needs a name and a value")
                .at(name_span, "needs `=` and a value")
                .help(format!("write `--var {}=VALUE`", if name.is_empty() { "NAME" } else { name })),
        );
        return;
    };
    all.push(Given {
        name: name.to_owned(),
        value: GivenValue::Raw(value.to_owned()),
        from_environment: false,
        from: "`--var`".to_owned(),
        name_span,
    });
}

/// Reads a file of variables; whether all of it could be read.
fn from_file(file: SourceId, sources: &Sources, all: &mut Vec<Given>, diagnostics: &mut Diagnostics) -> bool {
    let (body, found) = syntax::parse(sources, file);
    mask_unread(&body, sources);
    diagnostics.extend(found);
    let from = format!("`{}`", sources.get(file).name());
    if body.reading != Reading::Guessed {
        blocks_are_out_of_place(&body, diagnostics);
    }
    let whole = body.is_whole();
    for attribute in body.attributes {
        if identifier(&attribute.name, "a variable", diagnostics).is_ok() {
            all.push(Given {
                name: attribute.name.text.to_string(),
                value: GivenValue::Expression(attribute.value),
                from_environment: false,
                from: from.clone(),
                name_span: attribute.name.span,
            });
        }
    }
    whole
}

fn blocks_are_out_of_place(body: &Body, diagnostics: &mut Diagnostics) {
    for block in &body.blocks {
        let name = block.labels.first().map_or("NAME", |label| &*label.text);
        diagnostics.push(
            Diagnostic::error("disco::unknown_block", "a file of variables holds values only, no blocks")
                .at(block.head, "a block")
                .help(match &*block.kind.text {
                    "variable" => format!("declare it in a `.disco.hcl` file; here write `{name} = …`"),
                    _ => "move it to a `.disco.hcl` file".to_owned(),
                }),
        );
    }
}

/// The expression that a raw text is, in a source of its own. Complaints point at its name, and quote nothing of it
/// unless it may be `shown`.
pub(crate) fn expression_of(
    raw: &str,
    given: &Given,
    shown: bool,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Expression> {
    let id = sources.add(given.name.clone(), raw);
    if !shown {
        sources.mask(Span::new(id, 0, raw.len()));
    }
    let (expression, found) = syntax::parse_expression(sources, id);
    if expression.is_none() || found.has_errors() {
        let quoted = Some(raw).filter(|_| shown).and_then(with_quotes).map(|value| {
            let name = &given.name;
            let whole = if given.from_environment {
                format!("{PREFIX}{name}='{value}'")
            } else {
                format!("--var '{name}={value}'")
            };
            format!("put strings in double quotes and the whole argument in single quotes: `{whole}`")
        });
        let why = found.iter().next().filter(|_| shown).map(|first| first.message.clone()).unwrap_or_default();
        diagnostics.push(
            Diagnostic::error("disco::invalid_value", format!("the value given for `{}` cannot be read", given.name))
                .at(given.name_span, why)
                .help("write an expression, such as `[1, 2]` or `{ a = \"b\" }`, with strings in quotes")
                .help_maybe(quoted),
        );
        return None;
    }
    expression
}

/// A list whose elements have lost their quotes, with quotes; nothing for anything else.
fn with_quotes(raw: &str) -> Option<String> {
    let inner = raw.trim().strip_prefix('[')?.strip_suffix(']')?;
    if inner.contains(['"', '[', ']', '{', '}', '\'', '\\', '$', '%']) {
        return None;
    }
    let elements: Vec<String> = inner.split(',').map(|element| format!("\"{}\"", element.trim())).collect();
    Some(format!("[{}]", elements.join(", ")))
}

/// Of each name the value that counts, which is the last one given.
pub(crate) fn last_of_each(all: Vec<Given>) -> BTreeMap<Arc<str>, Given> {
    all.into_iter().map(|given| (Arc::from(given.name.as_str()), given)).collect()
}
