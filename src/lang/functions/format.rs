//! `format` and `formatlist`: text from a template of verbs, as in C's `printf`.

use super::call::{Call, FunctionError, Outcome};
use crate::lang::value::{Kind, Notation, Number, Refinement, Type, Value, convert, quote, to_json};
use dashu_int::IBig;
use unicode_segmentation::UnicodeSegmentation;

/// One `%…` of the format.
#[derive(Default)]
struct Verb<'a> {
    raw: &'a str,
    offset: usize,
    argument: usize,
    mode: char,
    zero: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Wider padding is a mistake.
const WIDEST: usize = 1 << 16;

pub fn format(call: &Call<'_>) -> Outcome {
    let format = call.text(0)?;
    let args = call.args.get(1..).unwrap_or_default();
    if args.iter().any(Value::contains_unknown) {
        let prefix = format.split('%').next().filter(|p| p.len() < format.len()).map(safe_prefix).unwrap_or_default();
        let known = Refinement { prefix: (!prefix.is_empty()).then(|| prefix.into()), ..Refinement::default() };
        return Ok(Value::unknown_refined(Type::String, known));
    }
    Ok(Value::string_normalized(&render(format, args)?))
}

/// The part of a prefix that stays whatever follows: combining characters may change the last character.
pub fn safe_prefix(prefix: &str) -> &str {
    match prefix.grapheme_indices(true).next_back() {
        Some((_, last)) if "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'".contains(last) => prefix,
        Some((at, _)) => prefix.get(..at).unwrap_or_default(),
        None => prefix,
    }
}

pub fn formatlist(call: &Call<'_>) -> Outcome {
    let format = call.text(0)?;
    let args = call.args.get(1..).unwrap_or_default();
    if args.is_empty() {
        return Ok(Value::list(Type::String, vec![Value::string_normalized(&render(format, args)?)]));
    }
    let mut length: Option<(usize, usize)> = None;
    let mut unknown = false;
    for (i, arg) in args.iter().enumerate() {
        let own = match arg.kind() {
            Kind::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_), _) => None,
            Kind::Unknown(Type::Tuple(items), _) => Some((items.len(), false)),
            Kind::Set(..) => arg.length().as_i64().map(|n| (n as usize, true)),
            Kind::List(_, items) | Kind::Tuple(items) => Some((items.len(), true)),
            _ => continue,
        };
        let Some((own, known)) = own else {
            unknown = true;
            continue;
        };
        unknown |= !known;
        match length {
            None => length = Some((own, i)),
            Some((other, at)) if other != own => {
                let message = format!(
                    "argument {} has length {own}, which is inconsistent with argument {} of length {other}",
                    i + 1,
                    at + 1
                );
                return Err(FunctionError::argument(i + 1, message));
            }
            Some(_) => {}
        }
    }
    if unknown {
        return Ok(Value::unknown(Type::list(Type::String)));
    }
    let rounds = length.map_or(1, |(n, _)| n);
    let mut out = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let row: Vec<Value> = args
            .iter()
            .map(|arg| match arg.elements() {
                Some(items) => items.get(round).cloned().unwrap_or_else(|| Value::null(Type::Dynamic)),
                None => arg.clone(),
            })
            .collect();
        if row.iter().any(Value::contains_unknown) {
            out.push(Value::unknown_not_null(Type::String));
            continue;
        }
        let text = render(format, &row)
            .map_err(|e| FunctionError::call(format!("error on format iteration {round}: {}", e.message)))?;
        out.push(Value::string_normalized(&text));
    }
    Ok(Value::list(Type::String, out))
}

fn render(format: &str, args: &[Value]) -> Result<String, FunctionError> {
    let mut out = String::new();
    let mut rest = format;
    let mut next = 1;
    let mut highest = 0;
    while let Some(at) = rest.find('%') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix("%%") {
            out.push('%');
            rest = after;
            continue;
        }
        let offset = format.len() - rest.len();
        let verb = parse_verb(rest, offset, next)?;
        highest = highest.max(verb.argument);
        next = verb.argument + 1;
        append(&verb, args, &mut out)?;
        rest = rest.get(verb.raw.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    if highest < args.len() {
        let message = match highest {
            0 => "too many arguments; no verbs in format string".to_owned(),
            n => format!("too many arguments; only {n} used by format string"),
        };
        return Err(FunctionError::argument(highest + 1, message));
    }
    Ok(out)
}

/// Reads flags, width, precision, argument index and verb letter.
fn parse_verb(text: &str, offset: usize, next: usize) -> Result<Verb<'_>, FunctionError> {
    let mut verb = Verb { offset, argument: next, ..Verb::default() };
    let mut chars = text.char_indices().skip(1).peekable();
    fn number(chars: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>) -> Option<usize> {
        let mut n: Option<usize> = None;
        while let Some((_, c)) = chars.peek()
            && let Some(digit) = c.to_digit(10)
        {
            n = Some(n.unwrap_or(0).saturating_mul(10).saturating_add(digit as usize));
            chars.next();
        }
        n
    }
    while let Some((_, c)) = chars.peek() {
        match c {
            '0' => verb.zero = true,
            '#' => verb.sharp = true,
            '-' => verb.minus = true,
            '+' => verb.plus = true,
            ' ' => verb.space = true,
            _ => break,
        }
        chars.next();
    }
    verb.width = number(&mut chars);
    if chars.next_if(|(_, c)| *c == '.').is_some() {
        verb.precision = Some(number(&mut chars).unwrap_or(0));
    }
    if chars.next_if(|(_, c)| *c == '[').is_some() {
        match (number(&mut chars), chars.peek()) {
            (Some(n), Some((_, ']'))) if n > 0 => {
                verb.argument = n;
                chars.next();
            }
            (_, None) => return Err(format!("invalid format string starting at offset {}", offset + text.len()).into()),
            (_, Some((at, c))) => return Err(unrecognized(*c, offset + at)),
        }
    }
    match chars.next() {
        Some((at, c)) if c.is_ascii_alphabetic() => {
            verb.mode = c;
            verb.raw = text.get(..=at).unwrap_or_default();
        }
        Some((at, c)) => return Err(unrecognized(c, offset + at)),
        None => return Err(format!("invalid format string starting at offset {}", offset + text.len()).into()),
    }
    if verb.width.unwrap_or(0).max(verb.precision.unwrap_or(0)) > WIDEST {
        return Err(unsupported(&verb, "width and precision must not be larger than 65536"));
    }
    Ok(verb)
}

fn unrecognized(c: char, offset: usize) -> FunctionError {
    format!("unrecognized format character {} at offset {offset}", quote_char(c)).into()
}

fn quote_char(c: char) -> String {
    let quoted = quote(&c.to_string());
    format!("'{}'", quoted.trim_matches('"'))
}

fn unsupported(verb: &Verb<'_>, reason: &str) -> FunctionError {
    format!("unsupported value for {} at {}: {reason}", quote(verb.raw), verb.offset).into()
}

fn append(verb: &Verb<'_>, args: &[Value], out: &mut String) -> Result<(), FunctionError> {
    let Some(arg) = args.get(verb.argument.wrapping_sub(1)) else {
        return Err(format!(
            "not enough arguments for {} at {}: need index {} but have {} total",
            quote(verb.raw),
            verb.offset,
            verb.argument,
            args.len()
        )
        .into());
    };
    if verb.mode != 'v' && arg.is_null() {
        return Err(unsupported(verb, "null value cannot be formatted"));
    }
    let as_type = |ty: Type| convert(arg, &ty).map_err(|e| unsupported(verb, &e.to_string()));
    let text = match verb.mode {
        'v' => match arg.kind() {
            Kind::String(s) if !verb.sharp => pad(verb, s),
            Kind::Number(n) if !verb.sharp => pad(verb, &n.text(Notation::General, None)),
            _ => pad(verb, &json(verb, arg)?),
        },
        't' => as_type(Type::Bool)?.as_bool().unwrap_or_default().to_string(),
        'b' | 'd' | 'o' | 'x' | 'X' => {
            let number = as_type(Type::Number)?;
            let whole = number.as_number().and_then(Number::to_big);
            integer(verb, &whole.ok_or_else(|| unsupported(verb, "an integer is required"))?)
        }
        'e' | 'E' | 'f' | 'g' | 'G' => match as_type(Type::Number)?.as_number() {
            Some(number) => float(verb, number),
            None => String::new(),
        },
        's' | 'q' => {
            let value = as_type(Type::String)?;
            let mut text = value.as_str().unwrap_or_default();
            if let Some(limit) = verb.precision.filter(|n| *n > 0)
                && let Some((at, _)) = text.grapheme_indices(true).nth(limit)
            {
                text = text.get(..at).unwrap_or(text);
            }
            if verb.mode == 's' { pad(verb, text) } else { pad(verb, &json(verb, &Value::string(text))?) }
        }
        other => {
            return Err(format!(
                "unsupported format verb {} in {} at offset {}",
                quote_char(other),
                quote(verb.raw),
                verb.offset
            )
            .into());
        }
    };
    out.push_str(&text);
    Ok(())
}

fn json(verb: &Verb<'_>, value: &Value) -> Result<String, FunctionError> {
    match to_json(value) {
        Some(json) => Ok(super::encoding::escaped_json(&json)),
        None => Err(unsupported(verb, "cannot serialize infinity as JSON")),
    }
}

/// Fills to the width, which counts grapheme clusters.
fn pad(verb: &Verb<'_>, text: &str) -> String {
    let missing = verb.width.unwrap_or(0).saturating_sub(text.graphemes(true).count());
    let fill = if verb.zero { "0" } else { " " }.repeat(missing);
    if verb.minus { format!("{text}{fill}") } else { format!("{fill}{text}") }
}

/// Fills to the width, zeros standing between sign and digits.
fn pad_number(verb: &Verb<'_>, sign: &str, digits: &str, zeros: bool) -> String {
    let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
    if verb.minus {
        format!("{sign}{digits}{}", " ".repeat(missing))
    } else if verb.zero && zeros {
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{sign}{digits}", " ".repeat(missing))
    }
}

fn sign(verb: &Verb<'_>, negative: bool) -> &'static str {
    match (negative, verb.plus, verb.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

fn integer(verb: &Verb<'_>, number: &IBig) -> String {
    let (base, prefix) = match verb.mode {
        'b' => (2, "0b"),
        'o' => (8, "0"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let (number_sign, magnitude) = number.clone().into_parts();
    let digits = magnitude.in_radix(base);
    let mut digits = digits.to_string();
    if verb.mode == 'X' {
        digits = digits.to_uppercase();
    }
    match verb.precision {
        Some(0) if magnitude.is_zero() => return String::new(),
        Some(n) => digits = format!("{}{digits}", "0".repeat(n.saturating_sub(digits.len()))),
        None => {}
    }
    let sign = sign(verb, number_sign == dashu_int::Sign::Negative);
    let prefix = if verb.sharp { prefix } else { "" };
    pad_number(verb, &format!("{sign}{prefix}"), &digits, verb.precision.is_none())
}

fn float(verb: &Verb<'_>, number: &Number) -> String {
    let (notation, default) = match verb.mode {
        'e' | 'E' => (Notation::Scientific, Some(6)),
        'f' => (Notation::Plain, Some(6)),
        _ => (Notation::General, None),
    };
    let text = number.text(notation, verb.precision.or(default));
    let text = if verb.mode.is_uppercase() && !number.is_infinite() { text.to_uppercase() } else { text };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let sign = if number.is_infinite() && !negative && !verb.space { "+" } else { sign(verb, negative) };
    pad_number(verb, sign, digits, !number.is_infinite())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;
    use crate::lang::value::{Type, Value};

    fn f(format: &str, args: &[Value]) -> String {
        let args: Vec<Value> = std::iter::once(s(format)).chain(args.iter().cloned()).collect();
        run("format", &args).unwrap().as_str().unwrap().to_owned()
    }

    fn wrong(format: &str, args: &[Value]) -> String {
        let args: Vec<Value> = std::iter::once(s(format)).chain(args.iter().cloned()).collect();
        error("format", &args)
    }

    #[test]
    fn whole_numbers() {
        assert_eq!(f("%d|%5d|%-5d|%05d|%+d|% d", &[n(1), n(2), n(3), n(-4), n(5), n(6)]), "1|    2|3    |-0004|+5| 6");
        assert_eq!(f("%x %X %#x %b %o", &[n(255), n(255), n(255), n(5), n(8)]), "ff FF 0xff 101 10");
        assert_eq!(f("%d", &[num("1e20")]), "100000000000000000000");
    }

    #[test]
    fn fractions() {
        assert_eq!(
            f("%6.2f|%f|%+.2e|%g|%G", &[num("3.14159"), n(1), num("12345.678"), num("1e21"), num("1e-9")]),
            "  3.14|1.000000|+1.23e+04|1e+21|1E-09"
        );
    }

    #[test]
    fn text_is_padded_by_grapheme_clusters() {
        assert_eq!(f("%5s|%-3s|%.2s|%q", &[s("é"), s("a"), s("abc"), s("a\"b")]), "    é|a  |ab|\"a\\\"b\"");
    }

    #[test]
    fn any_value_as_it_is() {
        let object = Value::object_of([("a", n(1))]);
        assert_eq!(
            f("%v %v %v %v %#v", &[object, s("x"), n(1), Value::null(Type::String), s("x")]),
            "{\"a\":1} x 1 null \"x\""
        );
    }

    #[test]
    fn arguments_by_number() {
        assert_eq!(f("%[2]s %[1]s %%", &[s("a"), s("b")]), "b a %");
    }

    #[test]
    fn mistakes_name_the_verb_and_its_place() {
        assert_eq!(wrong("%s", &[s("a"), s("b")]), "too many arguments; only 1 used by format string");
        assert_eq!(wrong("%[3]s", &[s("a")]), "not enough arguments for \"%[3]s\" at 0: need index 3 but have 1 total");
        assert_eq!(wrong("a%z", &[n(1)]), "unsupported format verb 'z' in \"%z\" at offset 1");
        assert_eq!(wrong("%d", &[s("x")]), "unsupported value for \"%d\" at 0: a number is required");
        assert_eq!(wrong("%", &[]), "invalid format string starting at offset 1");
    }

    #[test]
    fn a_list_for_each_round() {
        assert_eq!(json("formatlist", &[s("%s-%s"), s("x"), t([s("a"), s("b")])]), "[\"x-a\",\"x-b\"]");
        assert_eq!(
            error("formatlist", &[s("%s-%s"), t([s("a")]), t([s("b"), s("c")])]),
            "argument 2 has length 2, which is inconsistent with argument 1 of length 1"
        );
    }

    #[test]
    fn text_before_the_first_unknown_stays_known() {
        let result = run("format", &[s("arn:aws:%s"), Value::unknown(Type::String)]).unwrap();
        assert_eq!(&*result.range().prefix, "arn:aws:");
    }
}
