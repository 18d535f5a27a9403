//! The syntax tree that configuration and evaluation work on. Every node has its place in the source.

use crate::diagnostics::Span;
use crate::lang::value::Value;
use std::sync::Arc;

/// A name with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Ident {
    /// The name.
    pub name: Arc<str>,
    /// Where.
    pub span: Span,
}

/// The inside of a file or block: attributes and blocks in source order.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// `name = expression` lines. A name stands at most once (a second is an error when parsing).
    pub attributes: Vec<Attribute>,
    /// Nested blocks.
    pub blocks: Vec<Block>,
    /// From the first to the last byte; for an empty block the place between the braces.
    pub span: Span,
}

impl Body {
    /// The attribute with this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| &*a.name.name == name)
    }

    /// Blocks of this type, in order.
    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> + 'a {
        self.blocks.iter().filter(move |b| &*b.kind.name == kind)
    }
}

/// `name = expression`
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub expr: Expr,
    /// The whole definition.
    pub span: Span,
}

impl Attribute {
    /// Whether the name stands in quotes, as all do in JSON syntax and none in the native one.
    pub fn is_json(&self) -> bool {
        let span = self.name.span;
        span.end.saturating_sub(span.start) as usize != self.name.name.len()
    }
}

/// `kind "label" … { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// `resource`, `stage`, …
    pub kind: Ident,
    /// Labels, unquoted.
    pub labels: Vec<Ident>,
    /// Its inside.
    pub body: Body,
    /// From the keyword to the last label: the header, used as context of diagnostics.
    pub header: Span,
    /// The whole block.
    pub span: Span,
}

impl Block {
    /// The type of the blocks that a `dynamic` block makes; `None` for every other block.
    pub fn dynamic(&self) -> Option<&Ident> {
        self.labels.first().filter(|_| &*self.kind.name == "dynamic")
    }

    /// Whether it is a `dynamic` block that makes blocks of this type.
    pub fn is_dynamic_of(&self, kind: &str) -> bool {
        self.dynamic().is_some_and(|made| &*made.name == kind)
    }

    /// The type of block that it is or, as a `dynamic` block, makes.
    pub fn produces(&self) -> &Ident {
        self.dynamic().unwrap_or(&self.kind)
    }
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// The forms of expressions. Chains such as `a.b[0].c` are nested outermost last: `GetAttr(Index(GetAttr(Variable a, b), 0), c)`.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// Number, bool, null, or a string without interpolation.
    Literal(Value),
    /// A quoted or heredoc template with at least one interpolation or directive. A single interpolation
    /// without surrounding text (`"${x}"`) has one [`TemplatePart::Interpolation`] and yields its value unconverted.
    Template(Vec<TemplatePart>),
    /// `[a, b]`
    Tuple(Vec<Expr>),
    /// `{ a = 1 }`; of equal keys the last wins.
    Object(Vec<ObjectItem>),
    /// The first name of a reference: `var`, `local`, `aws_iam_role`, an iterator.
    Variable(Ident),
    /// `x.name`
    GetAttr(Box<Expr>, Ident),
    /// `x[key]`; also the legacy `x.0`.
    Index(Box<Expr>, Box<Expr>),
    /// `x[*].a` and `x.*.a`
    Splat(Box<Splat>),
    /// `name(args)`, `name(args...)`, `provider::aws::arn_parse(…)`
    Call(Box<Call>),
    /// `c ? t : f`
    Conditional(Box<Conditional>),
    /// `[for …]`, `{for …}`
    For(Box<For>),
    /// `-x`, `!x`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `(x)`: kept, because an object key in parentheses is an expression and a bare name is not.
    Parens(Box<Expr>),
}

/// A piece of a template. Text is final: escapes resolved, `~` trimming and heredoc indentation applied.
#[derive(Debug, Clone, PartialEq)]
pub enum TemplatePart {
    /// Literal text.
    Text(Arc<str>),
    /// `${expr}`
    Interpolation(Expr),
    /// `%{if c}…%{else}…%{endif}`
    If {
        /// The condition.
        condition: Expr,
        /// When true.
        then: Vec<TemplatePart>,
        /// When false; empty without `else`.
        otherwise: Vec<TemplatePart>,
        /// The directives and what they enclose.
        span: Span,
    },
    /// `%{for k, v in x}…%{endfor}`
    For {
        /// Name of the key, if given.
        key: Option<Ident>,
        /// Name of the value.
        value: Ident,
        /// What is iterated.
        collection: Expr,
        /// The repeated part.
        body: Vec<TemplatePart>,
        /// The directives and what they enclose.
        span: Span,
    },
}

/// One item of an object expression.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectItem {
    /// Its key.
    pub key: ObjectKey,
    /// Its value.
    pub value: Expr,
    /// Whether an earlier item with the same key is an error, as it is in JSON syntax, or is replaced.
    pub once: bool,
}

/// A key of an object expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectKey {
    /// A bare name, taken literally.
    Name(Ident),
    /// Anything else.
    Expr(Expr),
}

/// `source[*]` or `source.*` followed by steps applied to each element.
#[derive(Debug, Clone, PartialEq)]
pub struct Splat {
    /// What is spread.
    pub source: Expr,
    /// `.*` (only attribute steps follow) or `[*]` (any steps follow).
    pub kind: SplatKind,
    /// Steps applied to each element.
    pub steps: Vec<SplatStep>,
    /// The marker itself.
    pub marker: Span,
}

/// The two splat forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplatKind {
    /// `.*`
    AttributeOnly,
    /// `[*]`
    Full,
}

/// A step after a splat.
#[derive(Debug, Clone, PartialEq)]
pub enum SplatStep {
    /// `.name`
    Attr(Ident),
    /// `[key]`; also the legacy `.0`.
    Index(Expr),
    /// A further splat inside `[*]`: `x[*].a[*].b` is one splat with the steps `.a` and `[*].b`.
    Splat(Box<InnerSplat>),
}

/// A splat inside a splat: spreads what the steps before it gave for one element of the outer one.
#[derive(Debug, Clone, PartialEq)]
pub struct InnerSplat {
    /// `.*` or `[*]`.
    pub kind: SplatKind,
    /// Steps applied to each element.
    pub steps: Vec<SplatStep>,
    /// The marker itself.
    pub marker: Span,
}

/// A function call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// `merge`, or `provider::aws::arn_parse`.
    pub name: Ident,
    /// Arguments.
    pub args: Vec<Expr>,
    /// Whether the last argument is expanded (`args...`).
    pub expand_last: bool,
}

/// A conditional.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditional {
    /// Before `?`.
    pub condition: Expr,
    /// Before `:`.
    pub then: Expr,
    /// After `:`.
    pub otherwise: Expr,
}

/// A for expression; with `key_expr` it makes an object.
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// Name of the key, if given.
    pub key: Option<Ident>,
    /// Name of the value.
    pub value: Ident,
    /// What is iterated.
    pub collection: Expr,
    /// `{for … : KEY => …}`
    pub key_expr: Option<Expr>,
    /// The result of each round.
    pub value_expr: Expr,
    /// `…` grouping of object for expressions.
    pub group: bool,
    /// `if` filter.
    pub condition: Option<Expr>,
}

/// Unary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `!`
    Not,
}

/// Binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Eq,
    NotEq,
    Less,
    LessEq,
    Greater,
    GreaterEq,
    And,
    Or,
}

/// A static reference: a root name and the attribute and literal index steps that follow it.
#[derive(Debug, Clone, PartialEq)]
pub struct Traversal {
    /// First name.
    pub root: Ident,
    /// What follows, up to the first step that is not static.
    pub steps: Vec<TraversalStep>,
    /// All of it.
    pub span: Span,
}

/// A static step.
#[derive(Debug, Clone, PartialEq)]
pub enum TraversalStep {
    /// `.name`
    Attr(Ident),
    /// `[0]`, `["a"]`: the key is a known string or number.
    Index(Value, Span),
}
