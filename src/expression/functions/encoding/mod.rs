//! Functions that write values as texts in other notations, and read them back.

mod bytes;
mod charset;
mod composed;
mod csv;
mod json;
mod yaml;

pub(super) use json::{json, write_text};

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, GzBuilder};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Call, Fault, Function};
use crate::expression::{Type, Value};
use bytes::from_base64;

pub(super) fn all() -> Vec<Function> {
    let text =
        |name, summary, body| Function::new(name, summary, body).takes("string", Type::String).gives(Type::String);
    let own = vec![
        text("base64encode", "The string's bytes in base64", |call| Ok(Value::string(STANDARD.encode(call.text(0))))),
        text("base64decode", "The string whose bytes are written in base64", |call| {
            String::from_utf8(from_base64(call)?).map(Value::string).map_err(|_| {
                let fault = Fault::at(0, "the decoded bytes are not UTF-8 text");
                fault.help("use `textdecodebase64` for other encodings")
            })
        }),
        text("base64gzip", "The string, compressed with gzip, in base64: the same bytes each time", gzip),
        text("urlencode", "The string as part of a URL", |call| Ok(Value::string(url_encode(call.text(0))))),
    ];
    [own, charset::all(), json::all(), yaml::all(), csv::all()].into_iter().flatten().collect()
}

fn gzip(call: &Call<'_, '_>) -> Result<Value, Fault> {
    // without a time and a system of its own, the same text gives the same bytes
    let mut writer = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::default());
    let compressed = writer.write_all(call.text(0).as_bytes()).and_then(|()| writer.finish());
    compressed
        .map(|bytes| Value::string(STANDARD.encode(bytes)))
        .map_err(|error| Fault::at(0, format!("this cannot be compressed: {error}")))
}

fn url_encode(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b' ').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, KEPT).to_string().replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use base64::Engine as _;

    use super::super::examples::{check, refuse, value_of};

    #[test]
    fn texts() {
        check(&[
            (r#"base64encode("Hello World")"#, r#""SGVsbG8gV29ybGQ=""#),
            (r#"base64decode("SGVsbG8gV29y\nbGQ=")"#, r#""Hello World""#),
            (r#"urlencode("Hello World!é")"#, r#""Hello+World%21%C3%A9""#),
            (r#"base64gzip("a") == base64gzip("a")"#, "true"),
        ]);
        refuse(&[
            (r#"base64decode("?")"#, "`base64decode`: not valid base64: found '?' at byte 0", "\"?\""),
            (r#"base64decode("/w==")"#, "`base64decode`: the decoded bytes are not UTF-8 text", "\"/w==\""),
        ]);
    }

    #[test]
    fn what_was_compressed_is_read_back() {
        for text in ["", "hello", &"abc ".repeat(1000)] {
            let value = value_of(&format!("base64gzip({text:?})"));
            let bytes = super::STANDARD.decode(value.as_str().expect("a text")).expect("base64");
            let mut read = String::new();
            flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut read).expect("gzip");
            assert_eq!(read, text);
        }
    }
}
