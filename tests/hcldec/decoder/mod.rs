//! What the command does: reads a specification and its input with DISCO's rooms, and decodes.

mod body;
mod code;
mod complaint;
mod context;
mod cty_json;
mod decode;
mod input;
mod json;
mod native;
mod options;
mod place;
mod spec;
mod var_refs;

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use clap::Parser as _;
use disco::expression::{Scope, Value};
use disco::source::{Diagnostics, Sources};

use body::Body;
use context::Context;
use input::File;
use options::Options;
use place::Places;
use spec::Prelude;

/// What the command leaves behind.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Exit code: 0, 1 where it cannot work at all, 2 where something is wrong with what it was given.
    pub(super) code: u8,
    /// For stdout.
    pub(super) out: String,
    /// For stderr.
    pub(super) err: String,
}

impl Outcome {
    fn impossible(reason: &str) -> Self {
        Self { code: 1, err: format!("Error: {reason}\n\n"), ..Self::default() }
    }
}

/// Runs the command; `arguments` begin with its name, `stdin` is read where no input is named.
pub(super) fn run(arguments: &[String], stdin: &mut dyn Read) -> Outcome {
    let options = match Options::try_parse_from(arguments) {
        Ok(options) => options,
        Err(usage) if usage.use_stderr() => return Outcome { code: 2, err: usage.to_string(), ..Outcome::default() },
        Err(told) => return Outcome { out: told.to_string(), ..Outcome::default() },
    };
    let Some(spec) = &options.spec else { return Outcome::impossible("the --spec=... argument is required") };
    let sources = Sources::new();
    let places = Places::new(&sources);
    let mut found = Diagnostics::new();
    let result = decoded(&options, spec, &places, stdin, &mut found);
    let err = complaint::written(&found, &places, options.diags);
    if found.has_errors() {
        return Outcome { code: 2, err, ..Outcome::default() };
    }
    match (result, &options.out) {
        (Err(reason), _) => Outcome::impossible(&reason),
        (Ok(text), None) => Outcome { out: text, ..Outcome::default() },
        (Ok(text), Some(file)) => match input::write(file, &text) {
            Ok(()) => Outcome::default(),
            Err(reason) => Outcome::impossible(&reason),
        },
    }
}

/// What is to be printed; of no use where errors were found.
fn decoded(
    options: &Options,
    spec: &str,
    places: &Places<'_>,
    stdin: &mut dyn Read,
    found: &mut Diagnostics,
) -> Result<String, String> {
    let sources = places.sources;
    let prelude = Prelude::new(sources);
    let spec_scope = || Scope::foreign(sources, &prelude);
    let Some(spec) = input::specification(spec, places, spec_scope, found).filter(|_| !found.has_errors()) else {
        return Ok(String::new());
    };

    let mut variables = spec.variables;
    for (index, given) in options.vars.iter().enumerate() {
        variables.extend(given_variables(given, index, places, found));
    }
    let scope = Scope::foreign(sources, &spec.functions);
    let context = Context::new(places, scope, &variables, !spec.functions.is_empty());

    let files = input::all(&options.inputs, stdin, places, found);
    if found.has_errors() {
        return Ok(String::new());
    }
    let mut bodies: Vec<Body<'_>> = files.iter().map(File::body).collect();
    let body = if bodies.len() == 1 { bodies.remove(0) } else { Body::Merged(bodies) };
    if options.var_refs {
        return Ok(var_refs::listed(&body, &spec.root, &context));
    }
    let (value, problems) = decode::decode(&body, &spec.root, &context, &spec_scope());
    found.extend(problems);
    if found.has_errors() {
        return Ok(String::new());
    }
    cty_json::result(&value, options.with_type, options.keep_nulls).map(|text| text + "\n")
}

/// Variables of the command line: a JSON object, or the attributes of a file. There is nothing that they may refer to.
fn given_variables(
    given: &str,
    index: usize,
    places: &Places<'_>,
    found: &mut Diagnostics,
) -> BTreeMap<Arc<str>, Value> {
    let (file, problems) = if given.trim_start().starts_with('{') {
        input::parsed(&format!("<vars argument {index}>"), given.as_bytes().to_vec(), true, places)
    } else {
        input::file(given, places)
    };
    found.extend(problems);
    let Some(file) = file else { return BTreeMap::new() };
    let (attributes, problems) = file.body().attributes();
    found.extend(problems);
    let nothing = Context::empty(places);
    attributes
        .into_iter()
        .map(|(name, attribute)| {
            let (value, problems) = attribute.expression.evaluate(&nothing);
            found.extend(problems);
            (name, value)
        })
        .collect()
}
