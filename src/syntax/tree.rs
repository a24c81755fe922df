//! The tree that all later rooms work on. Every part knows its [`Span`].
//!
//! Texts in the tree are final: escapes are resolved, heredocs dedented by HashiCorp's rule, `$${` undone.
//! Numbers are kept as they were written, because only their digits are exact.

use std::sync::Arc;

use crate::source::Span;

/// The content of a file or of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// `name = expression`, in the order written.
    pub attributes: Vec<Attribute>,
    /// Blocks, in the order written.
    pub blocks: Vec<Block>,
    /// From the first to the last byte; for a block's body between its braces.
    pub span: Span,
    /// How much of what is written is in it.
    pub reading: Reading,
}

/// How much of a body could be read. Whatever could not is complained about already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// All of it, but for values that are [`ExpressionKind::Unread`].
    Whole,
    /// Attributes or blocks may be missing.
    Partial,
    /// It is a guess where the body ends: what is in it may belong elsewhere, and the other way round.
    Guessed,
}

impl Body {
    /// The body of a file of which nothing could be read.
    pub fn unread(span: Span) -> Self {
        Self { attributes: Vec::new(), blocks: Vec::new(), span, reading: Reading::Guessed }
    }

    /// Whether all that is written is in it.
    pub fn is_whole(&self) -> bool {
        self.reading == Reading::Whole
    }

    /// Whether all that is written in it, and in the blocks in it, could be read.
    pub fn is_sound(&self) -> bool {
        self.is_whole()
            && self.attributes.iter().all(|attribute| attribute.value.kind != ExpressionKind::Unread)
            && self.blocks.iter().all(|block| block.body.is_sound())
    }

    /// Notes that no more than `reading` of it is here.
    pub(super) fn lacks(&mut self, reading: Reading) {
        self.reading = self.reading.max(reading);
    }
}

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The word.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// `name = expression`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Left of `=`.
    pub name: Name,
    /// Right of `=`.
    pub value: Expression,
    /// All of it.
    pub span: Span,
}

/// `kind "label" { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The first word.
    pub kind: Name,
    /// The words between it and `{`; quotes are not part of the text but are part of the span.
    pub labels: Vec<Name>,
    /// What stands between the braces.
    pub body: Body,
    /// By which name expressions in it call what it is repeated for, where a `dynamic` block stands for it.
    pub iterator: Option<Arc<str>>,
    /// From the first word to the last label: what to point at when something is missing in the block.
    pub head: Span,
    /// From the first word to `}`.
    pub span: Span,
}

/// An expression with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, as written: `1`, `2.50`, `1e3`.
    Number(Arc<str>),
    /// Text without interpolation.
    String(Arc<str>),
    /// Text with interpolation or directives, quoted or heredoc.
    Template(Template),
    /// `[a, b]`
    Tuple(Vec<Expression>),
    /// `{ a = b }`
    Object(Vec<ObjectItem>),
    /// A bare name: the root of `var.x`, or a name bound by `for`.
    Variable(Arc<str>),
    /// `root.a[0].*.b[*]`
    Traversal(Box<Traversal>),
    /// `name(a, b...)`
    Call(Box<Call>),
    /// `-a`, `!a`
    Unary(UnaryOperator, Box<Expression>),
    /// `a + b`
    Binary(Box<Binary>),
    /// `a ? b : c`
    Conditional(Box<Conditional>),
    /// `[for …]`, `{for …}`
    For(Box<For>),
    /// `(a)`
    Parenthesis(Box<Expression>),
    /// Something that could not be read, which is complained about already. It is the whole value of an attribute,
    /// never a part of one.
    Unread,
}

/// `key = value` or `key: value` in an object.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectItem {
    /// The key.
    pub key: ObjectKey,
    /// The value.
    pub value: Expression,
}

/// How an object's key is written.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectKey {
    /// A bare word, which is the key itself.
    Name(Name),
    /// Anything else, evaluated: `"a-b"`, `(var.key)`.
    Expression(Expression),
}

/// A root and the steps taken from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Traversal {
    /// Where it begins.
    pub root: Expression,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step of a traversal with its place, dot or brackets included.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is done.
    pub kind: StepKind,
    /// Where.
    pub span: Span,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// `.name`
    Attribute(Arc<str>),
    /// `[expression]`; also the legacy `.0`
    Index(Expression),
    /// `.*`: the next steps, as many as this says, go to each element, those after them to the result. They are all
    /// the attributes and legacy indices that follow.
    AttributeSplat(usize),
    /// `[*]`: all following steps go to each element
    FullSplat,
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function; namespaces joined by `::`.
    pub name: Name,
    /// Arguments.
    pub arguments: Vec<Expression>,
    /// Whether the last argument is followed by `...`.
    pub expand_last: bool,
}

/// `-` and `!`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// An operation on two operands.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// Left operand.
    pub left: Expression,
    /// What is done.
    pub operator: BinaryOperator,
    /// Where the operator stands.
    pub operator_span: Span,
    /// Right operand.
    pub right: Expression,
}

/// Operators of HCL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BinaryOperator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    And,
    Or,
}

impl BinaryOperator {
    /// As written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::And => "&&",
            Self::Or => "||",
        }
    }
}

/// `condition ? then : otherwise`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditional {
    /// Decides.
    pub condition: Expression,
    /// If true.
    pub then: Expression,
    /// If false.
    pub otherwise: Expression,
}

/// `[for k, v in collection : value if condition]` and `{for … : key => value... if …}`.
#[derive(Clone, Debug, PartialEq)]
pub struct For {
    /// The first of two names; absent when there is one.
    pub key_name: Option<Name>,
    /// The name of each element.
    pub value_name: Name,
    /// What is iterated over.
    pub collection: Expression,
    /// The key, for an object.
    pub key: Option<Expression>,
    /// The value.
    pub value: Expression,
    /// `...`: values of equal keys are grouped.
    pub grouping: bool,
    /// `if`
    pub condition: Option<Expression>,
}

/// Text with interpolations and directives. Trim markers (`~`) are already applied to the literals.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// In order.
    pub parts: Vec<TemplatePart>,
    /// Whether it is written as a heredoc (its line ends are kept and it never collapses to a value).
    pub heredoc: bool,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    /// Literal text.
    Literal(Arc<str>, Span),
    /// `${expression}`
    Interpolation(Expression),
    /// `%{if}…%{else}…%{endif}`
    If(Box<TemplateIf>),
    /// `%{for}…%{endfor}`
    For(Box<TemplateFor>),
}

/// `%{if condition}then%{else}otherwise%{endif}`.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateIf {
    /// Decides.
    pub condition: Expression,
    /// If true.
    pub then: Vec<TemplatePart>,
    /// If false; empty without `%{else}`.
    pub otherwise: Vec<TemplatePart>,
    /// The whole directive.
    pub span: Span,
}

/// `%{for key, value in collection}body%{endfor}`.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateFor {
    /// The first of two names.
    pub key_name: Option<Name>,
    /// The name of each element.
    pub value_name: Name,
    /// What is iterated over.
    pub collection: Expression,
    /// Repeated.
    pub body: Vec<TemplatePart>,
    /// The whole directive.
    pub span: Span,
}
