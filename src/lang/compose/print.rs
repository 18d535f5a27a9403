//! The tree as text. Only line breaks are decided here; [`crate::lang::fmt`] decides spaces.

use super::{Block, Body, Expr, Item, Part};
use crate::lang::syntax::scan::is_identifier;
use crate::lang::value::{escape_literal, is_printable};

/// Longest list that stays on one line, in bytes.
const LINE: usize = 72;

pub(super) fn body(body: &Body) -> String {
    let mut printer = Printer::default();
    printer.items(body);
    printer.out
}

pub(super) fn expr(value: &Expr) -> String {
    let mut printer = Printer::default();
    printer.expr(value);
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
    /// How many blocks and brackets are open: the lines of a heredoc are indented here, for the formatter leaves them as they are.
    depth: usize,
}

impl Printer {
    fn items(&mut self, body: &Body) {
        let mut before: Option<&Item> = None;
        for item in &body.items {
            let apart = match (before, item) {
                (None, _) | (Some(Item::Comment(_)), _) => false,
                (Some(Item::Block(_)), _) | (Some(_), Item::Block(_)) => true,
                (Some(Item::Attribute { .. }), _) => false,
            };
            if apart {
                self.out.push('\n');
            }
            match item {
                Item::Attribute { name, value, comment } => {
                    self.out.push_str(name);
                    self.out.push_str(" = ");
                    self.expr(value);
                    if let Some(comment) = comment {
                        self.out.push_str(" # ");
                        self.out.push_str(comment);
                    }
                    self.out.push('\n');
                }
                Item::Block(block) => self.block(block),
                Item::Comment(text) => {
                    for line in text.lines() {
                        self.out.push_str(if line.is_empty() { "#" } else { "# " });
                        self.out.push_str(line);
                        self.out.push('\n');
                    }
                }
            }
            before = Some(item);
        }
    }

    fn block(&mut self, block: &Block) {
        self.out.push_str(&block.kind);
        for label in &block.labels {
            self.out.push(' ');
            quoted(label, &mut self.out);
        }
        if block.body.items.is_empty() {
            self.out.push_str(" {}\n");
            return;
        }
        self.out.push_str(" {\n");
        self.depth += 1;
        self.items(&block.body);
        self.depth -= 1;
        self.out.push_str("}\n");
    }

    fn expr(&mut self, value: &Expr) {
        match value {
            Expr::Null => self.out.push_str("null"),
            Expr::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Expr::Number(text) | Expr::Reference(text) => self.out.push_str(text),
            Expr::Text(text) if is_lines(text) => self.heredoc(text),
            Expr::Text(text) => quoted(text, &mut self.out),
            Expr::Template(parts) => template(parts, &mut self.out),
            Expr::Tuple(items) => self.tuple(items),
            Expr::Object(fields) if fields.is_empty() => self.out.push_str("{}"),
            Expr::Object(fields) => {
                self.out.push_str("{\n");
                self.depth += 1;
                for (name, value) in fields {
                    key(name, &mut self.out);
                    self.out.push_str(" = ");
                    self.expr(value);
                    self.out.push('\n');
                }
                self.depth -= 1;
                self.out.push('}');
            }
            Expr::Call(name, arguments) => {
                self.out.push_str(name);
                self.out.push('(');
                for (i, argument) in arguments.iter().enumerate() {
                    if i > 0 {
                        self.out.push_str(", ");
                    }
                    self.expr(argument);
                }
                self.out.push(')');
            }
        }
    }

    fn tuple(&mut self, items: &[Expr]) {
        if let Some(line) = one_line(items) {
            self.out.push_str(&line);
            return;
        }
        self.out.push_str("[\n");
        self.depth += 1;
        for item in items {
            self.expr(item);
            // The end of a heredoc stands alone on its line.
            self.out.push_str(if matches!(item, Expr::Text(text) if is_lines(text)) { "\n,\n" } else { ",\n" });
        }
        self.depth -= 1;
        self.out.push(']');
    }

    fn heredoc(&mut self, text: &str) {
        self.out.push_str("<<-EOT\n");
        let indent = "  ".repeat(self.depth);
        for line in text.lines() {
            if !line.is_empty() {
                self.out.push_str(&indent);
                self.out.push_str("  ");
                self.out.push_str(&line.replace("${", "$${").replace("%{", "%%{"));
            }
            self.out.push('\n');
        }
        self.out.push_str(&indent);
        self.out.push_str(END);
    }
}

/// A list on one line: plain elements that fit, or a single one.
fn one_line(items: &[Expr]) -> Option<String> {
    let mut line = String::from("[");
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            line.push_str(", ");
        }
        line.push_str(&expr(item));
    }
    line.push(']');
    (!line.contains('\n') && (items.len() < 2 || line.len() <= LINE)).then_some(line)
}

/// `for` begins another kind of expression; all other names may stand without quotes.
fn key(name: &str, out: &mut String) {
    if is_identifier(name) && name != "for" {
        out.push_str(name);
    } else {
        quoted(name, out);
    }
}

fn template(parts: &[Part], out: &mut String) {
    out.push('"');
    for part in parts {
        match part {
            Part::Text(text) => escape_literal(text, out),
            Part::Reference(text) => {
                out.push_str("${");
                out.push_str(text);
                out.push('}');
            }
        }
    }
    out.push('"');
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    escape_literal(text, out);
    out.push('"');
}

/// Whether a text is two or more whole lines without anything that a heredoc could not hold.
fn is_lines(text: &str) -> bool {
    let Some(inside) = text.strip_suffix('\n') else { return false };
    inside.contains('\n')
        && text.lines().all(|line| line.trim() != END)
        // Where every line is indented, a flush heredoc would take the indentation away.
        && text.lines().any(|line| !line.is_empty() && !line.starts_with([' ', '\t']))
        && text.chars().all(|c| c == '\n' || c == '\t' || is_printable(c))
}

const END: &str = "EOT";
