//! The bytes of a file: keys and values in the format that it has.

mod levels;

use super::generated::{SecretPart, parts};
use super::{Content, FileDeclaration, FileFormat, FileValue, Piece};
use crate::model::Text;

/// How the keys of a file are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout<'l> {
    /// The format.
    pub(super) format: FileFormat,
    /// What stands between a key and its value, in the format `lines`.
    pub(super) separator: &'l str,
    /// The sign at which keys are split into levels.
    pub(super) nested: Option<&'l str>,
}

impl<'l> Layout<'l> {
    /// That of a file as its manifest declares it.
    pub(super) fn of(file: &'l FileDeclaration) -> Self {
        let separator = file.separator.as_deref().unwrap_or(" ");
        // Sections are one level, and most keys have a point in their names.
        let nested = file.nested.as_deref().or((file.format == FileFormat::Ini).then_some("."));
        Self { format: file.format, separator, nested }
    }
}

/// A key with its value, as it is to be written.
pub(super) type Entry<'e> = (&'e str, &'e FileValue);

/// A file of keys, after a text at its beginning. Values may be secret, so they stay pieces of their own.
pub(super) fn write(layout: Layout<'_>, beginning: &Text, keys: &[Entry<'_>]) -> Content {
    let format = layout.format;
    let mut writer = Writer::default();
    if format == FileFormat::HadoopXml {
        writer.plain("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }
    writer.value("", beginning, str::to_owned);
    match format {
        FileFormat::HadoopXml => {
            writer.plain("<configuration>\n");
            for (key, value) in keys {
                writer.plain(&format!("  <property>\n    <name>{}</name>\n    <value>", xml(key)));
                writer.value(key, &value.text, xml);
                writer.plain("</value>\n  </property>\n");
            }
            writer.plain("</configuration>\n");
        }
        FileFormat::Properties => {
            for (key, value) in keys {
                writer.plain(&format!("{}=", property(key, true)));
                writer.value(key, &value.text, |text| property(text, false));
                writer.plain("\n");
            }
        }
        FileFormat::Shell => {
            for (key, value) in keys {
                writer.plain(&format!("export {key}="));
                writer.value(key, &value.text, shell);
                writer.plain("\n");
            }
        }
        FileFormat::Lines => {
            for (key, value) in keys {
                writer.plain(&format!("{key}{}", layout.separator));
                writer.value(key, &value.text, str::to_owned);
                writer.plain("\n");
            }
        }
        FileFormat::Yaml | FileFormat::Json | FileFormat::Toml | FileFormat::Ini => {
            levels::write(&mut writer, layout, keys);
        }
        FileFormat::Template => {}
    }
    writer.finish()
}

/// Why a key or value cannot be written in a format.
pub(super) fn refusal(format: FileFormat, key: &str, value: &str) -> Option<&'static str> {
    if key.is_empty() {
        return Some("a key cannot be empty");
    }
    let forbidden = |text: &str| text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n'));
    if forbidden(key) || forbidden(value) || key.contains('\n') {
        return Some("it contains a control character");
    }
    let word = |key: &str| {
        key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !key.starts_with(|c: char| c.is_ascii_digit())
    };
    match format {
        FileFormat::Shell if !word(key) => Some("a name in a shell has only letters, digits and `_`"),
        FileFormat::Lines | FileFormat::Ini if value.contains('\n') => Some("a value in this format is one line"),
        FileFormat::Ini if key.contains(['[', ']', '=']) => Some("a key in this format has no brackets and no `=`"),
        _ => None,
    }
}

/// A file that systemd reads a unit's environment from.
pub(super) fn environment(variables: &[(String, Text)]) -> Content {
    let mut writer = Writer::default();
    for (name, value) in variables {
        writer.plain(&format!("{name}="));
        writer.value(name, value, environment_text);
        writer.plain("\n");
    }
    writer.finish()
}

/// In double quotes, where systemd takes a backslash off these four only.
fn environment_text(text: &str) -> String {
    let mut escaped = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '`' | '$') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped.push('"');
    escaped
}

#[derive(Default)]
pub(super) struct Writer {
    pieces: Vec<Piece>,
    plain: String,
}

impl Writer {
    /// Text that is no secret.
    pub(super) fn plain(&mut self, text: &str) {
        self.plain.push_str(text);
    }

    /// The value of a key, escaped as the format wants it.
    pub(super) fn value(&mut self, key: &str, value: &Text, escape: impl Fn(&str) -> String) {
        let escaped = escape(&value.value);
        if value.secret {
            self.pieces.push(Text::plain(std::mem::take(&mut self.plain)).into());
            let key = (!key.is_empty()).then(|| key.to_owned());
            for part in parts(&escaped) {
                let (value, generated) = match part {
                    SecretPart::Given(value) => (value.to_owned(), None),
                    SecretPart::Generated(secret) => (String::new(), Some(secret)),
                };
                self.pieces.push(Piece { text: Text { value, secret: true }, key: key.clone(), generated });
            }
        } else {
            self.plain(&escaped);
        }
    }

    fn finish(mut self) -> Content {
        self.pieces.push(Text::plain(self.plain).into());
        self.pieces.retain(|piece| !piece.text.value.is_empty() || piece.generated.is_some());
        Content { pieces: self.pieces }
    }
}

/// How files of the formats write a text that has to be escaped there.
pub(crate) fn escaped_forms(text: &str) -> [String; 3] {
    [xml(text), property(text, false), environment_text(text)]
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Java's properties, which read `\` as an escape and the file as Latin-1.
fn property(text: &str, key: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, c) in text.chars().enumerate() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            ' ' if key || index == 0 => escaped.push_str("\\ "),
            '=' | ':' if key => {
                escaped.push('\\');
                escaped.push(c);
            }
            '#' | '!' if key && index == 0 => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_ascii() => escaped.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    escaped.extend(["\\u".to_owned(), format!("{unit:04x}")]);
                }
            }
        }
    }
    escaped
}

/// In single quotes nothing has a meaning to a shell but the quote itself.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(format: FileFormat) -> Layout<'static> {
        Layout { format, separator: " ", nested: None }
    }

    fn written(format: FileFormat, key: &str, value: &str) -> String {
        write(plain(format), &Text::plain(""), &[(key, &FileValue::from(Text::plain(value)))]).revealed()
    }

    #[test]
    fn values_are_data_in_every_format() {
        assert!(written(FileFormat::HadoopXml, "a.b", "<x> & y").contains("<value>&lt;x&gt; &amp; y</value>"));
        assert_eq!(written(FileFormat::Properties, "a b", " x\\y é"), "a\\ b=\\ x\\\\y \\u00e9\n");
        assert_eq!(written(FileFormat::Shell, "A", "it's $HOME `x`"), "export A='it'\\''s $HOME `x`'\n");
        assert_eq!(written(FileFormat::Yaml, "a", "no"), "\"a\": \"no\"\n");
        assert_eq!(written(FileFormat::Yaml, "a", "12.5"), "\"a\": 12.5\n");
        assert_eq!(written(FileFormat::Yaml, "a", "0123"), "\"a\": \"0123\"\n");
        assert_eq!(written(FileFormat::Lines, "tickTime", "2000"), "tickTime 2000\n");
        assert_eq!(written(FileFormat::Toml, "a b", "x\"y\u{1}"), "\"a b\" = \"x\\\"y\\u0001\"\n");
        assert_eq!(written(FileFormat::Json, "a", "1e3"), "{\n  \"a\": \"1e3\"\n}\n");
    }

    #[test]
    fn secrets_travel_apart() {
        let secret = FileValue::from(Text { value: "s&t".to_owned(), secret: true });
        let open = FileValue::from(Text::plain("c"));
        let content = write(plain(FileFormat::HadoopXml), &Text::plain(""), &[("a", &secret), ("b", &open)]);
        assert!(content.is_secret());
        let secret: Vec<&str> =
            content.pieces.iter().filter(|piece| piece.text.secret).map(|piece| piece.text.value.as_str()).collect();
        assert_eq!(secret, ["s&amp;t"]);
    }

    #[test]
    fn what_a_format_cannot_hold_is_refused() {
        assert_eq!(refusal(FileFormat::HadoopXml, "a", "x\u{0}"), Some("it contains a control character"));
        assert!(refusal(FileFormat::Shell, "A-B", "x").is_some());
        assert_eq!(refusal(FileFormat::Shell, "A_B", "x y"), None);
    }
}
