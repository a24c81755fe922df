//! Functions: what they take and give, and how they are called. One file a family.
//!
//! A family is a module with `pub(super) fn all() -> Vec<Function>`; it is listed in `TABLE`. A function sees
//! arguments that are already converted to its parameters' types, not null, known throughout and not failed, unless it
//! says otherwise ([`Function::nullable`], [`Function::partly_unknown`], …), and its result is secret if an argument
//! was ([`Function::keeps_marks`] and [`Function::handles_marks`] change that).

mod absent;
mod apply;
mod attempt;
mod call;
mod conversion;
mod encoding;
#[cfg(test)]
mod examples;
mod file;
mod format;
mod function;
mod hash;
mod map;
mod network;
mod number;
mod secrecy;
mod sequence;
mod set;
mod size;
mod template;
mod text;
mod time;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use call::{Call, Fault};
pub use function::{Body, Function, Parameter, Typing, Unknown};
pub(super) use text::Patterns;

use super::Type;
use super::unify::settled;
use super::value::sorted;
use crate::syntax::tree;

/// All functions by name, besides the special forms `try` and `can`.
static TABLE: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(|| {
    let families = [
        size::all(),
        secrecy::all(),
        text::all(),
        format::all(),
        number::all(),
        sequence::all(),
        set::all(),
        map::all(),
        conversion::all(),
        encoding::all(),
        file::all(),
        template::all(),
        hash::all(),
        network::all(),
        time::all(),
    ];
    sorted(families.into_iter().flatten().map(|function| (function.name, function)))
});

/// All functions, sorted by name, without the special forms `try` and `can`.
pub fn all() -> impl Iterator<Item = &'static Function> {
    TABLE.values()
}

/// The function of that name, which may also be written `core::name`.
fn named(name: &str) -> Option<&'static Function> {
    TABLE.get(name.strip_prefix("core::").unwrap_or(name))
}

fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = TABLE.keys().copied().chain(["can", "try"]).collect();
    names.sort_unstable();
    names
}

/// The type that a call gives, `any` where that is not plain; `hint` tells the types of arguments.
pub(super) fn returns(call: &tree::Call, hint: impl FnMut(&tree::Expression) -> Type) -> Type {
    let Some(function) = named(&call.name.text) else {
        return if &*call.name.text == "can" { Type::Bool } else { Type::Any };
    };
    if function.typing.is_none() || call.expand_last {
        return function.gives.clone();
    }
    let hints: Vec<Type> = call.arguments.iter().map(hint).collect();
    let settled: Vec<Type> =
        hints.iter().zip(function.parameters()).map(|(of, parameter)| settled(of, &parameter.of)).collect();
    function.result(&settled).unwrap_or(Type::Any)
}
