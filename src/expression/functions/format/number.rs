//! Numbers as `%d`, `%e`, `%f`, `%g` and their like write them.

use std::fmt::Write as _;

use crate::expression::Number;

use super::verb::Verb;

/// All digits of a number without its sign; with an exponent from a million and below a ten-thousandth.
pub(super) fn shortest(number: &Number) -> String {
    let text = number.to_string();
    let text = text.trim_start_matches('-');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let place = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let exponent = place(whole.len()) - place(all.len() - digits.len()) - 1;
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() || (-4..6).contains(&exponent) {
        return text.to_owned();
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:0>2}", exponent.unsigned_abs())
}

pub(super) fn signed(verb: &Verb, negative: bool, digits: &str) -> String {
    let sign = match (negative, verb.plus, verb.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    format!("{sign}{digits}")
}

pub(super) fn integer(verb: &Verb, number: &Number) -> Result<String, String> {
    let Some(whole) = number.to_integer() else { return Err(format!("needs a whole number, found {number}")) };
    let magnitude = whole.magnitude();
    let digits = match verb.letter {
        'b' => magnitude.to_str_radix(2),
        'o' => magnitude.to_str_radix(8),
        'x' => magnitude.to_str_radix(16),
        'X' => magnitude.to_str_radix(16).to_uppercase(),
        _ => magnitude.to_str_radix(10),
    };
    let prefix = match (verb.sharp, verb.letter) {
        (true, 'b') => "0b",
        (true, 'o') => "0",
        (true, 'x') => "0x",
        (true, 'X') => "0X",
        _ => "",
    };
    let width = verb.precision.unwrap_or(0);
    Ok(signed(verb, number.is_negative(), &format!("{prefix}{digits:0>width$}")))
}

/// As the C family writes floating-point numbers: `%e` has an exponent of at least two digits, `%g` the shorter form.
pub(super) fn float(verb: &Verb, number: &Number) -> Result<String, String> {
    let negative = number.is_negative();
    let magnitude = if negative { number.negate() } else { number.clone() };
    let text = match verb.letter {
        'f' => fixed(&magnitude, verb.precision.unwrap_or(6)).ok_or("has too many digits")?,
        'e' | 'E' => exponential(magnitude.to_f64(), verb.precision.unwrap_or(6)),
        _ => match verb.precision {
            Some(precision) => general(magnitude.to_f64(), precision.max(1)),
            None => shortest(&magnitude),
        },
    };
    let text = if verb.letter.is_ascii_uppercase() { text.to_uppercase() } else { text };
    Ok(signed(verb, negative, &text))
}

/// Exact digits, the last one rounded half to even.
fn fixed(number: &Number, precision: usize) -> Option<String> {
    let ten = Number::from(10_i64);
    let scale = (0..precision).try_fold(Number::from(1_i64), |scale, _| scale.multiply(&ten))?;
    let scaled = number.multiply(&scale)?;
    let (floor, half) = (scaled.floor(), Number::parse("0.5")?);
    let rest = scaled.subtract(&floor)?;
    let odd = !floor.remainder(&Number::from(2_i64))?.is_zero();
    let rounded = if rest > half || (rest == half && odd) { floor.add(&Number::from(1_i64))? } else { floor };
    let width = precision + 1;
    let digits = format!("{:0>width$}", rounded.to_string());
    let (whole, fraction) = digits.split_at(digits.len() - precision);
    Some(if precision == 0 { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

fn exponential(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    let mut text = String::new();
    // writing to a text cannot fail
    let _ = write!(text, "{mantissa}e{sign}{digits:0>2}");
    text
}

fn general(number: f64, digits: usize) -> String {
    let digits = digits.min(400);
    let text = exponential(number, digits - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
    let power: i64 = exponent.parse().unwrap_or(0);
    let limit = i64::try_from(digits).unwrap_or(i64::MAX);
    let trimmed = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
    };
    if number != 0.0 && (power < -4 || power >= limit) {
        return format!("{}e{exponent}", trimmed(mantissa));
    }
    let places = usize::try_from(limit - 1 - power).unwrap_or(0);
    trimmed(&format!("{number:.places$}"))
}
