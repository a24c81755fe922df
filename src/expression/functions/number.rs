//! Functions on numbers.

use num_bigint::BigInt;

use super::{Call, Fault, Function};
use crate::expression::words::{found, kind_of_type};
use crate::expression::{Number, Type, Value};

const TOO_LARGE: &str = "the result has too many digits";

pub(super) fn all() -> Vec<Function> {
    let one =
        |name, summary, body| Function::new(name, summary, body).takes("number", Type::Number).gives(Type::Number);
    vec![
        one("abs", "The number without its sign", |call| {
            let number = number(call, 0);
            Ok(Value::number(if number.is_negative() { number.negate() } else { number }))
        }),
        one("ceil", "The next whole number that is not below", |call| Ok(Value::number(number(call, 0).ceil()))),
        one("floor", "The next whole number that is not above", |call| Ok(Value::number(number(call, 0).floor()))),
        one("signum", "-1, 0 or 1 by the sign of the number", |call| {
            let number = number(call, 0);
            Ok(Value::integer(if number.is_zero() { 0 } else { 1 - 2 * i64::from(number.is_negative()) }))
        }),
        Function::new("max", "The greatest of the numbers", |call| extreme(call, true))
            .takes_many("numbers", Type::Number)
            .gives(Type::Number),
        Function::new("min", "The smallest of the numbers", |call| extreme(call, false))
            .takes_many("numbers", Type::Number)
            .gives(Type::Number),
        Function::new("pow", "The first number to the power of the second", pow)
            .takes("base", Type::Number)
            .takes("exponent", Type::Number)
            .gives(Type::Number),
        Function::new("log", "The logarithm of the first number to the base of the second", log)
            .takes("number", Type::Number)
            .takes("base", Type::Number)
            .gives(Type::Number),
        Function::new("parseint", "The whole number that a string writes to a base from 2 to 62", parseint)
            .takes("string", Type::Any)
            .takes("base", Type::Number)
            .gives(Type::Number)
            .gives_by(|types| match &types[0] {
                Type::Any | Type::String => Ok(Type::Number),
                of => Err(no_digits(kind_of_type(of))),
            }),
    ]
}

fn number(call: &Call<'_, '_>, index: usize) -> Number {
    call.number(index).cloned().unwrap_or_else(|| Number::from(0_i64))
}

fn extreme(call: &Call<'_, '_>, greatest: bool) -> Result<Value, Fault> {
    let numbers = call.arguments.iter().filter_map(Value::as_number);
    let found = if greatest { numbers.max() } else { numbers.min() };
    found.map(|number| Value::number(number.clone())).ok_or_else(|| Fault::new("at least one number is needed"))
}

fn pow(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (base, exponent) = (number(call, 0), number(call, 1));
    let whole = exponent.to_i64().filter(|exponent| exponent.unsigned_abs() <= 1 << 14);
    let power = if let Some(times) = whole {
        let power = integer_power(&base, times.unsigned_abs()).ok_or_else(|| Fault::new(TOO_LARGE))?;
        if times < 0 {
            Number::from(1_i64).divide(&power).ok_or_else(|| Fault::at(1, "zero has no negative powers"))?
        } else {
            power
        }
    } else {
        let power = base.to_f64().powf(exponent.to_f64());
        Number::from_f64(power).ok_or_else(|| Fault::new("the result is not a number"))?
    };
    Ok(Value::number(power))
}

fn integer_power(base: &Number, mut exponent: u64) -> Option<Number> {
    let (mut power, mut square) = (Number::from(1_i64), base.clone());
    while exponent > 0 {
        if exponent % 2 == 1 {
            power = power.multiply(&square)?;
        }
        exponent /= 2;
        if exponent > 0 {
            square = square.multiply(&square)?;
        }
    }
    Some(power)
}

fn log(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (number, base) = (number(call, 0).to_f64(), number(call, 1).to_f64());
    if number <= 0.0 {
        return Err(Fault::at(0, "expected a number above zero"));
    }
    if base <= 0.0 {
        return Err(Fault::at(1, "the base must be above zero"));
    }
    let logarithm = Number::from_f64(number.ln() / base.ln());
    logarithm.map(Value::number).ok_or_else(|| Fault::at(1, "there is no logarithm to the base 1"))
}

fn no_digits(found: &str) -> Fault {
    Fault::at(0, format!("expected a string, found {found}")).help("write its digits in quotes")
}

fn parseint(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let base = call.integer(1, 2..=62)?;
    let text = call.value(0);
    let Some(text) = text.as_str() else { return Err(no_digits(&found(&text))) };
    let wrong = || Fault::at(0, format!("{text:?} is not a whole number to the base {base}"));
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || digits.len() > 4096 {
        return Err(wrong());
    }
    let mut number = BigInt::from(0);
    for char in digits.chars() {
        // Up to base 36 capital letters mean the same as small ones, above it they follow them.
        let digit = match char {
            '0'..='9' => i64::from(u32::from(char) - u32::from('0')),
            'a'..='z' => i64::from(u32::from(char) - u32::from('a')) + 10,
            'A'..='Z' if base <= 36 => i64::from(u32::from(char) - u32::from('A')) + 10,
            'A'..='Z' => i64::from(u32::from(char) - u32::from('A')) + 36,
            _ => base,
        };
        if digit >= base {
            return Err(wrong());
        }
        number = number * base + digit;
    }
    let number = if negative { -number } else { number };
    Number::ratio(number, BigInt::from(1)).map(Value::number).ok_or_else(|| Fault::at(0, TOO_LARGE))
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn numbers() {
        check(&[
            ("abs(-12.4)", "12.4"),
            ("abs(3)", "3"),
            ("ceil(5.1)", "6"),
            ("ceil(-5.1)", "-5"),
            ("floor(4.9)", "4"),
            ("floor(-4.9)", "-5"),
            ("signum(-13)", "-1"),
            ("signum(0)", "0"),
            ("signum(344)", "1"),
            ("max(12, 54, 3)", "54"),
            ("max([12, 54, 3]...)", "54"),
            ("min(12, 54, \"3\")", "3"),
            ("pow(3, 2)", "9"),
            ("pow(4, 0)", "1"),
            ("pow(2, -2)", "0.25"),
            ("pow(9, 0.5)", "3"),
            ("pow(2, 100)", "1267650600228229401496703205376"),
            ("log(16, 2)", "4"),
            ("log(1, 10)", "0"),
            (r#"parseint("100", 10)"#, "100"),
            (r#"parseint("FF", 16)"#, "255"),
            (r#"parseint("-10", 2)"#, "-2"),
            (r#"parseint("aA", 62)"#, "656"),
            (r#"parseint("12345678901234567890123", 10)"#, "12345678901234567890123"),
        ]);
        refuse(&[
            ("max()", "`max`: at least one number is needed", "max()"),
            ("log(0, 2)", "`log`: expected a number above zero", "0"),
            ("pow(0, -1)", "`pow`: zero has no negative powers", "-1"),
            (r#"parseint("12", 2)"#, "`parseint`: \"12\" is not a whole number to the base 2", "\"12\""),
            (r#"parseint("1", 63)"#, "`parseint`: expected a whole number from 2 to 62, found number 63", "63"),
            (r#"abs("x")"#, "argument `number` of `abs`: expected number, found string \"x\"", "\"x\""),
        ]);
    }
}
