//! Functions that read files, through the reader that was handed in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Call, Fault, Function};
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    let path = |name, summary, body| Function::new(name, summary, body).takes("path", Type::String);
    vec![
        path("file", "The text of a file", |call| Ok(Value::string(text_of(call)?))).gives(Type::String),
        path("fileexists", "Whether there is a file of that name", |call| {
            Ok(Value::bool(call.scope.reader().exists(call.text(0))))
        })
        .gives(Type::Bool),
        path("filebase64", "The bytes of a file, in base64", |call| {
            Ok(Value::string(STANDARD.encode(bytes_of(call)?)))
        })
        .gives(Type::String),
        Function::new("fileset", "The files below a folder that fit a pattern", fileset)
            .takes("folder", Type::String)
            .takes("pattern", Type::String)
            .gives(Type::set(Type::String)),
    ]
}

/// The bytes of the file that the first argument names.
pub(super) fn bytes_of(call: &Call<'_, '_>) -> Result<Vec<u8>, Fault> {
    call.scope.reader().read(call.text(0)).map_err(|reason| Fault::at(0, reason))
}

fn text_of(call: &Call<'_, '_>) -> Result<String, Fault> {
    String::from_utf8(bytes_of(call)?).map_err(|_| {
        Fault::at(0, format!("the file `{}` is no UTF-8 text", call.text(0))).help("`filebase64` reads any bytes")
    })
}

fn fileset(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (folder, pattern) = (call.text(0), call.text(1));
    let files = call.scope.reader().list(folder).map_err(|reason| Fault::at(0, reason))?;
    let patterns = alternatives(pattern, 256)
        .ok_or_else(|| Fault::at(1, "the braces of the pattern are not closed, or there are too many"))?;
    let fits = |file: &str| patterns.iter().any(|pattern| fits(pattern.as_bytes(), file.as_bytes()));
    let mut found: Vec<String> = files.into_iter().filter(|file| fits(file)).collect();
    found.sort();
    found.dedup();
    let found = Value::list(Type::String, found.into_iter().map(Value::string).collect());
    crate::expression::convert(&found, &Type::set(Type::String)).map_err(|mismatch| Fault::new(mismatch.to_string()))
}

/// `a{b,c}` as `ab` and `ac`.
fn alternatives(pattern: &str, most: usize) -> Option<Vec<String>> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(pattern) = open.pop() {
        let Some((before, rest)) = pattern.split_once('{') else {
            done.push(pattern);
            continue;
        };
        let (choices, after) = rest.split_once('}')?;
        open.extend(choices.split(',').map(|choice| format!("{before}{choice}{after}")));
        if open.len() + done.len() > most {
            return None;
        }
    }
    Some(done)
}

/// Whether a path fits a pattern: `*` and `?` within a part, `**` over any number of parts.
fn fits(pattern: &[u8], path: &[u8]) -> bool {
    // What is known to be reachable: after `reached[i]` bytes of the path the pattern so far fits.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    let mut at = 0;
    while at < pattern.len() {
        let mut next = vec![false; path.len() + 1];
        if pattern[at..].starts_with(b"**/") {
            at += 3;
            let mut any = false;
            for index in 0..=path.len() {
                any |= reached[index];
                next[index] = reached[index] || (any && index > 0 && path[index - 1] == b'/');
            }
        } else if pattern[at..].starts_with(b"**") {
            at += 2;
            let mut any = false;
            for index in 0..=path.len() {
                any |= reached[index];
                next[index] = any;
            }
        } else if pattern[at] == b'*' {
            at += 1;
            let mut any = false;
            for index in 0..=path.len() {
                any = reached[index] || (any && path[index - 1] != b'/');
                next[index] = any;
            }
        } else {
            let wanted = pattern[at];
            at += 1;
            for index in 0..path.len() {
                next[index + 1] = reached[index] && (path[index] == wanted || (wanted == b'?' && path[index] != b'/'));
            }
        }
        reached = next;
    }
    reached[path.len()]
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};
    use super::{alternatives, fits};

    #[test]
    fn files() {
        check(&[
            (r#"file("hello.txt")"#, r#""hello""#),
            (r#"fileexists("hello.txt")"#, "true"),
            (r#"fileexists("missing")"#, "false"),
            (r#"filebase64("bytes")"#, r#""/w==""#),
            (r#"templatefile("motd.tftpl", { name = "A", xs = [1, 2] })"#, r#""hello A: 1 2 ""#),
            (r#"fileset(".", "*.txt")"#, r#"["hello.txt"]"#),
        ]);
        refuse(&[
            (r#"file("missing")"#, "`file`: no file `missing`", "\"missing\""),
            (r#"file("bytes")"#, "`file`: the file `bytes` is no UTF-8 text", "\"bytes\""),
            (r#"templatefile("broken.tftpl", {})"#, "expected a value, found `}`", ""),
        ]);
    }

    #[test]
    fn patterns() {
        let rows = [
            ("*.txt", "a.txt", true),
            ("*.txt", "b/a.txt", false),
            ("**/*.txt", "b/c/a.txt", true),
            ("**/*.txt", "a.txt", true),
            ("b/**", "b/c/a.txt", true),
            ("?.txt", "a.txt", true),
            ("?.txt", "ab.txt", false),
            ("*", "", true),
        ];
        for (pattern, path, wanted) in rows {
            assert_eq!(fits(pattern.as_bytes(), path.as_bytes()), wanted, "{pattern} {path}");
        }
        assert_eq!(alternatives("a.{x,y}", 9).map(|all| all.len()), Some(2));
        assert_eq!(alternatives("a.{x", 9), None);
    }
}
