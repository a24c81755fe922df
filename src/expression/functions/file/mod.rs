//! Functions that read files, through the reader that was handed in, and functions on paths.

mod glob;
mod path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Call, Fault, Function};
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    let path = |name, summary, body| Function::new(name, summary, body).takes("path", Type::String);
    let files = vec![
        path("file", "The content of a file as a string", |call| Ok(Value::string(text_of(call)?))).gives(Type::String),
        path("fileexists", "Whether there is a file of that name", |call| {
            call.scope.reader().exists(call.text(0)).map(Value::bool).map_err(|reason| Fault::at(0, reason))
        })
        .gives(Type::Bool),
        path("filebase64", "The bytes of a file, in base64", |call| {
            Ok(Value::string(STANDARD.encode(bytes_of(call)?)))
        })
        .gives(Type::String),
    ];
    files.into_iter().chain(path::all()).chain(glob::all()).collect()
}

/// The bytes of the file that the first argument names.
pub(super) fn bytes_of(call: &Call<'_, '_>) -> Result<Vec<u8>, Fault> {
    call.scope.reader().read(call.text(0)).map_err(|reason| Fault::at(0, reason))
}

fn text_of(call: &Call<'_, '_>) -> Result<String, Fault> {
    String::from_utf8(bytes_of(call)?).map_err(|_| {
        Fault::at(0, format!("file `{}` is not UTF-8 text", call.text(0))).help("use `filebase64` for other bytes")
    })
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn files() {
        check(&[
            (r#"file("hello.txt")"#, r#""hello""#),
            (r#"fileexists("hello.txt")"#, "true"),
            (r#"fileexists("missing")"#, "false"),
            (r#"filebase64("bytes")"#, r#""/w==""#),
            (r#"templatefile("motd.tftpl", { name = "A", xs = [1, 2] })"#, r#""hello A: 1 2 ""#),
        ]);
        refuse(&[
            (r#"file("missing")"#, "`file`: no file `missing`", "\"missing\""),
            (r#"file("bytes")"#, "`file`: file `bytes` is not UTF-8 text", "\"bytes\""),
            (r#"fileexists("sub")"#, "`fileexists`: `sub` is a folder, not a file", "\"sub\""),
            (r#"templatefile("broken.tftpl", {})"#, "expected a value, found `}`", ""),
        ]);
    }
}
