//! Stored objects as HCL-like text: `show` and `state show`.

use super::style::{Palette, Role};
use super::value;
use crate::address::{Mode, ResourceInstance};
use crate::lang::value::Value;
use crate::provider::schema::{Block, Nesting};
use std::collections::BTreeMap;

/// An object to show.
pub struct Shown<'a> {
    /// Where it stands.
    pub address: &'a ResourceInstance,
    /// Key, when it is a deposed object.
    pub deposed: Option<&'a str>,
    /// Whether it is to be replaced.
    pub tainted: bool,
    /// Its attributes, marked where sensitive.
    pub value: &'a Value,
    /// Schema of its type.
    pub block: &'a Block,
}

/// One object, ending with a line break.
pub fn object(shown: &Shown<'_>, palette: Palette) -> String {
    let remark = match (shown.deposed, shown.tainted) {
        (Some(key), _) => format!(" (deposed object {key})"),
        (None, true) => " (tainted)".to_owned(),
        (None, false) => String::new(),
    };
    let resource = &shown.address.resource;
    let kind = if resource.mode == Mode::Data { "data" } else { "resource" };
    let mut out = palette.paint(Role::Strong, &format!("# {}:{remark}", shown.address));
    out.push_str(&format!("\n{kind} \"{}\" \"{}\" {{\n", resource.type_name, resource.name));
    inside(shown.block, shown.value, 4, &mut out);
    out + "}\n"
}

fn inside(schema: &Block, value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    let Some(fields) = value.fields() else { return };
    let shown: Vec<(&str, Value)> = schema
        .attributes
        .iter()
        .filter_map(|(name, attribute)| {
            let v = fields.get(name).filter(|v| !v.is_null())?.clone();
            Some((&**name, value::guarded(attribute, v)))
        })
        .collect();
    let width = shown.iter().map(|(n, _)| n.chars().count()).max().unwrap_or(0);
    for (name, v) in &shown {
        let text = match v.as_str().filter(|_| !v.marks().hidden()).and_then(json_document) {
            Some(document) => format!("jsonencode(\n{pad}    {}\n{pad})", value::render(&document, indent + 4, 4)),
            None => value::render(v, indent, 4),
        };
        out.push_str(&format!("{pad}{name:width$} = {text}\n"));
    }
    for (name, nested) in &schema.blocks {
        let Some(v) = fields.get(name) else { continue };
        let mut block = |label: &str, inner: &Value| {
            out.push_str(&format!("\n{pad}{name} {label}{{\n"));
            inside(&nested.block, inner, indent + 4, out);
            out.push_str(&format!("{pad}}}\n"));
        };
        match nested.nesting {
            Nesting::Single | Nesting::Group if !v.is_null() => block("", v),
            Nesting::Single | Nesting::Group => {}
            Nesting::Map => v
                .fields()
                .into_iter()
                .flatten()
                .for_each(|(key, inner)| block(&format!("{} ", crate::address::quote(key)), inner)),
            Nesting::List | Nesting::Set => v.elements().unwrap_or(&[]).iter().for_each(|inner| block("", inner)),
        }
    }
}

/// The document a JSON text holds, as a value to print; `None` for other texts.
fn json_document(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(crate::lang::value::from_json_implied(&json))
}

/// Outputs as `name = value` lines.
pub fn outputs(outputs: &BTreeMap<String, crate::state::model::OutputValue>) -> String {
    outputs
        .iter()
        .map(|(name, output)| {
            let shown =
                if output.sensitive { "(sensitive value)".to_owned() } else { value::render(&output.value, 0, 4) };
            format!("{name} = {shown}\n")
        })
        .collect()
}
