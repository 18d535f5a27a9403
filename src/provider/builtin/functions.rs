//! The functions `encode_expr`, `encode_tfvars` and `decode_tfvars` of the builtin provider: values as text of the language, and back.

use crate::diagnostics::{Diagnostic, Diagnostics, Sources, Span};
use crate::lang::eval::evaluate_constant;
use crate::lang::functions::{Call, Function, FunctionError, Outcome, Param};
use crate::lang::syntax::parse_body;
use crate::lang::syntax::scan::is_identifier;
use crate::lang::value::{Fields, Kind, Refinement, Type, Value, escape_literal, quote};

const VALUE: Param = Param::new("value", || Type::Dynamic).unknown().dynamic();

/// By name.
pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("decode_tfvars", &[Param::new("src", || Type::String)], |_| Ok(Type::Dynamic), decode),
    Function::new("encode_expr", &[VALUE], |_| Ok(Type::String), encode_expr),
    Function::new("encode_tfvars", &[VALUE], |_| Ok(Type::String), encode_variables),
];

/// What error messages call the text.
const SOURCE: &str = "<decode_tfvars argument>";

fn decode(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    let sources = Sources::new();
    let file = sources.add(SOURCE, text);
    let (body, found) = parse_body(file, text);
    if found.has_errors() {
        return Err(FunctionError::call(format!("invalid tfvars syntax: {}", told(&found, &sources))));
    }
    if let Some(block) = body.blocks.first() {
        let what =
            Diagnostic::error(format!("Unexpected \"{}\" block", block.kind.name), "Blocks are not allowed here.")
                .at(block.kind.span);
        return Err(FunctionError::call(format!("invalid tfvars content: {}", told(&what.into(), &sources))));
    }
    let mut fields = Fields::new();
    for attribute in &body.attributes {
        let name = &attribute.name.name;
        let value = evaluate_constant(&attribute.expr).map_err(|errors| {
            FunctionError::call(format!("invalid expression for variable {}: {}", quote(name), told(&errors, &sources)))
        })?;
        fields.insert(name.clone(), value);
    }
    Ok(Value::object(fields))
}

/// The first message in one line, and how many more there are.
fn told(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let Some(first) = diagnostics.iter().next() else { return String::new() };
    let place = first.span.map(|span| format!("{}: ", place(span, sources))).unwrap_or_default();
    let more = match diagnostics.len() {
        0 | 1 => String::new(),
        n => format!(", and {} other diagnostic(s)", n - 1),
    };
    format!("{place}{}; {}{more}", first.summary, first.detail)
}

/// `FILE:1,5-15`, or `FILE:1,5-2,1` over several lines.
fn place(span: Span, sources: &Sources) -> String {
    let Some(file) = sources.get(span.file) else { return SOURCE.to_owned() };
    let (start, end) = (file.position(span.start), file.position(span.end));
    let line = if start.line == end.line { String::new() } else { format!("{},", end.line) };
    format!("{SOURCE}:{},{}-{line}{}", start.line, start.column, end.column)
}

fn encode_expr(call: &Call<'_>) -> Outcome {
    let value = call.arg(0)?;
    if value.contains_unknown() {
        // The first character follows from the type.
        let prefix = match value.ty() {
            _ if !value.range().not_null => "",
            Type::Object(_) | Type::Map(_) => "{",
            Type::Tuple(_) | Type::List(_) | Type::Set(_) => "[",
            Type::String => "\"",
            _ => "",
        };
        return Ok(Value::unknown_refined(
            Type::String,
            Refinement { not_null: true, prefix: Some(prefix.into()), ..Refinement::default() },
        ));
    }
    let mut text = Text::default();
    text.value(value);
    Ok(Value::string(text.finish()))
}

fn encode_variables(call: &Call<'_>) -> Outcome {
    let value = call.arg(0)?;
    let invalid = |message: String| Err(FunctionError::call(message));
    if value.contains_unknown() {
        return Ok(Value::unknown_not_null(Type::String));
    }
    let Some(fields) = value.fields() else {
        return invalid(
            "invalid value to encode: must be an object whose attribute names will become the encoded variable names"
                .into(),
        );
    };
    let mut text = Text::default();
    for (name, value) in fields {
        if !is_identifier(name) {
            return invalid(format!(
                "invalid variable name {}: must be a valid identifier, per Terraform's rules for input variable declarations",
                quote(name)
            ));
        }
        text.attribute(name, value);
    }
    Ok(Value::string(text.finish()))
}

/// Text being written, laid out as `fmt` would.
struct Text {
    lines: Vec<Line>,
}

#[derive(Default)]
struct Line {
    /// What stands before ` = `, if anything.
    key: Option<String>,
    rest: String,
    /// Brackets opened less brackets closed.
    opened: i32,
}

impl Default for Text {
    fn default() -> Self {
        Text { lines: vec![Line::default()] }
    }
}

impl Text {
    fn put(&mut self, text: &str, opened: i32) {
        if let Some(line) = self.lines.last_mut() {
            line.rest.push_str(text);
            line.opened += opened;
        }
    }

    fn attribute(&mut self, key: &str, value: &Value) {
        let key = if is_identifier(key) { key.to_owned() } else { quoted(key) };
        if let Some(line) = self.lines.last_mut() {
            line.key = Some(key);
        }
        self.value(value);
        self.lines.push(Line::default());
    }

    fn value(&mut self, value: &Value) {
        match value.kind() {
            Kind::Bool(truth) => self.put(if *truth { "true" } else { "false" }, 0),
            Kind::Number(number) => self.put(&number.to_string(), 0),
            Kind::String(text) => self.put(&quoted(text), 0),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                self.put("[", 1);
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        self.put(", ", 0);
                    }
                    self.value(item);
                }
                self.put("]", -1);
            }
            Kind::Map(_, fields) | Kind::Object(fields) => {
                self.put("{", 1);
                if !fields.is_empty() {
                    self.lines.push(Line::default());
                }
                for (key, value) in fields.iter() {
                    self.attribute(key, value);
                }
                self.put("}", -1);
            }
            // Unknown values do not get here.
            Kind::Null(_) | Kind::Unknown(..) => self.put("null", 0),
        }
    }

    /// Lines indented by open brackets, the equal signs of neighbouring one-line attributes in a column.
    fn finish(self) -> String {
        let mut out = String::new();
        let mut open: Vec<i32> = Vec::new();
        let last = self.lines.len().saturating_sub(1);
        let widths = self.widths();
        for (number, (line, width)) in self.lines.iter().zip(widths).enumerate() {
            close(&mut open, -line.opened);
            if line.key.is_some() || !line.rest.is_empty() {
                out.push_str(&"  ".repeat(open.len()));
            }
            if line.opened > 0 {
                open.push(line.opened);
            }
            if let Some(key) = &line.key {
                out.push_str(key);
                out.push_str(&" ".repeat(width.saturating_sub(columns(key))));
                out.push_str(" = ");
            }
            out.push_str(&line.rest);
            if number < last {
                out.push('\n');
            }
        }
        out
    }

    /// Per line the width of its group's keys.
    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::with_capacity(self.lines.len());
        for group in self.lines.chunk_by(|a, b| aligns(a) && aligns(b)) {
            let width = group.iter().filter_map(|line| line.key.as_deref().map(columns)).max().unwrap_or(0);
            widths.extend(group.iter().map(|_| width));
        }
        widths
    }
}

fn aligns(line: &Line) -> bool {
    line.key.is_some() && line.opened == 0
}

fn columns(text: &str) -> usize {
    use unicode_segmentation::UnicodeSegmentation;
    text.graphemes(true).count()
}

/// Takes `count` brackets from the innermost lines that opened some.
fn close(open: &mut Vec<i32>, mut count: i32) {
    while count > 0
        && let Some(innermost) = open.last_mut()
    {
        let taken = count.min(*innermost);
        *innermost -= taken;
        count -= taken;
        if *innermost == 0 {
            open.pop();
        }
    }
}

/// A string as the language's quoted literal.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    escape_literal(text, &mut out);
    out.push('"');
    out
}
