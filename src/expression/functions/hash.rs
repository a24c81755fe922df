//! Digests, of texts and of files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha512};

use super::Function;
use super::file::bytes_of;
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    let text = |name, summary, body| Function::new(name, summary, body).takes("text", Type::String).gives(Type::String);
    let file = |name, summary, body| Function::new(name, summary, body).takes("path", Type::String).gives(Type::String);
    vec![
        text("sha256", "The SHA-256 digest of the text, hexadecimal", |call| {
            Ok(Value::string(hexadecimal(&Sha256::digest(call.text(0)))))
        }),
        text("sha512", "The SHA-512 digest of the text, hexadecimal", |call| {
            Ok(Value::string(hexadecimal(&Sha512::digest(call.text(0)))))
        }),
        text("base64sha256", "The SHA-256 digest of the text, in base64", |call| {
            Ok(Value::string(STANDARD.encode(Sha256::digest(call.text(0)))))
        }),
        text("base64sha512", "The SHA-512 digest of the text, in base64", |call| {
            Ok(Value::string(STANDARD.encode(Sha512::digest(call.text(0)))))
        }),
        file("filesha256", "The SHA-256 digest of a file, hexadecimal", |call| {
            Ok(Value::string(hexadecimal(&Sha256::digest(bytes_of(call)?))))
        }),
        file("filesha512", "The SHA-512 digest of a file, hexadecimal", |call| {
            Ok(Value::string(hexadecimal(&Sha512::digest(bytes_of(call)?))))
        }),
        file("filebase64sha256", "The SHA-256 digest of a file, in base64", |call| {
            Ok(Value::string(STANDARD.encode(Sha256::digest(bytes_of(call)?))))
        }),
        file("filebase64sha512", "The SHA-512 digest of a file, in base64", |call| {
            Ok(Value::string(STANDARD.encode(Sha512::digest(bytes_of(call)?))))
        }),
    ]
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // writing to a text cannot fail
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn digests() {
        check(&[
            (r#"sha256("hello world")"#, r#""b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9""#),
            (r#"base64sha256("hello world")"#, r#""uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=""#),
            (r#"substr(sha512("hello world"), 0, 16)"#, r#""309ecc489c12d6eb""#),
            (r#"filesha256("hello.txt") == sha256("hello")"#, "true"),
        ]);
        refuse(&[(r#"filesha256("missing")"#, "`filesha256`: no file `missing`", "\"missing\"")]);
    }
}
