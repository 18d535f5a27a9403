//! The order in which the original provider's SDK walks a set: by the CRC-32 of each element's text form, compared as decimal
//! text. It shows wherever elements of a set are merged into one list, as conditions of a policy statement are.

use crate::lang::value::{Kind, Value};

/// CRC-32 (IEEE 802.3) of a text: the SDK's hash of strings, and the id of data that has no other.
pub fn crc32(text: &str) -> u32 {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let poly = if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
            crc = (crc >> 1) ^ poly;
        }
    }
    !crc
}

/// The elements in the SDK's order.
pub fn sdk_order(elements: &[Value]) -> Vec<&Value> {
    let mut keyed: Vec<(String, &Value)> = elements
        .iter()
        .map(|v| {
            let mut text = String::new();
            write_member(&mut text, v);
            (crc32(&text).to_string(), v)
        })
        .collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    keyed.into_iter().map(|(_, v)| v).collect()
}

/// An element: an object is written bare at the top of a set, a primitive as a value.
fn write_member(out: &mut String, value: &Value) {
    match value.fields() {
        Some(fields) => {
            for (name, v) in fields {
                out.push_str(name);
                out.push(':');
                write_value(out, v);
            }
        }
        None => write_value(out, value),
    }
}

fn write_value(out: &mut String, value: &Value) {
    match value.kind() {
        Kind::List(_, items) | Kind::Tuple(items) => {
            out.push('(');
            items.iter().for_each(|item| write_inner(out, item));
            out.push(')');
        }
        Kind::Set(_, items) => {
            out.push('{');
            sdk_order(items).into_iter().for_each(|item| write_inner(out, item));
            out.push('}');
        }
        Kind::String(text) => out.push_str(text),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::Bool(truth) => out.push(if *truth { '1' } else { '0' }),
        _ => {}
    }
    out.push(';');
}

fn write_inner(out: &mut String, item: &Value) {
    if item.fields().is_some() {
        out.push('<');
        write_member(out, item);
        out.push_str(">;");
    } else {
        write_value(out, item);
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn crc_is_ieee() {
        assert_eq!(crc32("123456789"), 0xCBF4_3926);
        assert_eq!(crc32("{\n  \"Version\": \"2012-10-17\"\n}"), 1_132_004_489);
    }
}
