//! Reading the attributes of one block of a manifest, with a complaint for each that is wrong.

use std::collections::BTreeMap;

use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean};
use crate::syntax::tree::{Attribute, Block, Body, Expression, ExpressionKind, ObjectKey, TemplatePart};

use crate::catalogue::{Placement, Relation};

/// The body of a block and what has been asked of it so far.
pub(super) struct Fields<'a> {
    body: &'a Body,
    head: Span,
    what: String,
    attributes: Vec<&'static str>,
    blocks: Vec<&'static str>,
    /// The ensembles that there are, with their placements.
    ensembles: BTreeMap<String, Vec<Placement>>,
    diagnostics: &'a mut Diagnostics,
}

/// Where something goes: these placements, or only the members of an ensemble there.
pub(super) type Site = (Vec<Placement>, Option<String>);

impl<'a> Fields<'a> {
    /// Reads `body`, which messages call `what` and which begins at `head`.
    pub(super) fn new(body: &'a Body, head: Span, what: String, diagnostics: &'a mut Diagnostics) -> Self {
        let (attributes, blocks, ensembles) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { body, head, what, attributes, blocks, ensembles, diagnostics }
    }

    /// Names of ensembles may stand where placements do from now on.
    pub(super) fn know_ensembles(&mut self, ensembles: BTreeMap<String, Vec<Placement>>) {
        self.ensembles = ensembles;
    }

    /// Says that something is wrong.
    pub(super) fn complain(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn attribute(&mut self, name: &'static str) -> Option<&'a Attribute> {
        self.attributes.push(name);
        self.body.attributes.iter().find(|attribute| &*attribute.name.text == name)
    }

    fn wrong(&mut self, name: &str, expression: &Expression, expected: &str) {
        let message = format!("`{name}` of {} must be a literal: {expected}", self.what);
        self.complain(
            Diagnostic::error("disco::manifest_type", message)
                .at(expression.span, format!("not {expected}"))
                .help(format!("write {expected} here: this is read before anything is computed")),
        );
    }

    fn missing(&mut self, name: &str) {
        let message = format!("{} has no `{name}`", self.what);
        self.complain(
            Diagnostic::error("disco::manifest_missing", message)
                .at(self.head, format!("`{name}` is missing"))
                .help(format!("add `{name} = …`")),
        );
    }

    /// A text without interpolation.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        let value = &self.attribute(name)?.value;
        let text = literal_text(value);
        if text.is_none() {
            self.wrong(name, value, "a string");
        }
        text
    }

    /// A text that must be there.
    pub(super) fn required_text(&mut self, name: &'static str) -> String {
        if self.body.attributes.iter().all(|attribute| &*attribute.name.text != name) {
            self.missing(name);
        }
        self.text(name).unwrap_or_default()
    }

    /// A text out of a few; `parse` knows them.
    pub(super) fn word<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        known: &[&'static str],
    ) -> Option<T> {
        let span = self.body.attributes.iter().find(|attribute| &*attribute.name.text == name)?.value.span;
        let text = self.text(name)?;
        let word = parse(&text);
        if word.is_none() {
            self.unknown_word(name, &text, span, known);
        }
        word
    }

    /// The same where it must be said.
    pub(super) fn required_word<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        known: &[&'static str],
    ) -> Option<T> {
        if self.body.attributes.iter().all(|attribute| &*attribute.name.text != name) {
            self.missing(name);
        }
        self.word(name, parse, known)
    }

    fn unknown_word(&mut self, name: &str, text: &str, span: Span, known: &[&'static str]) {
        let message = format!("`{name}` of {} cannot be `{text}`", self.what);
        self.complain(
            Diagnostic::error("disco::manifest_unknown", message)
                .at(span, "unknown")
                .help_maybe(did_you_mean(text, known.iter().copied())),
        );
    }

    /// A list of texts; one text counts as a list of one.
    pub(super) fn texts(&mut self, name: &'static str) -> Vec<String> {
        self.spanned_texts(name).into_iter().map(|(text, _)| text).collect()
    }

    /// The same, each with its place.
    pub(super) fn spanned_texts(&mut self, name: &'static str) -> Vec<(String, Span)> {
        let Some(attribute) = self.attribute(name) else { return Vec::new() };
        let elements = match &attribute.value.kind {
            ExpressionKind::Tuple(elements) => elements.as_slice(),
            _ => std::slice::from_ref(&attribute.value),
        };
        let mut texts = Vec::with_capacity(elements.len());
        for element in elements {
            match literal_text(element) {
                Some(text) => texts.push((text, element.span)),
                None => self.wrong(name, element, "a string"),
            }
        }
        texts
    }

    /// On which nodes something goes.
    pub(super) fn placements(&mut self, name: &'static str) -> Vec<Placement> {
        let mut placements = Vec::new();
        for (text, span) in self.spanned_texts(name) {
            match Placement::named(&text) {
                Some(placement) => placements.push(placement),
                None => self.unknown_word(name, &text, span, &Placement::ALL.map(Placement::name)),
            }
        }
        placements
    }

    /// On which nodes something goes, where that may be an ensemble.
    pub(super) fn site(&mut self, name: &'static str) -> Site {
        let texts = self.spanned_texts(name);
        if let [(text, _)] = texts.as_slice()
            && let Some(on) = self.ensembles.get(text)
        {
            return (on.clone(), Some(text.clone()));
        }
        let mut placements = Vec::new();
        for (text, span) in texts {
            match Placement::named(&text) {
                Some(placement) => placements.push(placement),
                None if self.ensembles.contains_key(&text) => {
                    let message = format!("`{name}` of {} names the ensemble `{text}` beside others", self.what);
                    let help = format!("write `{name} = \"{text}\"`: an ensemble says itself where its nodes are");
                    self.complain(Diagnostic::error("disco::manifest_value", message).at(span, "not alone").help(help));
                }
                None => {
                    let known = Placement::ALL.map(Placement::name);
                    let known: Vec<&str> = known.into_iter().chain(self.ensembles.keys().map(String::as_str)).collect();
                    let message = format!("`{name}` of {} cannot be `{text}`", self.what);
                    let diagnostic = Diagnostic::error("disco::manifest_unknown", message).at(span, "unknown");
                    let diagnostic = diagnostic.help_maybe(did_you_mean(&text, known));
                    self.complain(diagnostic);
                }
            }
        }
        (placements, None)
    }

    /// The same where it must be said.
    pub(super) fn required_site(&mut self, name: &'static str) -> Option<Site> {
        if self.body.attributes.iter().all(|attribute| &*attribute.name.text != name) {
            self.missing(name);
        }
        Some(self.site(name)).filter(|(on, _)| !on.is_empty())
    }

    /// What is asked of other frameworks.
    pub(super) fn relations(&mut self, name: &'static str) -> Vec<Relation> {
        let texts = self.spanned_texts(name);
        texts.into_iter().filter_map(|(text, span)| self.relation(&text, span)).collect()
    }

    /// One thing that is asked of other frameworks.
    pub(super) fn relation(&mut self, text: &str, span: Span) -> Option<Relation> {
        match Relation::parse(text, span) {
            Ok(relation) => Some(relation),
            Err(why) => {
                self.complain(
                    Diagnostic::error("disco::manifest_type", format!("`{text}` is not a valid requirement: {why}"))
                        .at(span, "here")
                        .help("write for instance \"hdfs\", \"hadoop >= 3.4, < 4\" or \"hdfs | s3\""),
                );
                None
            }
        }
    }

    /// A list of whole numbers.
    pub(super) fn integers(&mut self, name: &'static str) -> Vec<u64> {
        let Some(attribute) = self.attribute(name) else { return Vec::new() };
        let ExpressionKind::Tuple(elements) = &attribute.value.kind else {
            self.wrong(name, &attribute.value, "a list of numbers");
            return Vec::new();
        };
        let mut integers = Vec::with_capacity(elements.len());
        for element in elements {
            match literal_integer(element) {
                Some(integer) => integers.push(integer),
                None => self.wrong(name, element, "a whole number"),
            }
        }
        integers
    }

    /// A whole number.
    pub(super) fn integer(&mut self, name: &'static str) -> Option<u64> {
        let value = &self.attribute(name)?.value;
        let integer = literal_integer(value);
        if integer.is_none() {
            self.wrong(name, value, "a whole number");
        }
        integer
    }

    /// `true` or `false`; `false` if nothing is said.
    pub(super) fn boolean(&mut self, name: &'static str) -> bool {
        let Some(attribute) = self.attribute(name) else { return false };
        if let ExpressionKind::Bool(value) = attribute.value.kind {
            return value;
        }
        self.wrong(name, &attribute.value, "`true` or `false`");
        false
    }

    /// An expression, to be evaluated later.
    pub(super) fn expression(&mut self, name: &'static str) -> Option<Expression> {
        self.attribute(name).map(|attribute| attribute.value.clone())
    }

    /// An expression that must be there.
    pub(super) fn required_expression(&mut self, name: &'static str) -> Option<Expression> {
        let expression = self.expression(name);
        if expression.is_none() {
            self.missing(name);
        }
        expression
    }

    /// An object's entries, in the order written, each to be evaluated later.
    pub(super) fn entries(&mut self, name: &'static str) -> Vec<(String, Expression)> {
        let attribute_name = name;
        let Some(attribute) = self.attribute(name) else { return Vec::new() };
        let ExpressionKind::Object(items) = &attribute.value.kind else {
            self.wrong(name, &attribute.value, "an object");
            return Vec::new();
        };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            match &item.key {
                ObjectKey::Name(name) => entries.push((name.text.to_string(), item.value.clone())),
                ObjectKey::Expression(key) => match literal_text(key) {
                    Some(name) => entries.push((name, item.value.clone())),
                    None => self.wrong(attribute_name, key, "a key"),
                },
            }
        }
        entries
    }

    /// An object's entries as [`Fields::entries`] reads them, or, where its keys are not written out, the whole expression.
    pub(super) fn entries_or_formula(&mut self, name: &'static str) -> (Vec<(String, Expression)>, Option<Expression>) {
        let Some(attribute) = self.attribute(name) else { return (Vec::new(), None) };
        let is_written = |key: &ObjectKey| match key {
            ObjectKey::Name(_) => true,
            ObjectKey::Expression(key) => literal_text(key).is_some(),
        };
        match &attribute.value.kind {
            ExpressionKind::Object(items) if items.iter().all(|item| is_written(&item.key)) => {
                (self.entries(name), None)
            }
            ExpressionKind::String(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::Bool(_)
            | ExpressionKind::Tuple(_) => {
                self.wrong(name, &attribute.value, "an object");
                (Vec::new(), None)
            }
            _ => (Vec::new(), Some(attribute.value.clone())),
        }
    }

    /// Names of services; or an object of them by patterns of keys, then with all of their names.
    pub(super) fn restarts(&mut self, name: &'static str) -> (Vec<String>, Vec<(String, Vec<String>)>) {
        let attribute = self.attribute(name);
        if !attribute.is_some_and(|attribute| matches!(attribute.value.kind, ExpressionKind::Object(_))) {
            return (self.texts(name), Vec::new());
        }
        let by_key = self.list_entries(name);
        for (pattern, _) in &by_key {
            if pattern.strip_suffix('*').unwrap_or(pattern).contains('*') {
                let message = format!("`{pattern}` in `{name}` of {} is no pattern of keys", self.what);
                let place = self.place(name);
                let diagnostic = Diagnostic::error("disco::manifest_value", message).at(place, "not valid");
                self.complain(diagnostic.help("`*` stands for the end of a key only, as in `spark.worker.*`"));
            }
        }
        let mut all: Vec<String> = Vec::new();
        for service in by_key.iter().flat_map(|(_, services)| services) {
            if !all.contains(service) {
                all.push(service.clone());
            }
        }
        (all, by_key)
    }

    /// An object of texts.
    pub(super) fn text_entries(&mut self, name: &'static str) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        for (key, value) in self.entries(name) {
            match literal_text(&value) {
                Some(text) => texts.push((key, text)),
                None => self.wrong(name, &value, "a string"),
            }
        }
        texts
    }

    /// An object of lists of texts.
    pub(super) fn list_entries(&mut self, name: &'static str) -> Vec<(String, Vec<String>)> {
        let mut lists = Vec::new();
        for (key, value) in self.entries(name) {
            let texts = match &value.kind {
                ExpressionKind::Tuple(elements) => elements.iter().map(literal_text).collect::<Option<Vec<String>>>(),
                _ => None,
            };
            match texts {
                Some(texts) => lists.push((key, texts)),
                None => self.wrong(name, &value, "a list of strings"),
            }
        }
        lists
    }

    /// Where the value of `name` stands, or else the block's head.
    pub(super) fn place(&self, name: &str) -> Span {
        let attribute = self.body.attributes.iter().find(|attribute| &*attribute.name.text == name);
        attribute.map_or(self.head, |attribute| attribute.value.span)
    }

    /// The blocks of that kind, in the order written.
    pub(super) fn blocks(&mut self, kind: &'static str) -> Vec<&'a Block> {
        self.blocks.push(kind);
        self.body.blocks.iter().filter(|block| &*block.kind.text == kind).collect()
    }

    /// The label of a block that must have exactly one.
    pub(super) fn label(&mut self, block: &'a Block) -> String {
        if let [label] = block.labels.as_slice() {
            return label.text.to_string();
        }
        let message = format!("`{}` of {} needs one label", block.kind.text, self.what);
        self.complain(
            Diagnostic::error("disco::manifest_missing", message)
                .at(block.head, "here")
                .help(format!("write `{} \"name\" {{`", block.kind.text)),
        );
        block.labels.first().map(|label| label.text.to_string()).unwrap_or_default()
    }

    /// Reads a block inside this one.
    pub(super) fn inside<T>(&mut self, block: &'a Block, read: impl FnOnce(&mut Fields<'_>) -> T) -> T {
        let name =
            block.labels.iter().fold(block.kind.text.to_string(), |name, label| format!("{name} \"{}\"", label.text));
        let ensembles = self.ensembles.clone();
        let mut fields = Fields::new(&block.body, block.head, format!("`{name}`"), self.diagnostics);
        fields.know_ensembles(ensembles);
        let value = read(&mut fields);
        fields.finish();
        value
    }

    /// Complains about everything that nobody asked for.
    pub(super) fn finish(self) {
        for attribute in &self.body.attributes {
            let name = &*attribute.name.text;
            if !self.attributes.contains(&name) {
                self.diagnostics.push(
                    Diagnostic::error("disco::manifest_unknown", format!("{} has no attribute `{name}`", self.what))
                        .at(attribute.name.span, "not valid here")
                        .help_maybe(did_you_mean(name, self.attributes.iter().copied())),
                );
            }
        }
        for block in &self.body.blocks {
            let kind = &*block.kind.text;
            if !self.blocks.contains(&kind) {
                self.diagnostics.push(
                    Diagnostic::error("disco::manifest_unknown", format!("{} has no block `{kind}`", self.what))
                        .at(block.kind.span, "not valid here")
                        .help_maybe(did_you_mean(kind, self.blocks.iter().copied())),
                );
            }
        }
    }
}

/// The text that an expression simply writes.
pub(super) fn literal_text(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::String(text) => Some(text.to_string()),
        _ => None,
    }
}

/// The text of a file in which nothing is put.
pub(super) fn plain_text(text: &Expression) -> Option<String> {
    let ExpressionKind::Template(template) = &text.kind else { return literal_text(text) };
    let literal = |part: &TemplatePart| match part {
        TemplatePart::Literal(text, _) => Some(text.to_string()),
        TemplatePart::Interpolation(_) | TemplatePart::If(_) | TemplatePart::For(_) => None,
    };
    template.parts.iter().map(literal).collect()
}

fn literal_integer(expression: &Expression) -> Option<u64> {
    match &expression.kind {
        ExpressionKind::Number(number) => number.parse().ok(),
        _ => None,
    }
}
