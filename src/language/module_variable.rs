//! Variables of modules.

use super::decode::Decoder;
use super::reported::Reported;
use super::variable::{Declaration, Declared, Variable, declared};
use crate::expression::{Handed, Scope, Value};
use crate::source::Diagnostic;
use crate::syntax::tree::{Attribute, Block, Expression};

/// A variable of a module, which has its value from the block that calls the module.
pub(super) struct ModuleVariable<'s> {
    /// The variable; its value is nothing yet.
    variable: Variable,
    /// Where its value is written; nowhere where it has its default.
    given: Option<&'s Expression>,
    nullable: bool,
}

impl<'s> ModuleVariable<'s> {
    /// Reads a declaration and gives the variable its meaning in `scope`, the module's: what the call says in `caller`, or
    /// its default. `lacks` complains that it has neither.
    pub(super) fn define(
        block: &Block,
        given: Option<&'s Attribute>,
        by: &str,
        caller: &Scope<'s>,
        decoder: &mut Decoder<'_, 's>,
        lacks: impl FnOnce(&mut Decoder<'_, 's>) -> Reported,
    ) -> Self {
        let Declared { declaration, of, default, validations } = declared(block, false, decoder);
        let Declaration { name, sensitive, nullable, .. } = declaration;
        let scope = decoder.scope();
        match (given, of, default) {
            (Some(given), Ok(of), Ok(default)) => {
                let instead_of_null = default.filter(|_| !nullable);
                let handed = Handed { expression: &given.value, of, secret: sensitive, instead_of_null };
                scope.define_handed("var", name, caller, handed);
            }
            (None, Ok(_), Ok(Some(default))) => scope.define_entry("var", name, default.with_secret(sensitive)),
            (None, Ok(_), Ok(None)) => {
                lacks(decoder);
                scope.define_entry("var", name, Value::failed());
            }
            _ => scope.define_entry("var", name, Value::failed()),
        }
        let variable = Variable {
            name: name.to_owned(),
            head: block.head,
            given_at: given.map_or(block.head, |given| given.value.span),
            given_by: given.map_or_else(|| "its default".to_owned(), |_| by.to_owned()),
            value: Value::failed(),
            lacks_value: false,
            validations,
        };
        Self { variable, given: given.map(|given| &given.value), nullable }
    }

    /// The variable with its value, which is evaluated now; `decoder` has the module's names.
    pub(super) fn evaluated(&self, decoder: &mut Decoder<'_, '_>) -> Variable {
        let name = &self.variable.name;
        let mut value = decoder.scope().entry("var", name, self.variable.given_at);
        decoder.gather();
        if let Some(given) = self.given.filter(|_| value.is_null() && !self.nullable) {
            decoder.report(
                Diagnostic::error("disco::null_value", format!("variable `{name}` cannot be `null`"))
                    .at(given.span, "given as `null`")
                    .at(self.variable.head, "has `nullable = false` and no default")
                    .help("give it another value"),
            );
            value = Value::failed();
        }
        Variable { value, ..self.variable.clone() }
    }
}
