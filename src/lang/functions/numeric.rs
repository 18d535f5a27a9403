//! Functions of numbers.

use super::call::{Call, FunctionError, Outcome, quote_unless_sensitive, whole};
use super::floating;
use crate::lang::value::{Kind, Number, Refinement, Type, Value, convert};
use dashu_int::{IBig, UBig};

pub fn abs(call: &Call<'_>) -> Outcome {
    Ok(Value::number(call.number(0)?.abs()).with_marks(call.arg(0)?.marks()))
}

pub fn ceil(call: &Call<'_>) -> Outcome {
    Ok(Value::number(call.number(0)?.ceil()))
}

pub fn floor(call: &Call<'_>) -> Outcome {
    Ok(Value::number(call.number(0)?.floor()))
}

pub fn log(call: &Call<'_>) -> Outcome {
    float(floating::ln(call.number(0)?.to_f64()) / floating::ln(call.number(1)?.to_f64()))
}

pub fn pow(call: &Call<'_>) -> Outcome {
    float(floating::pow(call.number(0)?.to_f64(), call.number(1)?.to_f64()))
}

fn float(result: f64) -> Outcome {
    match Number::from_f64(result) {
        Some(n) => Ok(Value::number(n)),
        None => Err("the result is not a number".into()),
    }
}

pub fn signum(call: &Call<'_>) -> Outcome {
    Ok(Value::number(call.whole(0)?.signum()))
}

pub fn max(call: &Call<'_>) -> Outcome {
    extreme(call, |a, b| a > b)
}

pub fn min(call: &Call<'_>) -> Outcome {
    extreme(call, |a, b| a < b)
}

fn extreme(call: &Call<'_>, better: fn(&Number, &Number) -> bool) -> Outcome {
    let mut found: Option<&Number> = None;
    for arg in call.args {
        let Some(n) = arg.as_number() else { continue };
        if found.is_none_or(|best| better(n, best)) {
            found = Some(n);
        }
    }
    found.map(|n| Value::number(n.clone())).ok_or_else(|| "must pass at least one number".into())
}

pub fn range(call: &Call<'_>) -> Outcome {
    let zero = Number::from(0);
    let towards = |from: &Number, to: &Number| Number::from(if to < from { -1 } else { 1 });
    let (start, end, step) = match call.args.len() {
        1 => (zero.clone(), call.number(0)?.clone(), towards(&zero, call.number(0)?)),
        2 => (call.number(0)?.clone(), call.number(1)?.clone(), towards(call.number(0)?, call.number(1)?)),
        3 => (call.number(0)?.clone(), call.number(1)?.clone(), call.number(2)?.clone()),
        _ => return Err("must have one, two, or three arguments".into()),
    };
    let down = step.is_negative();
    if down && end > start {
        return Err(FunctionError::argument(1, "end must be less than start when step is negative"));
    }
    if !down && end < start {
        return Err(FunctionError::argument(1, "end must be greater than start when step is positive"));
    }
    let mut values = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if values.len() >= 1024 {
            return Err(
                "more than 1024 values were generated; either decrease the difference between start and end or use \
                        a smaller step"
                    .into(),
            );
        }
        values.push(Value::number(next.clone()));
        next = next.add(&step).ok_or("can't compute sum of opposing infinities")?;
    }
    Ok(Value::list(Type::Number, values))
}

pub fn sum(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    let bad = |message: &str| Err(FunctionError::argument(0, message));
    let items = match list.kind() {
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => items,
        Kind::Map(_, fields) | Kind::Object(fields) if fields.is_empty() => return bad("cannot sum an empty list"),
        Kind::Map(..) | Kind::Object(_) => {
            let message = format!("argument must be list, set, or tuple. Received {}", list.ty().friendly_name());
            return bad(&message);
        }
        _ => return bad("cannot sum noniterable"),
    };
    if items.is_empty() {
        return bad("cannot sum an empty list");
    }
    if list.contains_unknown() {
        return Ok(Value::unknown(Type::Number));
    }
    let mut total: Option<Number> = None;
    for item in items.iter() {
        let number = convert(item, &Type::Number).ok().filter(|v| !v.is_null());
        let Some(number) = number.as_ref().and_then(Value::as_number) else {
            return bad("argument must be list, set, or tuple of number values");
        };
        total = Some(match total {
            None => number.clone(),
            Some(sum) => sum.add(number).ok_or("can't compute sum of opposing infinities")?,
        });
    }
    total.map(Value::number).ok_or_else(|| "cannot sum an empty list".into())
}

pub fn parseint_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::String) | None => Ok(Type::Number),
        Some(other) => {
            let message = format!("first argument must be a string, not {}", other.friendly_name());
            Err(FunctionError::argument(0, message))
        }
    }
}

pub fn parseint(call: &Call<'_>) -> Outcome {
    let (text_marks, base_marks) = (call.arg(0)?.marks(), call.arg(1)?.marks());
    let marks = text_marks | base_marks;
    if !call.arg(0)?.is_known() || !call.arg(1)?.is_known() {
        return Ok(Value::unknown(Type::Number).with_marks(marks));
    }
    let text = call.text(0)?;
    let base = whole(call.number(1)?).map_err(|e| FunctionError::argument(1, e))?;
    if !(2..=62).contains(&base) {
        return Err(FunctionError::argument(1, "base must be a whole number between 2 and 62 inclusive"));
    }
    match parse_in_base(text, base as u32) {
        Some(n) => Ok(Value::number(n).with_marks(marks)),
        None => {
            let base = if base_marks.is_empty() { base.to_string() } else { "(sensitive value)".to_owned() };
            let text = quote_unless_sensitive(text, text_marks);
            Err(FunctionError::argument(0, format!("cannot parse {text} as a base {base} integer")))
        }
    }
}

/// Digits, then lower-case, then upper-case letters; up to base 36 case does not matter.
fn parse_in_base(text: &str, base: u32) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return None;
    }
    let digit = |b: u8| {
        let value = match b {
            b'0'..=b'9' => b - b'0',
            b'a'..=b'z' => b - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => b - b'A' + 10,
            b'A'..=b'Z' => b - b'A' + 36,
            _ => return None,
        };
        (u32::from(value) < base).then_some(value)
    };
    let magnitude = if base <= 36 && !digits.contains('_') {
        if !digits.bytes().all(|b| digit(b).is_some()) {
            return None;
        }
        UBig::from_str_radix(digits, base).ok()?
    } else {
        let mut magnitude = UBig::ZERO;
        for b in digits.bytes() {
            magnitude = magnitude * base + UBig::from(digit(b)?);
        }
        magnitude
    };
    let n = IBig::from(magnitude);
    Some(Number::from_big(&if negative { -n } else { n }))
}

/// The length of text, in grapheme clusters.
pub fn text_length(value: &Value) -> Value {
    use unicode_segmentation::UnicodeSegmentation;
    if let Some(text) = value.as_str() {
        return Value::number(text.graphemes(true).count());
    }
    let prefix = value.range().prefix;
    let least = prefix.graphemes(true).count();
    Value::unknown_refined(
        Type::Number,
        Refinement { not_null: true, lower: Some((Number::from(least), true)), ..Refinement::default() },
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;

    #[test]
    fn power_and_logarithm_have_machine_precision() {
        assert_eq!(json("pow", &[num("1.1"), n(2)]), "1.2100000000000002");
        assert_eq!(json("log", &[n(50), n(10)]), "1.6989700043360185");
        assert_eq!(error("log", &[n(-1), n(10)]), "the result is not a number");
        assert!(run("pow", &[n(0), n(-1)]).unwrap().as_number().unwrap().is_infinite());
    }

    #[test]
    fn ranges_go_up_or_down() {
        assert_eq!(json("range", &[n(4), n(1)]), "[4,3,2]");
        assert_eq!(json("range", &[n(10), n(5), n(-2)]), "[10,8,6]");
        assert_eq!(error("range", &[n(1), n(4), n(-1)]), "end must be less than start when step is negative");
        assert!(error("range", &[n(1), n(4), n(0)]).starts_with("more than 1024 values"));
    }

    #[test]
    fn whole_numbers_in_other_bases() {
        assert_eq!(json("parseint", &[s("FF"), n(16)]), "255");
        assert_eq!(json("parseint", &[s("zZ"), n(62)]), "2231");
        assert_eq!(json("parseint", &[s("-101"), n(2)]), "-5");
        assert_eq!(error("parseint", &[s("12"), n(2)]), "cannot parse \"12\" as a base 2 integer");
        assert_eq!(error("parseint", &[n(1), n(2)]), "first argument must be a string, not number");
    }

    #[test]
    fn sums_convert_their_elements() {
        assert_eq!(json("sum", &[t([s("0.1"), num("0.2")])]), "0.3");
        assert_eq!(error("sum", &[t([])]), "cannot sum an empty list");
        assert_eq!(error("sum", &[t([s("x")])]), "argument must be list, set, or tuple of number values");
    }

    #[test]
    fn sign_needs_a_whole_number() {
        assert_eq!(json("signum", &[n(-7)]), "-1");
        assert!(error("signum", &[num("0.1")]).starts_with("value must be a whole number"));
    }
}
