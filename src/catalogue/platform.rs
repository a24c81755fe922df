//! What an image's distribution brings: Java, Python; and what an operating system keeps for itself.

use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::{Body, Expression, ExpressionKind, ObjectKey};

/// A distribution behind images.
#[derive(Clone, Debug, PartialEq)]
pub struct Platform {
    /// `debian-12`
    pub name: String,
    /// Parts of image names that give it away.
    pub images: Vec<String>,
    /// Packages by major version of Java.
    pub java: Vec<(u32, String)>,
    /// Version of `python3`.
    pub python: Option<String>,
    /// What it does not bring of that which the node agent works with: `apt`, `systemd`, `python3`.
    pub lacks: Vec<String>,
}

impl Platform {
    /// The package of a major version of Java.
    pub fn java_package(&self, major: u32) -> Option<&str> {
        self.java.iter().find(|(known, _)| *known == major).map(|(_, package)| package.as_str())
    }
}

/// The platform of an image, and whether its name says so; the first platform where it does not.
pub(super) fn platform_of<'a>(platforms: &'a [Platform], image: &str) -> Option<(&'a Platform, bool)> {
    let image = image.to_lowercase();
    let named = platforms.iter().find(|platform| platform.images.iter().any(|part| image.contains(part.as_str())));
    named.map(|platform| (platform, true)).or_else(|| platforms.first().map(|platform| (platform, false)))
}

/// Reads `platforms.hcl`: the platforms, and what an operating system keeps of a node's memory.
pub(super) fn read(body: &Body) -> (Vec<Platform>, Option<Expression>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut wrong = |span: Span, expected: &str| {
        diagnostics.push(
            Diagnostic::error("disco::manifest_type", format!("a `platform` block needs {expected}"))
                .at(span, "not valid"),
        );
    };
    let mut platforms = Vec::new();
    let mut reserved = None;
    for attribute in &body.attributes {
        match &*attribute.name.text {
            "reserved_memory" => reserved = Some(attribute.value.clone()),
            _ => wrong(attribute.span, "to be inside a block; outside there is only `reserved_memory`"),
        }
    }
    for block in &body.blocks {
        let (Some(label), "platform") = (block.labels.first(), &*block.kind.text) else {
            wrong(block.head, "to be written `platform \"name\" {`");
            continue;
        };
        let name = label.text.to_string();
        let mut platform = Platform { name, images: Vec::new(), java: Vec::new(), python: None, lacks: Vec::new() };
        for attribute in &block.body.attributes {
            match (&*attribute.name.text, &attribute.value.kind) {
                ("images", ExpressionKind::Tuple(elements)) => {
                    for element in elements {
                        match &element.kind {
                            ExpressionKind::String(text) => platform.images.push(text.to_lowercase()),
                            _ => wrong(element.span, "strings as `images`"),
                        }
                    }
                }
                ("java", ExpressionKind::Object(items)) => {
                    for item in items {
                        let key = match &item.key {
                            ObjectKey::Name(name) => Some(&name.text),
                            ObjectKey::Expression(expression) => match &expression.kind {
                                ExpressionKind::String(text) | ExpressionKind::Number(text) => Some(text),
                                _ => None,
                            },
                        };
                        match (key.and_then(|key| key.parse().ok()), &item.value.kind) {
                            (Some(major), ExpressionKind::String(package)) => {
                                platform.java.push((major, package.to_string()));
                            }
                            _ => wrong(item.value.span, "`java` as packages by version"),
                        }
                    }
                }
                ("lacks", ExpressionKind::Tuple(elements)) => {
                    for element in elements {
                        match &element.kind {
                            ExpressionKind::String(text) => platform.lacks.push(text.to_string()),
                            _ => wrong(element.span, "strings as `lacks`"),
                        }
                    }
                }
                ("python", ExpressionKind::String(version)) => platform.python = Some(version.to_string()),
                _ => wrong(attribute.span, "`images`, `java`, `python` and `lacks`"),
            }
        }
        platforms.push(platform);
    }
    (platforms, reserved, diagnostics)
}
