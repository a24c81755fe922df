//! A function: what it takes and gives.

use super::call::{Call, Fault};
use crate::expression::{Type, Value};

/// What carries a function out.
pub type Body = fn(&Call<'_, '_>) -> Result<Value, Fault>;

/// What a call gives by the types of its arguments; a fault if no argument of such a type will do.
pub type Typing = fn(&[Type]) -> Result<Type, Fault>;

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// As called.
    pub name: &'static str,
    /// One line of documentation.
    pub summary: &'static str,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// How many of the parameters, from the last, may be left out.
    pub may_omit: usize,
    /// Further arguments of any number.
    pub variadic: Option<Parameter>,
    /// What it gives; `any` where that depends on the arguments.
    pub gives: Type,
    pub(super) typing: Option<Typing>,
    pub(super) marks: Marks,
    pub(super) body: Body,
}

/// What one argument must be.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// For messages and documentation.
    pub name: &'static str,
    /// Arguments are converted to it.
    pub of: Type,
    /// Whether the argument may be null.
    pub nullable: bool,
    /// How much of it must be known.
    pub unknown: Unknown,
}

/// How much of an argument must be known for a function to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Everything; otherwise the result is unknown.
    Never,
    /// The argument itself, not what lies within.
    Within,
    /// Nothing: the function deals with it.
    Welcome,
}

/// What becomes of secret marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marks {
    /// The result is secret if an argument or anything in it is.
    Spread,
    /// The result is secret if an argument is; what lies within keeps its own mark.
    Keep,
    /// The function sees to it.
    Own,
}

// Not inlined: the tables of functions are built once, and need not be long.
impl Function {
    /// A function without parameters that gives anything.
    #[inline(never)]
    pub fn new(name: &'static str, summary: &'static str, body: Body) -> Self {
        Self {
            name,
            summary,
            parameters: Vec::new(),
            may_omit: 0,
            variadic: None,
            gives: Type::Any,
            typing: None,
            marks: Marks::Spread,
            body,
        }
    }

    /// Adds a parameter.
    #[must_use]
    #[inline(never)]
    pub fn takes(mut self, name: &'static str, of: Type) -> Self {
        self.parameters.push(Parameter { name, of, nullable: false, unknown: Unknown::Never });
        self
    }

    /// Adds a parameter that may be left out, with those after it.
    #[must_use]
    #[inline(never)]
    pub fn may_take(mut self, name: &'static str, of: Type) -> Self {
        self.may_omit += 1;
        self.takes(name, of)
    }

    /// Any number of further arguments.
    #[must_use]
    #[inline(never)]
    pub fn takes_many(mut self, name: &'static str, of: Type) -> Self {
        self.variadic = Some(Parameter { name, of, nullable: false, unknown: Unknown::Never });
        self
    }

    /// The type of the result.
    #[must_use]
    #[inline(never)]
    pub fn gives(mut self, of: Type) -> Self {
        self.gives = of;
        self
    }

    /// The type of the result depends on the types of the arguments.
    #[must_use]
    #[inline(never)]
    pub fn gives_by(mut self, typing: Typing) -> Self {
        self.typing = Some(typing);
        self
    }

    /// What it gives for arguments of these types.
    pub(super) fn result(&self, arguments: &[Type]) -> Result<Type, Fault> {
        match self.typing {
            Some(typing) if !arguments.is_empty() => typing(arguments),
            _ => Ok(self.gives.clone()),
        }
    }

    /// The parameter added last may be null.
    #[must_use]
    #[inline(never)]
    pub fn nullable(mut self) -> Self {
        if let Some(parameter) = self.last() {
            parameter.nullable = true;
        }
        self
    }

    /// The parameter added last may hold something unknown, but be unknown itself it may not.
    #[must_use]
    #[inline(never)]
    pub fn partly_unknown(mut self) -> Self {
        if let Some(parameter) = self.last() {
            parameter.unknown = Unknown::Within;
        }
        self
    }

    /// The parameter added last may be unknown.
    #[must_use]
    #[inline(never)]
    pub fn unknown(mut self) -> Self {
        if let Some(parameter) = self.last() {
            parameter.unknown = Unknown::Welcome;
        }
        self
    }

    fn last(&mut self) -> Option<&mut Parameter> {
        match &mut self.variadic {
            Some(parameter) => Some(parameter),
            None => self.parameters.last_mut(),
        }
    }

    /// What is secret within an argument does not make the whole result secret: it is in the result with its mark, or
    /// the result does not tell it.
    #[must_use]
    #[inline(never)]
    pub fn keeps_marks(mut self) -> Self {
        self.marks = Marks::Keep;
        self
    }

    /// The function sets and removes marks itself.
    #[must_use]
    #[inline(never)]
    pub fn handles_marks(mut self) -> Self {
        self.marks = Marks::Own;
        self
    }

    /// What each argument must be: as many as there may be.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().chain(std::iter::repeat_with(|| self.variadic.as_ref()).flatten())
    }

    /// `name(first, second, more...)`
    pub fn signature(&self) -> String {
        let required = self.parameters.len() - self.may_omit;
        let mut words: Vec<String> = self
            .parameters
            .iter()
            .enumerate()
            .map(
                |(at, parameter)| {
                    if at < required { parameter.name.to_owned() } else { format!("{}?", parameter.name) }
                },
            )
            .collect();
        words.extend(self.variadic.iter().map(|parameter| format!("{}...", parameter.name)));
        format!("{}({})", self.name, words.join(", "))
    }
}
