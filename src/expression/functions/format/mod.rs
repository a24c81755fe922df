//! `format` and `formatlist`: texts by a pattern.

mod number;
mod verb;

use unicode_segmentation::UnicodeSegmentation;

use number::{float, integer, shortest, signed};
use verb::Verb;

use super::encoding::{json, write_text};
use super::{Call, Fault, Function};
use crate::expression::limit::LONGEST;
use crate::expression::words::{counted, found};
use crate::expression::{Kind, Type, Value, convert};

/// Widest field.
const WIDEST: usize = 4096;

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new("format", "The pattern with its `%` verbs filled in", format)
            .takes("pattern", Type::String)
            .takes_many("values", Type::Any)
            .nullable()
            .gives(Type::String),
        Function::new("formatlist", "A string for each element of the lists among the values", format_list)
            .takes("pattern", Type::String)
            .takes_many("values", Type::Any)
            .nullable()
            .unknown()
            .gives(Type::list(Type::String)),
    ]
}

fn format(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let values: Vec<&Value> = call.arguments.iter().skip(1).collect();
    Ok(Value::string(formatted(call.text(0), &values)?))
}

fn format_list(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut length: Option<(usize, usize)> = None;
    let mut columns = Vec::new();
    for (index, value) in call.arguments.iter().enumerate().skip(1) {
        if matches!(value.kind(), Kind::Unknown(of) if !of.is_primitive()) {
            return Ok(Value::unknown(Type::list(Type::String)));
        }
        let elements = value.elements();
        if let Some(elements) = &elements {
            match length {
                Some((first, wanted)) if wanted != elements.len() => {
                    let there = counted(elements.len(), "element");
                    return Err(Fault::at(
                        index,
                        format!("this list has {there}, the list of argument {} has {wanted}", first + 1),
                    ));
                }
                _ => length = Some((index, elements.len())),
            }
        }
        columns.push((value, elements));
    }
    let count = length.map_or(1, |(_, length)| length);
    let mut texts = Vec::with_capacity(count);
    let mut written = 0;
    for row in 0..count {
        let values: Vec<&Value> = columns
            .iter()
            .map(|(value, elements)| elements.as_ref().and_then(|elements| elements.get(row).copied()).unwrap_or(value))
            .collect();
        // one text may be known while another is not
        if values.iter().any(|value| value.contains_unknown()) {
            texts.push(Value::unknown(Type::String));
            continue;
        }
        let text = formatted(call.text(0), &values)?;
        written += text.len();
        if written > LONGEST {
            return Err(Fault::text_too_long());
        }
        texts.push(Value::string(text));
    }
    Ok(Value::list(Type::String, texts))
}

fn formatted(pattern: &str, values: &[&Value]) -> Result<String, Fault> {
    let mut text = String::new();
    let mut next = 0;
    let mut used = 0;
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        let (verb, index, length) = parse(&rest[at..])?;
        rest = &rest[at + length..];
        if verb.letter == '%' && length == 2 {
            text.push('%');
            continue;
        }
        if verb.letter == '%' {
            return Err(
                Fault::at(0, format!("verb `{}` does not exist", verb.text)).help("write `%%` for a percent sign")
            );
        }
        if let Some(index) = index {
            next = index;
        }
        let Some(value) = values.get(next) else {
            let message = format!("`{}` needs value {}, but {} given", verb.text, next + 1, given(values.len()));
            return Err(Fault::at(0, message));
        };
        let piece = fill(&verb, value).map_err(|reason| Fault::at(next + 1, format!("`{}` {reason}", verb.text)))?;
        pad(&verb, &piece, value, &mut text);
        if text.len() > LONGEST {
            return Err(Fault::text_too_long());
        }
        next += 1;
        used = used.max(next);
    }
    text.push_str(rest);
    if used < values.len() {
        let message = format!("the pattern uses {used} of {}", counted(values.len(), "value"));
        return Err(Fault::at(used + 1, message).help("add a `%` verb for each value, for example `%s`"));
    }
    Ok(text)
}

fn given(count: usize) -> String {
    format!("{count} {}", if count == 1 { "is" } else { "are" })
}

/// The verb at the beginning of a text, the index it names, and its length.
fn parse(text: &str) -> Result<(Verb, Option<usize>, usize), Fault> {
    let mut verb = Verb::default();
    let mut index = None;
    let mut chars = text.char_indices().skip(1).peekable();
    let number = |chars: &mut std::iter::Peekable<std::iter::Skip<std::str::CharIndices<'_>>>| {
        let mut number: Option<usize> = None;
        while let Some((_, digit)) = chars.next_if(|(_, char)| char.is_ascii_digit()) {
            let digit = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok()).unwrap_or(0);
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit));
        }
        number
    };
    while let Some((_, char)) = chars.next_if(|(_, char)| matches!(char, '+' | '-' | ' ' | '0' | '#')) {
        match char {
            '+' => verb.plus = true,
            '-' => verb.minus = true,
            ' ' => verb.space = true,
            '0' => verb.zero = true,
            _ => verb.sharp = true,
        }
    }
    verb.width = number(&mut chars).unwrap_or(0);
    if chars.next_if(|(_, char)| *char == '.').is_some() {
        verb.precision = Some(number(&mut chars).unwrap_or(0));
    }
    if chars.next_if(|(_, char)| *char == '[').is_some() {
        index = number(&mut chars).and_then(|index| index.checked_sub(1));
        if index.is_none() || chars.next_if(|(_, char)| *char == ']').is_none() {
            return Err(Fault::at(0, "write an index as `%[1]s`, counted from 1"));
        }
    }
    let Some((at, char)) = chars.next() else {
        return Err(Fault::at(0, "the pattern ends with a `%` without a verb").help("write `%%` for a percent sign"));
    };
    verb.letter = char;
    let length = at + char.len_utf8();
    text[..length].clone_into(&mut verb.text);
    if !matches!(char, '%' | 'v' | 't' | 'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' | 's' | 'q') {
        let fault = Fault::at(0, format!("verb `{}` does not exist", verb.text));
        return Err(
            fault.help("use one of the verbs %v %#v %s %q %t %d %b %o %x %X %e %f %g; write `%%` for a percent sign")
        );
    }
    if verb.width > WIDEST || verb.precision.is_some_and(|precision| precision > WIDEST) {
        return Err(Fault::at(0, format!("`{}` is wider than {WIDEST}", verb.text)));
    }
    Ok((verb, index, length))
}

fn pad(verb: &Verb, piece: &str, value: &Value, text: &mut String) {
    if verb.width == 0 {
        return text.push_str(piece);
    }
    let missing = verb.width.saturating_sub(piece.graphemes(true).count());
    let number = matches!(verb.letter, 'd' | 'b' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G')
        || (verb.letter == 'v' && matches!(value.kind(), Kind::Number(_)));
    if verb.letter == 't' {
        text.push_str(piece);
    } else if verb.minus {
        text.push_str(piece);
        text.push_str(&" ".repeat(missing));
    } else if verb.zero && number && !(verb.precision.is_some() && matches!(verb.letter, 'd' | 'b' | 'o' | 'x' | 'X')) {
        let sign = usize::from(piece.starts_with(['-', '+', ' ']));
        text.push_str(&piece[..sign]);
        text.push_str(&"0".repeat(missing));
        text.push_str(&piece[sign..]);
    } else {
        text.push_str(&if verb.zero && !number { "0" } else { " " }.repeat(missing));
        text.push_str(piece);
    }
}

fn fill(verb: &Verb, value: &Value) -> Result<String, String> {
    let as_number = || match convert(value, &Type::Number).map(|value| value.as_number().cloned()) {
        Ok(Some(number)) => Ok(number),
        _ => Err(format!("needs a number, found {}", found(value))),
    };
    let as_text = || match convert(value, &Type::String).map(|value| value.as_str().map(str::to_owned)) {
        Ok(Some(text)) => Ok(text),
        _ => Err(format!("needs a string, found {}", found(value))),
    };
    let cut = |text: String| match verb.precision {
        Some(most) => text.graphemes(true).take(most).collect(),
        None => text,
    };
    match verb.letter {
        'v' => match value.kind() {
            Kind::String(text) if !verb.sharp => Ok(cut(text.to_string())),
            Kind::Number(number) if !verb.sharp => Ok(signed(verb, number.is_negative(), &shortest(number))),
            _ => json(value).map_err(|_| "makes a string that is too long".to_owned()),
        },
        's' => Ok(cut(as_text()?)),
        'q' => {
            let mut quoted = String::new();
            write_text(&cut(as_text()?), &mut quoted);
            Ok(quoted)
        }
        't' => match convert(value, &Type::Bool).map(|value| value.as_bool()) {
            Ok(Some(truth)) => Ok(truth.to_string()),
            _ => Err(format!("needs a bool, found {}", found(value))),
        },
        'd' | 'b' | 'o' | 'x' | 'X' => integer(verb, &as_number()?),
        _ => float(verb, &as_number()?),
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn patterns() {
        check(&[
            (r#"format("Hello, %s!", "Ander")"#, r#""Hello, Ander!""#),
            (r#"format("There are %d lights", 4)"#, r#""There are 4 lights""#),
            (r#"format("%5d|%-5d|%05d|%+d|% d", 42, 42, -42, 42, 42)"#, r#""   42|42   |-0042|+42| 42""#),
            (r#"format("%03d", "7")"#, r#""007""#),
            (r#"format("%b %o %x %X %#x", 10, 8, 255, 255, 255)"#, r#""1010 10 ff FF 0xff""#),
            (r#"format("%f %.2f %.0f", 1.5, 2.345, 2.5)"#, r#""1.500000 2.34 2""#),
            (r#"format("%e %.1e", 1500, 0.00015)"#, r#""1.500000e+03 1.5e-04""#),
            (r#"format("%g %g %.3g", 100000, 1e-7, 1234)"#, r#""100000 1e-07 1.23e+03""#),
            (r#"format("%v %v %v %v", "a", 1.5, true, ["x", 1])"#, r#""a 1.5 true [\"x\",1]""#),
            (r#"format("%v %v %g", 1234567, 1/8, 1e30)"#, r#""1.234567e+06 0.125 1e+30""#),
            (r#"format("%v", 12345678901234567890123)"#, r#""1.2345678901234567890123e+22""#),
            (r#"format("%#v %v", "a", null)"#, r#""\"a\" null""#),
            (r#"format("%q", "a\"b")"#, r#""\"a\\\"b\"""#),
            (r#"format("%10s|%-10s|%.2s", "é", "b", "abc")"#, r#""         é|b         |ab""#),
            (r#"format("%[2]s %[1]s", "a", "b")"#, r#""b a""#),
            (r#"format("100%%")"#, r#""100%""#),
            (r#"format("%t", "true")"#, r#""true""#),
            (r#"format("%s", var.secret)"#, r#"secret("hidden")"#),
            (r#"formatlist("%s-%s", ["a", "b"], "c")"#, r#"["a-c","b-c"]"#),
            (r#"formatlist("x%d", [])"#, "[]"),
            (r#"formatlist("%s", "a")"#, r#"["a"]"#),
        ]);
        refuse(&[
            (r#"format("%s")"#, "`format`: `%s` needs value 1, but 0 are given", "\"%s\""),
            (r#"format("%d", "x")"#, "`format`: `%d` needs a number, found string \"x\"", "\"x\""),
            (r#"format("a", "b")"#, "`format`: the pattern uses 0 of 1 value", "\"b\""),
            (r#"format("%z", 1)"#, "`format`: verb `%z` does not exist", "\"%z\""),
            (r#"format("%s", [1])"#, "`format`: `%s` needs a string, found a list of 1 element", "[1]"),
            (
                r#"formatlist("%s%s", ["a"], ["b", "c"])"#,
                "`formatlist`: this list has 2 elements, the list of argument 2 has 1",
                "[\"b\", \"c\"]",
            ),
        ]);
    }
}
