//! `state`: where the state is kept.

use super::blocks::{
    HttpStateAttributes, PostgresStateAttributes, S3StateAttributes, STATE, STATE_HTTP, STATE_PATH, STATE_POSTGRES,
    STATE_S3, StateAttributes,
};
use super::decode::{Decoder, FromValue as _};
use super::reported::Decoded;
use super::schema::Attribute;
use crate::model::{HttpPlace, PostgresPlace, S3Place, Sourced, StatePlace, Text};
use crate::source::{Diagnostic, did_you_mean};
use crate::syntax::tree::Block;

/// What a `state` block says.
pub(super) fn state_place(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<StatePlace> {
    let label = STATE.named_label(block, &mut decoder.diagnostics)?;
    match &*label.text {
        "local" => {
            STATE.check(&block.body, &mut decoder.diagnostics);
            let path = decoder.read(block, &StateAttributes::ALL.path)?;
            Ok(StatePlace::Local { path: path.map_or_else(|| STATE_PATH.to_owned(), |path| path.value) })
        }
        "http" => {
            STATE_HTTP.check(&block.body, &mut decoder.diagnostics);
            http(block, decoder).map(|place| StatePlace::Http(Box::new(place)))
        }
        "s3" => {
            STATE_S3.check(&block.body, &mut decoder.diagnostics);
            s3(block, decoder).map(|place| StatePlace::S3(Box::new(place)))
        }
        "postgres" => {
            STATE_POSTGRES.check(&block.body, &mut decoder.diagnostics);
            postgres(block, decoder).map(|place| StatePlace::Postgres(Box::new(place)))
        }
        other => Err(decoder.report(
            Diagnostic::error("disco::unknown_state", format!("state `{other}` is not supported"))
                .at(label.span, "not in this version")
                .help("use `local`, `http`, `s3` or `postgres`, for instance `state \"local\" {}`")
                .help_maybe(
                    did_you_mean(other, ["local", "http", "s3", "postgres"]).filter(|help| help.starts_with("did you")),
                ),
        )),
    }
}

fn http(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<HttpPlace> {
    let at = HttpStateAttributes::ALL;
    let address = decoder.required(block, &at.address).and_then(|address| checked_address(address, decoder));
    let lock_address = address_of(block, &at.lock_address, decoder);
    let unlock_address = address_of(block, &at.unlock_address, decoder);
    let update_method = method(block, &at.update_method, "POST", decoder);
    let lock_method = method(block, &at.lock_method, "LOCK", decoder);
    let unlock_method = method(block, &at.unlock_method, "UNLOCK", decoder);
    let username = secret(block, &at.username, decoder);
    let password = secret(block, &at.password, decoder);
    let address = address?;
    let lock_address = lock_address?.unwrap_or_else(|| address.clone());
    Ok(HttpPlace {
        unlock_address: unlock_address?.unwrap_or_else(|| lock_address.clone()),
        lock_address,
        address,
        update_method: update_method?,
        lock_method: lock_method?,
        unlock_method: unlock_method?,
        username: username?,
        password: password?,
        origin: Some(block.head),
    })
}

fn s3(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<S3Place> {
    let at = S3StateAttributes::ALL;
    let bucket = decoder.required(block, &at.bucket).and_then(|bucket| checked_name(bucket, "bucket", decoder));
    let key = decoder.required(block, &at.key).and_then(|key| checked_name(key, "key", decoder));
    let region = decoder.read(block, &at.region);
    let endpoint = address_of(block, &at.endpoint, decoder);
    let use_path_style = decoder.read(block, &at.use_path_style);
    let access_key = secret(block, &at.access_key, decoder);
    let secret_key = secret(block, &at.secret_key, decoder);
    Ok(S3Place {
        bucket: bucket?,
        key: key?,
        region: region?.map(|region| region.value),
        endpoint: endpoint?,
        use_path_style: use_path_style?.map(|by_path| by_path.value),
        access_key: access_key?,
        secret_key: secret_key?,
        origin: Some(block.head),
    })
}

fn postgres(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<PostgresPlace> {
    let at = PostgresStateAttributes::ALL;
    let name = decoder.required(block, &at.name).and_then(|name| checked_row(name, decoder));
    let schema_name = decoder.read(block, &at.schema_name).and_then(|name| schema_name(name, decoder));
    let conn_str = secret(block, &at.conn_str, decoder);
    Ok(PostgresPlace { conn_str: conn_str?, schema_name: schema_name?, name: name?, origin: Some(block.head) })
}

/// Letters of the longest name of PostgreSQL.
const LONGEST_NAME: usize = 63;

/// A schema's name that needs no quotes.
fn schema_name(name: Option<Sourced<String>>, decoder: &mut Decoder<'_, '_>) -> Decoded<String> {
    let Some(Sourced { value, origin }) = name else { return Ok("disco".to_owned()) };
    let mut letters = value.chars();
    let begins = letters.next().is_some_and(|letter| letter.is_ascii_lowercase() || letter == '_');
    let plain = letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if begins && plain && value.len() <= LONGEST_NAME && !value.starts_with("pg_") {
        return Ok(value);
    }
    Err(decoder.report(
        Diagnostic::error("disco::invalid_state_server", "the `schema_name` of the state cannot be used")
            .at_maybe(origin, "no name of a schema")
            .help("write up to 63 small letters, digits and `_`, not `pg_` first: `schema_name = \"disco\"`"),
    ))
}

/// A name that a row can have and a person can read.
fn checked_row(name: Sourced<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<String> {
    let Sourced { value, origin } = name;
    if !value.trim().is_empty() && !value.chars().any(char::is_control) {
        return Ok(value);
    }
    Err(decoder.report(
        Diagnostic::error("disco::invalid_state_server", "the `name` of the state cannot be used")
            .at_maybe(origin, "no name of one")
            .help("write for instance `name = \"lab\"`"),
    ))
}

/// A name of a bucket or of an object that can stand in an address.
fn checked_name(name: Sourced<String>, what: &str, decoder: &mut Decoder<'_, '_>) -> Decoded<String> {
    let Sourced { value, origin } = name;
    let odd = |letter: char| letter.is_control() || what == "bucket" && (letter == '/' || letter.is_whitespace());
    if !value.is_empty() && !value.starts_with('/') && !value.ends_with('/') && !value.contains(odd) {
        return Ok(value);
    }
    Err(decoder.report(
        Diagnostic::error("disco::invalid_state_server", format!("the `{what}` of the state cannot be used"))
            .at_maybe(origin, "no name of one")
            .help("write for instance `bucket = \"lab-states\"` and `key = \"lab/disco.state.json\"`"),
    ))
}

fn address_of(block: &Block, attribute: &Attribute<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<Option<String>> {
    decoder.read(block, attribute)?.map(|address| checked_address(address, decoder)).transpose()
}

/// An address that a request can be sent to, and that says nothing which must not be shown.
fn checked_address(address: Sourced<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<String> {
    let Sourced { value, origin } = address;
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let (label, help) = match host {
        None => ("has no scheme", "begin it with `https://`"),
        Some("") => ("has no host", "write it in full: `https://state.example.org/lab`"),
        Some(host) if host.contains('@') => {
            ("has a user in it", "write `username` and `password`, or set DISCO_HTTP_USERNAME and DISCO_HTTP_PASSWORD")
        }
        Some(_) if value.contains(|letter: char| letter.is_whitespace() || letter.is_control()) => {
            ("has a blank in it", "write `%20` where a blank is meant")
        }
        Some(_) if value.contains('#') => ("has a fragment", "remove `#` and what comes after it"),
        Some(_) => return Ok(value),
    };
    let message = "the address of the state cannot be used".to_owned();
    Err(decoder.report(Diagnostic::error("disco::invalid_state_server", message).at_maybe(origin, label).help(help)))
}

fn method(block: &Block, attribute: &Attribute<String>, usual: &str, decoder: &mut Decoder<'_, '_>) -> Decoded<String> {
    let Some(Sourced { value, origin }) = decoder.read(block, attribute)? else { return Ok(usual.to_owned()) };
    if value.chars().all(|letter| letter.is_ascii_uppercase()) {
        return Ok(value);
    }
    let message = format!("\"{value}\" is not a method of HTTP");
    let help = format!("write it in capital letters: \"{usual}\"");
    Err(decoder.report(
        Diagnostic::error("disco::invalid_state_server", message).at_maybe(origin, "cannot be sent").help(help),
    ))
}

/// A text that may be secret.
fn secret(block: &Block, attribute: &Attribute<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<Option<Text>> {
    let Some(field) = decoder.known(attribute.written(&block.body))? else { return Ok(None) };
    let value = String::from_value(&field, &attribute.schema.kind).map_err(|mistake| decoder.report(mistake))?;
    Ok(Some(Text { value, secret: field.value.contains_secret() }))
}
