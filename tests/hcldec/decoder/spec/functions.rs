//! Functions written in HCL: those that specifications may use, and those that they offer to their input.

use std::collections::BTreeMap;
use std::sync::Arc;

use disco::expression::{Library, NoFiles, Scope, Value};
use disco::source::{Diagnostic, Diagnostics, Sources};
use disco::syntax::parse;
use disco::syntax::tree::{self, ExpressionKind};

use super::super::body::{Body, Expression, Schema};
use super::super::code;

/// `function "name" { params = […], variadic_param = …, result = … }`
#[derive(Debug)]
struct Function {
    parameters: Vec<Arc<str>>,
    variadic: Option<Arc<str>>,
    result: tree::Expression,
}

/// Functions by name, and the scope that their results are evaluated in.
pub(in super::super) struct Functions<'a> {
    scope: Scope<'a>,
    functions: BTreeMap<Arc<str>, Function>,
}

impl<'a> Functions<'a> {
    /// The functions that the blocks of a specification define; they may use those of `scope`.
    pub(super) fn defined(body: &tree::Body, scope: Scope<'a>) -> (Self, Diagnostics) {
        let (mut functions, mut found) = (BTreeMap::new(), Diagnostics::new());
        for block in body.blocks.iter().filter(|block| &*block.kind.text == BLOCK) {
            let [name] = block.labels.as_slice() else {
                let message = "a function needs its name as its only label";
                found.push(Diagnostic::error(code::LABELS, message).at(block.head, ""));
                continue;
            };
            match function(&block.body, &mut found) {
                Ok(function) => {
                    functions.insert(Arc::clone(&name.text), function);
                }
                Err(problem) => found.extend(problem),
            }
        }
        (Self { scope, functions }, found)
    }

    /// Whether there is none.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }
}

/// The type of the blocks that define functions.
pub(super) const BLOCK: &str = "function";

fn function(body: &tree::Body, found: &mut Diagnostics) -> Result<Function, Option<Diagnostic>> {
    let schema = Schema::of_attributes(&["params!", "variadic_param", "result!"]);
    let (content, problems) = Body::Native(body).content(&schema);
    let broken = problems.has_errors();
    found.extend(problems);
    let get = |name: &str| match content.attributes.get(name).map(|attribute| attribute.expression) {
        Some(Expression::Native(expression)) => Some(expression),
        _ => None,
    };
    let (false, Some(parameters), Some(result)) = (broken, get("params"), get("result")) else { return Err(None) };
    let ExpressionKind::Tuple(parameters) = &parameters.kind else {
        return Err(Some(Diagnostic::error(code::SPEC, "expected a list of names").at(parameters.span, "")));
    };
    Ok(Function {
        parameters: parameters.iter().map(name).collect::<Result<_, _>>()?,
        variadic: get("variadic_param").map(name).transpose()?,
        result: result.clone(),
    })
}

fn name(expression: &tree::Expression) -> Result<Arc<str>, Diagnostic> {
    match &expression.kind {
        ExpressionKind::Variable(name) => Ok(Arc::clone(name)),
        _ => Err(Diagnostic::error(code::SPEC, "a parameter is a bare name").at(expression.span, "")),
    }
}

impl Library for Functions<'_> {
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        let Function { parameters, variadic, result } = self.functions.get(name)?;
        let (given, wanted) = (arguments.len(), parameters.len());
        if given < wanted || (given > wanted && variadic.is_none()) {
            return Some(Err(format!("there are {given} arguments where {wanted} are expected")));
        }
        let (first, rest) = arguments.split_at(wanted);
        let mut names: Vec<(Arc<str>, Value)> = parameters.iter().cloned().zip(first.iter().cloned()).collect();
        if let Some(variadic) = variadic {
            names.push((Arc::clone(variadic), Value::tuple(rest.to_vec())));
        }
        let value = self.scope.closed(names).evaluate(result);
        let problem = self.scope.take_diagnostics().into_iter().next();
        Some(problem.map_or(Ok(value), |problem| Err(problem.message)))
    }
}

/// The text that [`Prelude`] is made from.
const PRELUDE: &str = include_str!("prelude.hcl");

/// The functions that specifications may use, written with DISCO's.
pub(in super::super) struct Prelude<'a>(Functions<'a>);

impl<'a> Prelude<'a> {
    /// Reads them; they lie in `sources`.
    pub(in super::super) fn new(sources: &'a Sources) -> Self {
        let id = sources.add("prelude.hcl", PRELUDE);
        let (body, _) = parse(sources, id);
        Self(Functions::defined(&body, Scope::new(sources, &NoFiles)).0)
    }
}

impl Library for Prelude<'_> {
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        self.0.call(name, arguments)
    }
}
