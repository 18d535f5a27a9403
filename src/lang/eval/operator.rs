//! Arithmetic, comparison and logic.

use super::{Evaluator, Failure, Failures, Outcome};
use crate::diagnostics::Diagnostic;
use crate::lang::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::lang::value::{Marks, Number, Type, Value, convert, symbol};

const NULL: &str = "argument must not be null";

impl Evaluator<'_> {
    pub(super) fn unary(&self, operator: UnaryOp, operand: &Expr, whole: &Expr) -> Outcome {
        let value = self.eval(operand)?;
        let want = if operator == UnaryOp::Neg { Type::Number } else { Type::Bool };
        let value = convert(&value, &want).map_err(|error| {
            let detail = format!("Unsuitable value for unary operand: {error}.");
            self.failure(Diagnostic::error("Invalid operand", detail), operand.span, Some(operand))
        })?;
        let (value, marks) = value.unmark();
        let result = if value.is_null() {
            return Err(self.operation_failed(NULL, whole));
        } else if let Some(number) = value.as_number() {
            Value::number(number.neg())
        } else if let Some(truth) = value.as_bool() {
            Value::bool(!truth)
        } else {
            Value::unknown_not_null(want)
        };
        Ok(result.with_marks(marks))
    }

    /// A chain of binary operators, which leans to the left.
    pub(super) fn binary(&self, expr: &Expr) -> Outcome {
        let mut chain = Vec::new();
        let mut first = expr;
        while let ExprKind::Binary(operator, left, right) = &first.kind {
            chain.push((*operator, &**left, &**right, first));
            first = left;
        }
        let mut left_value = self.eval(first);
        for (operator, left, right, whole) in chain.into_iter().rev() {
            left_value = self.apply(operator, (left, left_value), right, whole);
        }
        left_value
    }

    /// Both sides are always evaluated: `&&` and `||` do not stop at the left one in this version of the language.
    fn apply(&self, operator: BinaryOp, left: (&Expr, Outcome), right: &Expr, whole: &Expr) -> Outcome {
        let want = operand_type(operator);
        let mut failures = Failures::default();
        let mut operand = |expr: &Expr, value: Outcome, side: &str| {
            let value = match value {
                Ok(value) => value,
                Err(failure) => {
                    failures.add(failure);
                    return None;
                }
            };
            if want == Type::Dynamic {
                return Some(value);
            }
            match convert(&value, &want) {
                Ok(value) => Some(value),
                Err(error) => {
                    let detail = format!("Unsuitable value for {side} operand: {error}.");
                    let diagnostic = Diagnostic::error("Invalid operand", detail);
                    failures.add(self.failure(diagnostic, expr.span, Some(expr)));
                    None
                }
            }
        };
        let a = operand(left.0, left.1, "left");
        let b = operand(right, self.eval(right), "right");
        let (Some(mut a), Some(mut b)) = (a, b) else { return failures.finish(Value::null(Type::Dynamic)) };
        if self.scope.call_context().is_some_and(|c| c.symbols) && a != b {
            (a, b) = (symbol::unknown_for_symbols(&a), symbol::unknown_for_symbols(&b));
        }
        match operate(operator, a, b) {
            Ok(value) => Ok(value),
            Err(why) => Err(self.operation_failed(why, whole)),
        }
    }

    fn operation_failed(&self, why: &str, whole: &Expr) -> Failure {
        let detail = format!("Error during operation: {why}.");
        self.failure(Diagnostic::error("Operation failed", detail), whole.span, Some(whole))
    }
}

fn operand_type(operator: BinaryOp) -> Type {
    match operator {
        BinaryOp::Eq | BinaryOp::NotEq => Type::Dynamic,
        BinaryOp::And | BinaryOp::Or => Type::Bool,
        _ => Type::Number,
    }
}

fn result_type(operator: BinaryOp) -> Type {
    match operator {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => Type::Number,
        _ => Type::Bool,
    }
}

fn operate(operator: BinaryOp, a: Value, b: Value) -> Result<Value, &'static str> {
    if matches!(operator, BinaryOp::Eq | BinaryOp::NotEq) {
        let (equal, marks) = Value::equals(&a, &b).unmark();
        let result = match equal.as_bool() {
            Some(truth) => Value::bool(truth == (operator == BinaryOp::Eq)),
            None => equal,
        };
        return Ok(result.with_marks(marks));
    }
    let marks: Marks = a.marks() | b.marks();
    if a.is_null() || b.is_null() {
        return Err(NULL);
    }
    let result = match (a.as_number(), b.as_number(), a.as_bool(), b.as_bool()) {
        (Some(a), Some(b), _, _) => calculate(operator, a, b)?,
        (_, _, Some(a), Some(b)) => Value::bool(if operator == BinaryOp::And { a && b } else { a || b }),
        _ => match compare_ranges(operator, &a.unmark().0, &b.unmark().0) {
            Some(truth) => Value::bool(truth),
            None => Value::unknown_not_null(result_type(operator)),
        },
    };
    Ok(result.with_marks(marks))
}

/// What a comparison of numbers gives where the ranges they lie in decide it.
fn compare_ranges(operator: BinaryOp, a: &Value, b: &Value) -> Option<bool> {
    let (left, right, or_equal) = match operator {
        BinaryOp::Less => (a, b, false),
        BinaryOp::LessEq => (a, b, true),
        BinaryOp::Greater => (b, a, false),
        BinaryOp::GreaterEq => (b, a, true),
        _ => return None,
    };
    let (left_range, right_range) = (left.range(), right.range());
    // Bounds that may be reached are treated as those that may not, as Terraform does.
    let less = if left_range.upper.0 < right_range.lower.0 {
        true
    } else if left_range.lower.0 > right_range.upper.0 {
        false
    } else {
        return None;
    };
    if or_equal { Some(less || Value::equals(left, right).as_bool()?) } else { Some(less) }
}

fn calculate(operator: BinaryOp, a: &Number, b: &Number) -> Result<Value, &'static str> {
    let number = match operator {
        BinaryOp::Less => return Ok(Value::bool(a < b)),
        BinaryOp::LessEq => return Ok(Value::bool(a <= b)),
        BinaryOp::Greater => return Ok(Value::bool(a > b)),
        BinaryOp::GreaterEq => return Ok(Value::bool(a >= b)),
        BinaryOp::Sub => a.sub(b).ok_or("can't subtract infinity from itself"),
        BinaryOp::Mul => a.mul(b).ok_or("can't multiply zero by infinity"),
        BinaryOp::Div => quotient(a, b).ok_or("can't divide zero by zero or infinity by infinity"),
        BinaryOp::Rem => a.rem(b).ok_or("can't use modulo with infinity"),
        _ => a.add(b).ok_or("can't compute sum of opposing infinities"),
    };
    number.map(Value::number)
}

/// Division by zero gives infinity, but for zero itself.
fn quotient(a: &Number, b: &Number) -> Option<Number> {
    if !b.is_zero() {
        return a.div(b);
    }
    if a.is_zero() {
        return None;
    }
    let minus_zero = b.to_string().starts_with('-');
    Some(if a.is_negative() == minus_zero { Number::INFINITY } else { Number::NEGATIVE_INFINITY })
}
