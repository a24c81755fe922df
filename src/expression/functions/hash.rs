//! Digests, of texts and of files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use uuid::{Builder, Uuid};

use super::file::bytes_of;
use super::{Call, Fault, Function};
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    let text =
        |name, summary, body| Function::new(name, summary, body).takes("string", Type::String).gives(Type::String);
    let file = |name, summary, body| Function::new(name, summary, body).takes("path", Type::String).gives(Type::String);
    vec![
        text("md5", "The MD5 digest of the string, hexadecimal", |call| Ok(hexadecimal::<Md5>(call.text(0)))),
        text("sha1", "The SHA-1 digest of the string, hexadecimal", |call| Ok(hexadecimal::<Sha1>(call.text(0)))),
        text("sha256", "The SHA-256 digest of the string, hexadecimal", |call| Ok(hexadecimal::<Sha256>(call.text(0)))),
        text("sha512", "The SHA-512 digest of the string, hexadecimal", |call| Ok(hexadecimal::<Sha512>(call.text(0)))),
        text("base64sha256", "The SHA-256 digest of the string, in base64", |call| {
            Ok(in_base64::<Sha256>(call.text(0)))
        }),
        text("base64sha512", "The SHA-512 digest of the string, in base64", |call| {
            Ok(in_base64::<Sha512>(call.text(0)))
        }),
        file("filemd5", "The MD5 digest of a file, hexadecimal", |call| Ok(hexadecimal::<Md5>(bytes_of(call)?))),
        file("filesha1", "The SHA-1 digest of a file, hexadecimal", |call| Ok(hexadecimal::<Sha1>(bytes_of(call)?))),
        file("filesha256", "The SHA-256 digest of a file, hexadecimal", |call| {
            Ok(hexadecimal::<Sha256>(bytes_of(call)?))
        }),
        file("filesha512", "The SHA-512 digest of a file, hexadecimal", |call| {
            Ok(hexadecimal::<Sha512>(bytes_of(call)?))
        }),
        file("filebase64sha256", "The SHA-256 digest of a file, in base64", |call| {
            Ok(in_base64::<Sha256>(bytes_of(call)?))
        }),
        file("filebase64sha512", "The SHA-512 digest of a file, in base64", |call| {
            Ok(in_base64::<Sha512>(bytes_of(call)?))
        }),
        Function::new("uuidv5", "The UUID of a name within a namespace: the same each time", uuid_of_name)
            .takes("namespace", Type::String)
            .takes("name", Type::String)
            .gives(Type::String),
    ]
}

fn hexadecimal<D: Digest>(bytes: impl AsRef<[u8]>) -> Value {
    Value::string(HEXLOWER.encode(&D::digest(bytes)))
}

fn in_base64<D: Digest>(bytes: impl AsRef<[u8]>) -> Value {
    Value::string(STANDARD.encode(D::digest(bytes)))
}

fn uuid_of_name(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let namespace = match call.text(0) {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other).map_err(|_| {
            Fault::at(0, format!("{other:?} is not a namespace")).help("use dns, url, oid, x500 or a UUID")
        })?,
    };
    let digest = Sha1::new().chain_update(namespace.as_bytes()).chain_update(call.text(1)).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Ok(Value::string(Builder::from_sha1_bytes(bytes).into_uuid().to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn digests() {
        check(&[
            (r#"md5("hello world")"#, r#""5eb63bbbe01eeed093cb22bb8f5acdc3""#),
            (r#"sha1("hello world")"#, r#""2aae6c35c94fcfb415dbe95f408b9ce91ee846ed""#),
            (r#"sha256("hello world")"#, r#""b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9""#),
            (r#"base64sha256("hello world")"#, r#""uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=""#),
            (r#"substr(sha512("hello world"), 0, 16)"#, r#""309ecc489c12d6eb""#),
            (r#"filesha256("hello.txt") == sha256("hello")"#, "true"),
            (r#"uuidv5("dns", "www.example.com")"#, r#""2ed6657d-e927-568b-95e1-2665a8aea6a2""#),
        ]);
        refuse(&[
            (r#"filemd5("missing")"#, "`filemd5`: no file `missing`", "\"missing\""),
            (r#"uuidv5("DNS", "a")"#, "`uuidv5`: \"DNS\" is not a namespace", "\"DNS\""),
        ]);
    }
}
