//! Operators.

use super::at_found::AtFound;
use super::words::found;
use super::{Number, Scope, Type, Value, convert, equal};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::{Binary, BinaryOperator, Expression, UnaryOperator};

impl Scope<'_> {
    pub(super) fn unary(&self, operator: UnaryOperator, operand: &Expression, place: Span) -> Value {
        let value = self.evaluate(operand);
        let result = match operator {
            UnaryOperator::Negate => {
                let Some(number) = self.operand(&value, &Type::Number, "-", operand.span) else {
                    return Value::failed();
                };
                match number.as_number() {
                    Some(number) => Value::number(number.negate()),
                    None => Value::unknown(Type::Number),
                }
            }
            UnaryOperator::Not => {
                let Some(truth) = self.operand(&value, &Type::Bool, "!", operand.span) else {
                    return Value::failed();
                };
                match truth.as_bool() {
                    Some(truth) => Value::bool(!truth),
                    None => Value::unknown(Type::Bool),
                }
            }
        };
        result.at(place).with_secret(value.is_secret())
    }

    /// The operand converted to what the operator works on; reported and `None` if it cannot be.
    fn operand(&self, value: &Value, of: &Type, operator: &str, place: Span) -> Option<Value> {
        if value.is_failed() {
            return None;
        }
        if value.is_null() {
            let diagnostic = Diagnostic::error("disco::null_value", format!("`{operator}` cannot be applied to null"));
            self.report(diagnostic.at_found(place, value, "null"));
            return None;
        }
        if let Ok(value) = convert(value, of) {
            return Some(value);
        }
        let wanted = if *of == Type::Bool { "a bool" } else { "numbers" };
        let message = format!("`{operator}` expects {wanted}, found {}", found(value));
        let mut diagnostic = Diagnostic::error("disco::wrong_type", message).at_found(place, value, "");
        if operator == "+" {
            diagnostic = match value.kind() {
                super::Kind::String(_) => diagnostic.help("join strings in a template: \"${a}${b}\""),
                super::Kind::List(..) | super::Kind::Tuple(_) => diagnostic.help("join lists with `concat(a, b)`"),
                super::Kind::Map(..) | super::Kind::Object(_) => diagnostic.help("merge maps with `merge(a, b)`"),
                _ => diagnostic,
            };
        }
        self.report(diagnostic);
        None
    }

    pub(super) fn binary(&self, binary: &Binary, place: Span) -> Value {
        use BinaryOperator as Op;
        match binary.operator {
            Op::And => self.logic(binary, place, false),
            Op::Or => self.logic(binary, place, true),
            Op::Equal | Op::NotEqual => {
                let (left, right) = (self.evaluate(&binary.left), self.evaluate(&binary.right));
                let answer = equal(&left, &right);
                match (answer.as_bool(), binary.operator) {
                    (Some(same), Op::NotEqual) => Value::bool(!same).with_secret(answer.is_secret()),
                    _ => answer,
                }
                .at(place)
            }
            _ => {
                let (left, right) = (self.evaluate(&binary.left), self.evaluate(&binary.right));
                self.arithmetic(binary, &left, &right, place)
            }
        }
    }

    /// `&&` and `||`: `decisive` is what settles it whatever the other operand is.
    fn logic(&self, binary: &Binary, place: Span, decisive: bool) -> Value {
        let symbol = binary.operator.symbol();
        let left_value = self.evaluate(&binary.left);
        let Some(left) = self.operand(&left_value, &Type::Bool, symbol, binary.left.span) else {
            return Value::failed();
        };
        if left.as_bool() == Some(decisive) {
            return Value::bool(decisive).at(place).with_secret(left.is_secret());
        }
        let right_value = self.evaluate(&binary.right);
        let Some(right) = self.operand(&right_value, &Type::Bool, symbol, binary.right.span) else {
            return Value::failed();
        };
        let secret = left.is_secret() || right.is_secret();
        match (left.as_bool(), right.as_bool()) {
            (_, Some(right)) if right == decisive => Value::bool(decisive),
            (Some(_), Some(right)) => Value::bool(right),
            _ => Value::unknown(Type::Bool),
        }
        .at(place)
        .with_secret(secret)
    }

    /// Apart from the evaluation of the operands, to keep the stack small.
    fn arithmetic(&self, binary: &Binary, left_value: &Value, right_value: &Value, place: Span) -> Value {
        use BinaryOperator as Op;
        let symbol = binary.operator.symbol();
        let left = self.operand(left_value, &Type::Number, symbol, binary.left.span);
        let right = self.operand(right_value, &Type::Number, symbol, binary.right.span);
        let (Some(left), Some(right)) = (left, right) else { return Value::failed() };
        let secret = left.is_secret() || right.is_secret();
        let comparison = matches!(binary.operator, Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual);
        if matches!(binary.operator, Op::Divide | Op::Modulo) && right.as_number().is_some_and(Number::is_zero) {
            let what =
                if binary.operator == Op::Divide { "division by zero" } else { "remainder of a division by zero" };
            return self.fail(
                Diagnostic::error("disco::division_by_zero", what)
                    .at_found(binary.right.span, &right, "this is 0")
                    .at(binary.operator_span, ""),
            );
        }
        let (Some(a), Some(b)) = (left.as_number(), right.as_number()) else {
            let of = if comparison { Type::Bool } else { Type::Number };
            return Value::unknown(of).at(place).with_secret(secret);
        };
        let result = match binary.operator {
            Op::Less => Some(Value::bool(a < b)),
            Op::LessOrEqual => Some(Value::bool(a <= b)),
            Op::Greater => Some(Value::bool(a > b)),
            Op::GreaterOrEqual => Some(Value::bool(a >= b)),
            Op::Subtract => a.subtract(b).map(Value::number),
            Op::Multiply => a.multiply(b).map(Value::number),
            Op::Divide => a.divide(b).map(Value::number),
            Op::Modulo => a.remainder(b).map(Value::number),
            _ => a.add(b).map(Value::number),
        };
        match result {
            Some(value) => value.at(place).with_secret(secret),
            None => self.fail(
                Diagnostic::error("disco::number_too_long", format!("the result of `{symbol}` has too many digits"))
                    .at(place, "")
                    .help("use smaller numbers: they are exact and may have about 4,900 digits"),
            ),
        }
    }
}
