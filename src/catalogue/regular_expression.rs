//! Whether a text is a regular expression for the node agent, which uses Python's `re`. Only what is wrong for certain is said:
//! what is not understood here passes.

/// Escapes of `re` that are letters. `z` is one from Python 3.14 on.
const ESCAPES: &str = "AbBdDsSwWZzafnrtvxuUN";

/// What is wrong with a regular expression, in a few words; and how many groups it has that give their text, where nothing is.
pub(super) fn groups(text: &str) -> Result<usize, &'static str> {
    let signs: Vec<char> = text.chars().collect();
    if is_verbose(text) {
        return Ok(1);
    }
    let (mut at, mut open, mut groups) = (0, 0_usize, 0);
    let mut repeatable = false;
    while let Some(sign) = signs.get(at).copied() {
        let next = |by: usize| signs.get(at + by).copied();
        match sign {
            '\\' => {
                let Some(escaped) = next(1) else { return Err("it ends with a `\\` that escapes nothing") };
                if escaped.is_ascii_alphabetic() && !ESCAPES.contains(escaped) {
                    return Err("it has an escape that Python does not know");
                }
                at += 1;
                repeatable = true;
            }
            '[' => {
                at = class_end(&signs, at).ok_or("a `[` is never closed")?;
                repeatable = true;
            }
            '(' => {
                open += 1;
                repeatable = false;
                if next(1) == Some('?') {
                    match next(2) {
                        Some('#') => {
                            let length = signs[at..].iter().position(|sign| *sign == ')');
                            at += length.ok_or("a `(` is never closed")?;
                            open -= 1;
                        }
                        // A name, but neither what stands behind nor a name that is used again.
                        Some('P') if next(3) == Some('<') => {
                            groups += 1;
                            at += 2;
                        }
                        // A condition: `(?(1)a|b)`.
                        Some('(') => {
                            open += 1;
                            at += 2;
                        }
                        Some(_) => at += 2,
                        None => return Err("a `(` is never closed"),
                    }
                } else {
                    groups += 1;
                }
            }
            ')' => {
                open = open.checked_sub(1).ok_or("a `)` has no `(`")?;
                repeatable = true;
            }
            '|' => repeatable = false,
            '*' | '+' | '?' => {
                if !repeatable {
                    return Err("a `*`, `+` or `?` has nothing before it to repeat");
                }
                // `a*?` takes as little as it can, and from Python 3.11 on `a*+` gives nothing back.
                if matches!(next(1), Some('?' | '+')) {
                    at += 1;
                }
                repeatable = false;
            }
            _ => repeatable = true,
        }
        at += 1;
    }
    if open > 0 { Err("a `(` is never closed") } else { Ok(groups) }
}

/// Whether blanks and comments are none of its signs: `(?x)`.
fn is_verbose(text: &str) -> bool {
    text.split("(?").skip(1).any(|flags| {
        let end = flags.find(|sign: char| !sign.is_ascii_alphabetic()).unwrap_or(flags.len());
        flags[..end].contains('x') && flags[end..].starts_with([')', ':', '-'])
    })
}

/// Where the class that begins somewhere ends. A `]` right at its beginning is one of its signs.
fn class_end(signs: &[char], begin: usize) -> Option<usize> {
    let mut at = begin + 1;
    if signs.get(at) == Some(&'^') {
        at += 1;
    }
    if signs.get(at) == Some(&']') {
        at += 1;
    }
    loop {
        match signs.get(at)? {
            ']' => return Some(at),
            '\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_reads_passes() {
        for (text, number) in [
            ("", 0),
            ("Mode: (leader|follower|standalone)", 1),
            (r"@([^:]+):\d{2,3}?", 1),
            (r"(?:a|b)+?(?P<name>\w+)(?=x)(?!y)(?<=z)", 1),
            (r"[]a-z(*]+[^]]*", 0),
            (r"^\s*(\S+)\s+[A-Z]*\*?$", 1),
            (r"a{2}b{,3}c{x", 0),
            (r"(?#a comment (with [)a*", 0),
            (r"(a)(b(c))\1", 3),
            (r"\.\*\+\(", 0),
            ("|a", 0),
            ("a++b*?", 0),
            ("x{3}+", 0),
            ("(a)?(?(1)b|c)", 1),
            ("(?i)a(?m:b)", 0),
            ("(?x) a # an open (", 1),
        ] {
            assert_eq!(groups(text), Ok(number), "{text}");
        }
    }

    #[test]
    fn what_python_refuses_is_said() {
        for (text, why) in [
            ("a(b", "a `(` is never closed"),
            ("a)b", "a `)` has no `(`"),
            ("[a-z", "a `[` is never closed"),
            ("[]", "a `[` is never closed"),
            ("(?", "a `(` is never closed"),
            ("*a", "a `*`, `+` or `?` has nothing before it to repeat"),
            ("a|+", "a `*`, `+` or `?` has nothing before it to repeat"),
            ("a**", "a `*`, `+` or `?` has nothing before it to repeat"),
            ("a+?*", "a `*`, `+` or `?` has nothing before it to repeat"),
            ("a\\", "it ends with a `\\` that escapes nothing"),
            (r"\p{L}", "it has an escape that Python does not know"),
        ] {
            assert_eq!(groups(text), Err(why), "{text}");
        }
    }
}
