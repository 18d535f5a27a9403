//! Expressions: operators by precedence, terms, and the steps that follow a term.

use super::ast::{BinaryOp, Call, Conditional, Expr, ExprKind, InnerSplat, Splat, SplatKind, SplatStep, UnaryOp};
use super::parser::Parser;
use super::scan::{Token, TokenKind};
use crate::diagnostics::Span;
use crate::lang::value::{Type, Value};

/// The operator a token is, and how tightly it binds.
fn binary_operator(kind: TokenKind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        TokenKind::Or => (BinaryOp::Or, 1),
        TokenKind::And => (BinaryOp::And, 2),
        TokenKind::EqualOp => (BinaryOp::Eq, 3),
        TokenKind::NotEqual => (BinaryOp::NotEq, 3),
        TokenKind::GreaterThan => (BinaryOp::Greater, 4),
        TokenKind::GreaterThanEq => (BinaryOp::GreaterEq, 4),
        TokenKind::LessThan => (BinaryOp::Less, 4),
        TokenKind::LessThanEq => (BinaryOp::LessEq, 4),
        TokenKind::Plus => (BinaryOp::Add, 5),
        TokenKind::Minus => (BinaryOp::Sub, 5),
        TokenKind::Star => (BinaryOp::Mul, 6),
        TokenKind::Slash => (BinaryOp::Div, 6),
        TokenKind::Percent => (BinaryOp::Rem, 6),
        _ => return None,
    })
}

impl Parser<'_> {
    pub(super) fn parse_expression(&mut self) -> Expr {
        self.deeper(Self::parse_conditional, |p| {
            let span = p.span(p.peek());
            p.placeholder(span)
        })
    }

    fn parse_conditional(&mut self) -> Expr {
        let count = self.diagnostic_count();
        let mut operators = 0;
        let condition = self.parse_binary(1, &mut operators);
        if self.failed_since(count) || self.take(TokenKind::Question).is_none() {
            return condition;
        }
        let then = self.parse_expression();
        if self.failed_since(count) {
            return condition;
        }
        if self.take(TokenKind::Colon).is_none() {
            let span = self.span(self.peek());
            let detail = "The conditional operator (...?...:...) requires a false expression, delimited by a colon.";
            self.complain("Missing false expression in conditional", detail, span);
            self.recovery = true;
            return condition;
        }
        let otherwise = self.parse_expression();
        let span = condition.span.to(otherwise.span);
        let kind = ExprKind::Conditional(Box::new(Conditional { condition, then, otherwise }));
        Expr { kind, span }
    }

    /// Operators that bind at least as tightly as `minimum`, all of them to the left.
    fn parse_binary(&mut self, minimum: u8, operators: &mut usize) -> Expr {
        let count = self.diagnostic_count();
        let mut left = self.parse_with_steps();
        while !self.failed_since(count) {
            let next = self.peek();
            let Some((operator, binding)) = binary_operator(next.kind).filter(|(_, b)| *b >= minimum) else { break };
            *operators += 1;
            let place = self.span(next);
            if self.chain_too_long(*operators, place) {
                break;
            }
            self.read();
            let right = self.parse_binary(binding + 1, operators);
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)), span };
        }
        left
    }

    fn parse_with_steps(&mut self) -> Expr {
        let term = self.parse_term();
        self.parse_steps(term)
    }

    /// `.name`, `.0`, `.*`, `[key]`, `[*]` after a term.
    fn parse_steps(&mut self, mut expr: Expr) -> Expr {
        let mut length = 0;
        loop {
            let next = self.peek();
            if !matches!(next.kind, TokenKind::Dot | TokenKind::OBrack) {
                return expr;
            }
            length += 1;
            let place = self.span(next);
            if self.chain_too_long(length, place) {
                return expr;
            }
            let start = expr.span;
            let step = if next.kind == TokenKind::Dot { self.parse_dot_step() } else { self.parse_bracket_step() };
            let span = self.since(start.start);
            let source = Box::new(expr);
            match step {
                None => return Expr { span: source.span, kind: source.kind },
                Some(SplatStep::Attr(name)) => expr = Expr { kind: ExprKind::GetAttr(source, name), span },
                Some(SplatStep::Index(key)) => expr = Expr { kind: ExprKind::Index(source, Box::new(key)), span },
                Some(SplatStep::Splat(inner)) => {
                    let InnerSplat { kind, steps, marker } = *inner;
                    let splat = Splat { source: *source, kind, steps, marker };
                    expr = Expr { kind: ExprKind::Splat(Box::new(splat)), span };
                }
            }
        }
    }

    fn parse_dot_step(&mut self) -> Option<SplatStep> {
        let dot = self.read();
        let next = self.peek();
        match next.kind {
            TokenKind::Ident => {
                self.read();
                Some(SplatStep::Attr(self.ident(next)))
            }
            TokenKind::NumberLit => {
                self.read();
                self.legacy_index(next, "Use the proper index syntax instead").map(SplatStep::Index)
            }
            TokenKind::Star => {
                let star = self.read();
                let marker = self.range(dot.start, star.end);
                let steps = self.parse_attribute_steps();
                Some(SplatStep::Splat(Box::new(InnerSplat { kind: SplatKind::AttributeOnly, steps, marker })))
            }
            _ => {
                let span = self.span(if next.kind == TokenKind::Newline { dot } else { next });
                self.complain("Invalid attribute name", "An attribute name is required after a dot.", span);
                self.recovery = true;
                None
            }
        }
    }

    /// The key of `.0`; `.0.1` reads as one number and is refused.
    fn legacy_index(&mut self, token: Token, advice: &str) -> Option<Expr> {
        let span = self.span(token);
        let text = self.slice(token);
        if let Some((first, second)) = text.split_once('.') {
            let detail = format!(
                "When using the legacy index syntax, chaining two indexes together is not permitted. {advice}, like [{first}][{second}]."
            );
            self.complain("Invalid legacy index syntax", &detail, span);
            self.recovery = true;
            return None;
        }
        let value = self.number(token);
        Some(Expr { kind: ExprKind::Literal(value), span })
    }

    /// The names after `.*`; anything else ends the splat.
    fn parse_attribute_steps(&mut self) -> Vec<SplatStep> {
        let mut steps = Vec::new();
        while let Some(dot) = self.take(TokenKind::Dot) {
            let next = self.peek();
            let place = self.span(next);
            if self.chain_too_long(steps.len(), place) {
                break;
            }
            match next.kind {
                TokenKind::Ident => {
                    self.read();
                    steps.push(SplatStep::Attr(self.ident(next)));
                }
                TokenKind::NumberLit => {
                    self.read();
                    let advice = "Use the proper index syntax with a full splat expression [*] instead";
                    match self.legacy_index(next, advice) {
                        Some(key) => steps.push(SplatStep::Index(key)),
                        None => break,
                    }
                }
                TokenKind::Star => {
                    let detail =
                        "A splat expression (*) cannot be used inside another attribute-only splat expression.";
                    self.complain("Nested splat expression not allowed", detail, place);
                    self.recovery = true;
                    break;
                }
                _ => {
                    let place = self.span(dot);
                    self.complain("Invalid attribute name", "An attribute name is required after a dot.", place);
                    self.recovery = true;
                    break;
                }
            }
        }
        steps
    }

    fn parse_bracket_step(&mut self) -> Option<SplatStep> {
        let open = self.read();
        if self.take(TokenKind::Star).is_some() {
            let close = self.read();
            if close.kind != TokenKind::CBrack {
                let span = self.span(close);
                let detail =
                    "The star for a full splat operator must be immediately followed by a closing bracket (\"]\").";
                self.complain("Missing close bracket on splat index", detail, span);
                self.recover(TokenKind::CBrack);
                return None;
            }
            let marker = self.range(open.start, close.end);
            let steps = self.deeper(Self::parse_full_splat_steps, |_| Vec::new());
            return Some(SplatStep::Splat(Box::new(InnerSplat { kind: SplatKind::Full, steps, marker })));
        }
        let count = self.diagnostic_count();
        let (key, failed) = self.with_newlines(false, |p| {
            let key = p.parse_expression();
            if p.failed_since(count) {
                p.recover(TokenKind::CBrack);
                return (key, true);
            }
            let close = p.read();
            if close.kind == TokenKind::CBrack {
                return (key, false);
            }
            let span = p.span(close);
            let detail = "The index operator must end with a closing bracket (\"]\").";
            p.complain("Missing close bracket on index", detail, span);
            p.recover(TokenKind::CBrack);
            (key, true)
        });
        (!failed).then_some(SplatStep::Index(key))
    }

    fn parse_full_splat_steps(&mut self) -> Vec<SplatStep> {
        let mut steps = Vec::new();
        loop {
            let next = self.peek();
            let place = self.span(next);
            if self.chain_too_long(steps.len(), place) {
                return steps;
            }
            let step = match next.kind {
                TokenKind::Dot => self.parse_dot_step(),
                TokenKind::OBrack => self.parse_bracket_step(),
                _ => return steps,
            };
            match step {
                Some(step) => steps.push(step),
                None => return steps,
            }
        }
    }

    fn parse_term(&mut self) -> Expr {
        let start = self.peek();
        match start.kind {
            TokenKind::OParen => self.parse_parentheses(),
            TokenKind::NumberLit => {
                self.read();
                let kind = ExprKind::Literal(self.number(start));
                Expr { kind, span: self.span(start) }
            }
            TokenKind::Ident => {
                self.read();
                if matches!(self.peek_kind(), TokenKind::OParen | TokenKind::DoubleColon) {
                    return self.finish_call(start);
                }
                let kind = match self.slice(start) {
                    "true" => ExprKind::Literal(Value::bool(true)),
                    "false" => ExprKind::Literal(Value::bool(false)),
                    "null" => ExprKind::Literal(Value::null(Type::Dynamic)),
                    _ => ExprKind::Variable(self.ident(start)),
                };
                Expr { kind, span: self.span(start) }
            }
            TokenKind::OQuote | TokenKind::OHeredoc => self.parse_string(),
            TokenKind::Minus => self.parse_unary(UnaryOp::Neg),
            TokenKind::Bang => self.parse_unary(UnaryOp::Not),
            TokenKind::OBrack => self.parse_tuple(),
            TokenKind::OBrace => self.parse_object(),
            kind => {
                let span = self.span(start);
                if kind == TokenKind::Eof {
                    let detail = "Expected the start of an expression, but found the end of the file.";
                    self.complain("Missing expression", detail, span);
                } else {
                    let detail = "Expected the start of an expression, but found an invalid expression token.";
                    self.complain("Invalid expression", detail, span);
                }
                self.recovery = true;
                self.placeholder(span)
            }
        }
    }

    fn parse_unary(&mut self, operator: UnaryOp) -> Expr {
        let sign = self.read();
        // Binds tighter than every binary operator: -46 + 5 is (-46) + 5.
        let operand = self.deeper(Self::parse_with_steps, |p| {
            let span = p.span(p.peek());
            p.placeholder(span)
        });
        let span = self.span(sign).to(operand.span);
        Expr { kind: ExprKind::Unary(operator, Box::new(operand)), span }
    }

    fn parse_parentheses(&mut self) -> Expr {
        let open = self.read();
        let count = self.diagnostic_count();
        self.with_newlines(false, |p| {
            let inner = p.parse_expression();
            if p.failed_since(count) {
                p.recover(TokenKind::CParen);
                return inner;
            }
            if p.take(TokenKind::CParen).is_none() {
                let span = p.span(p.peek());
                let detail = "Expected a closing parenthesis to terminate the expression.";
                p.complain("Unbalanced parentheses", detail, span);
                p.recovery = true;
                return inner;
            }
            Expr { kind: ExprKind::Parens(Box::new(inner)), span: p.since(open.start) }
        })
    }

    /// A call whose name was read.
    fn finish_call(&mut self, name: Token) -> Expr {
        let mut ident = self.ident(name);
        let mut open = self.read();
        if open.kind == TokenKind::DoubleColon {
            let mut full = self.slice(name).to_owned();
            while open.kind == TokenKind::DoubleColon {
                let part = self.read();
                if part.kind != TokenKind::Ident {
                    let span = self.span(part);
                    let detail =
                        "Function scope resolution symbol :: must be followed by a function name in this scope.";
                    self.complain("Missing function name", detail, span);
                    self.recovery = true;
                    return self.placeholder(span);
                }
                full.push_str("::");
                full.push_str(self.slice(part));
                ident.span = self.range(name.start, part.end);
                open = self.read();
            }
            ident.name = full.into();
        }
        if open.kind != TokenKind::OParen {
            let span = self.span(open);
            let detail = "Function selector must be followed by an open parenthesis to begin the function call.";
            self.complain("Missing open parenthesis", detail, span);
            self.recovery = true;
            return self.placeholder(span);
        }
        let opening = self.range(name.start, open.end);
        let (args, expand_last) = self.with_newlines(false, |p| p.parse_arguments(opening));
        let span = self.since(name.start);
        Expr { kind: ExprKind::Call(Box::new(Call { name: ident, args, expand_last })), span }
    }

    /// Arguments and the closing parenthesis.
    fn parse_arguments(&mut self, opening: Span) -> (Vec<Expr>, bool) {
        let mut args = Vec::new();
        loop {
            if self.take(TokenKind::CParen).is_some() {
                return (args, false);
            }
            let count = self.diagnostic_count();
            args.push(self.parse_expression());
            if self.failed_since(count) {
                self.recover(TokenKind::CParen);
                return (args, false);
            }
            let separator = self.read();
            let span = self.span(separator);
            match separator.kind {
                TokenKind::CParen => return (args, false),
                TokenKind::Comma => {}
                TokenKind::Ellipsis => {
                    if self.take(TokenKind::CParen).is_none() {
                        let detail = "An expanded function argument (with ...) must be immediately followed by closing parentheses.";
                        self.complain("Missing closing parenthesis", detail, span);
                        self.recover(TokenKind::CParen);
                    }
                    return (args, true);
                }
                TokenKind::Eof => {
                    let detail = "There is no closing parenthesis for this function call before the end of the file. This may be caused by incorrect parenthesis nesting elsewhere in this file.";
                    self.complain("Unterminated function call", detail, opening);
                    self.recovery = true;
                    return (args, false);
                }
                _ => {
                    let detail = "A comma is required to separate each function argument from the next.";
                    self.complain("Missing argument separator", detail, span);
                    self.recover(TokenKind::CParen);
                    return (args, false);
                }
            }
        }
    }
}
