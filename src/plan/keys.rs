//! Files of keys and values, read as what they mean.

/// What is appended to a key whose value nobody may change any more: it is another thing than one that may be changed.
pub(super) const FINAL: &str = " (final)";

/// A text taken apart; together its parts say all that the text says, the blanks between them aside.
pub(crate) struct KeyedText {
    /// Keys and values, in the order of the text.
    pub(crate) pairs: Vec<(String, String)>,
    /// Whatever is no key and no value: heads, comments.
    pub(crate) rest: Vec<String>,
}

/// The keys of a text; `None` where it is not of a kind that is read here.
pub(crate) fn keyed(text: &str) -> Option<KeyedText> {
    hadoop(text).or_else(|| flat(text))
}

/// A text that is nothing but a line for each key, and comments: properties, flat YAML, variables of a shell. All lines
/// are of one kind and each is one value; any other text is not read.
fn flat(text: &str) -> Option<KeyedText> {
    let mut found = KeyedText { pairs: Vec::new(), rest: Vec::new() };
    let mut kind: Option<(&str, bool, &str)> = None;
    if text.contains('\r') || !text.ends_with('\n') {
        return None;
    }
    for line in text.lines() {
        if line.trim().is_empty() || line.starts_with(['#', '!']) {
            found.rest.push(line.to_owned());
            continue;
        }
        let (key, value) = line.split_at(line.find(['=', ':'])?);
        let (separator, value) = match value.strip_prefix('=') {
            Some(value) => ("=", value),
            None => (": ", value.strip_prefix(": ")?),
        };
        let (before, key) = key.strip_prefix("export ").map_or(("", key), |key| ("export ", key));
        let quoted = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
        let this = (before, quoted.is_some(), separator);
        let key = quoted.unwrap_or(key);
        let odd = key.is_empty() || key.contains([' ', '\t', '"', '\'', '\\', '(']) || line.ends_with('\\');
        if odd || *kind.get_or_insert(this) != this {
            return None;
        }
        found.pairs.push((key.to_owned(), value.to_owned()));
    }
    (!found.pairs.is_empty()).then_some(found)
}

/// Hadoop's `<configuration>` of properties. A text with anything else than them and comments in it is not read.
fn hadoop(text: &str) -> Option<KeyedText> {
    let (head, body) = text.split_once("<configuration>")?;
    let (body, tail) = body.rsplit_once("</configuration>")?;
    let mut found = KeyedText { pairs: Vec::new(), rest: vec![head.to_owned(), tail.to_owned()] };
    let mut rest = body.trim_start();
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("<!--") {
            let (comment, after) = comment.split_once("-->")?;
            found.rest.push(comment.to_owned());
            rest = after.trim_start();
            continue;
        }
        let (property, after) = rest.strip_prefix("<property>")?.split_once("</property>")?;
        found.pairs.push(hadoop_property(property)?);
        rest = after.trim_start();
    }
    Some(found)
}

fn hadoop_property(property: &str) -> Option<(String, String)> {
    let (mut name, mut value, mut last) = (None, None, None);
    let mut rest = property.trim_start();
    while !rest.is_empty() {
        let (tag, inner) = rest.strip_prefix('<')?.split_once('>')?;
        let (text, after) = inner.split_once(&format!("</{tag}>"))?;
        let field = match tag {
            "name" => &mut name,
            "value" => &mut value,
            "final" => &mut last,
            _ => return None,
        };
        if field.replace(text).is_some() {
            return None;
        }
        rest = after.trim_start();
    }
    let plain = |text: &str| {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&")
    };
    // What is final is another thing than what is not.
    let key = plain(name?.trim()) + if last.is_some_and(|last| last.trim() == "true") { FINAL } else { "" };
    Some((key, plain(value.unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_key_is_read_in_three_forms() {
        for text in ["# why\na.b=1\nc=x y\n", "\"a.b\": 1\n\"c\": x y\n", "export a.b=1\nexport c=x y\n"] {
            let pairs = keyed(text).map(|found| found.pairs).unwrap_or_default();
            assert_eq!(pairs, [("a.b", "1"), ("c", "x y")].map(|(key, value)| (key.to_owned(), value.to_owned())));
        }
        for text in ["a=1\\\n  more\n", "if [ -n \"$A\" ]; then\n", "a:\n  b: 1\n", "a=1\nb: 2\n", "a=1", "a = 1\n"] {
            assert!(keyed(text).is_none(), "{text}");
        }
    }

    #[test]
    fn xml_of_another_kind_is_text() {
        assert!(keyed("<configuration><xi:include/></configuration>").is_none());
        assert!(
            keyed("<configuration><property><name>a</name><source>b</source></property></configuration>").is_none()
        );
        assert!(keyed("plain").is_none());
    }

    #[test]
    fn final_properties_are_told_apart() {
        let text =
            "<configuration><property><name>a</name><value> b\n</value><final>true</final></property></configuration>";
        assert_eq!(keyed(text).unwrap().pairs, [("a (final)".to_owned(), " b\n".to_owned())]);
    }
}
