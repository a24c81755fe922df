//! Functions on paths: texts only, no file is looked at.

use super::super::{Call, Fault, Function};
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    let path = |name, summary, body| Function::new(name, summary, body).takes("path", Type::String).gives(Type::String);
    vec![
        path("basename", "The last part of a path", |call| Ok(Value::string(base(call.text(0))))),
        path("dirname", "A path without its last part", |call| Ok(Value::string(folder(call.text(0))))),
        path("pathexpand", "The path with the home folder in place of a `~` at its beginning", expand),
        path("abspath", "The path from the root, for one that begins in the project's folder", absolute),
    ]
}

/// The path without `.`, `..` and doubled slashes, as far as that can be told without looking.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            ("..", None) if rooted => {}
            _ => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

fn base(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" if path.is_empty() => ".",
        "" => "/",
        trimmed => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }
}

fn folder(path: &str) -> String {
    path.rsplit_once('/').map_or_else(|| ".".to_owned(), |(folder, _)| clean(&format!("{folder}/")))
}

fn expand(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let path = call.text(0);
    let Some(rest) = path.strip_prefix('~') else { return Ok(Value::string(path)) };
    if !(rest.is_empty() || rest.starts_with('/')) {
        let fault = Fault::at(0, "only your own home folder can be named by `~`");
        return Err(fault.help("write `~/…`, or the path from the root"));
    }
    match call.scope.reader().home() {
        Some(home) => Ok(Value::string(clean(&format!("{home}{rest}")))),
        None => Err(Fault::at(0, "`~` stands for the home folder, but it is not known here")),
    }
}

fn absolute(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let path = call.text(0);
    if path.starts_with('/') {
        return Ok(Value::string(clean(path)));
    }
    match call.scope.reader().folder() {
        Some(folder) => Ok(Value::string(clean(&format!("{folder}/{path}")))),
        None => Err(Fault::at(0, "the project's folder is not known here")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::{check, refuse};

    #[test]
    fn paths() {
        check(&[
            (r#"basename("a/b/c.txt")"#, r#""c.txt""#),
            (r#"dirname("a//b/../c")"#, r#""a""#),
            (r#"dirname("/a")"#, r#""/""#),
            (r#"pathexpand("~/.ssh/id")"#, r#""/home/somebody/.ssh/id""#),
            (r#"pathexpand("a/~")"#, r#""a/~""#),
            (r#"abspath("a/../b")"#, r#""/project/b""#),
            (r#"abspath("/a/./b/")"#, r#""/a/b""#),
        ]);
        refuse(&[(
            r#"pathexpand("~root/x")"#,
            "`pathexpand`: only your own home folder can be named by `~`",
            r#""~root/x""#,
        )]);
    }
}
