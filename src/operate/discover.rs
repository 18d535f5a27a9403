//! What belongs to a live object: found by its provider ([`Provider::discover`]), then read object by object.
//!
//! What turns out to be gone is left out. What may not be read is told; of the types that it may be of there is then an object of which
//! nothing is known, so that nobody concludes from what was not seen. Only that the object itself cannot be read is an error.

use crate::address::{InstanceKey, Mode, ModuleInstance, Resource, ResourceInstance};
use crate::diagnostics::Diagnostics;
use crate::lang::value::Value;
use crate::provider::discovery::{Discovery, Found, Missing, Scope, lasting};
use crate::provider::schema::Block;
use crate::provider::{Factory, Object, Progress, Provider};
use futures::stream::{self, StreamExt};
use std::collections::BTreeSet;

/// Reads under way at once.
const AT_ONCE: usize = 8;

/// An object of the account.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// An address made of type and name: free within what was discovered.
    pub address: ResourceInstance,
    /// How it is imported; none for what was not seen.
    pub id: Option<String>,
    /// As the provider reads it; marked where sensitive. Attributes in which it mirrors other objects are null.
    pub value: Value,
}

/// What was read of an object and what belongs to it.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// The object itself first.
    pub objects: Vec<Discovered>,
    /// What could not be read, each once.
    pub missing: Vec<Missing>,
}

/// The object of this type that people know by this name, and everything that has to do with it.
///
/// # Errors
/// That there is none, and why it cannot be read.
pub async fn discover(
    factory: &dyn Factory,
    provider: &dyn Provider,
    type_name: &str,
    name: &str,
    progress: &dyn Progress,
) -> Result<Picture, Diagnostics> {
    let Discovery { found, missing } = provider.discover(type_name, name, Scope::Concerning, progress).await?;
    let mut picture = Picture { objects: Vec::new(), missing };
    let reads = stream::iter(found).map(|each| async {
        let answer = one(factory, provider, &each, progress).await;
        (each, answer)
    });
    let answers: Vec<_> = reads.buffered(AT_ONCE).collect().await;
    let mut names = BTreeSet::new();
    for (number, (found, answer)) in answers.into_iter().enumerate() {
        match answer {
            Ok(Some(value)) => {
                let address = address(&found, &value, &mut names);
                picture.objects.push(Discovered { address, id: Some(found.id), value });
            }
            Ok(None) => {}
            Err(why) if number == 0 => return Err(why),
            Err(why) => picture.missing.push(unread(&found, &why)),
        }
    }
    let types: BTreeSet<&str> = picture.missing.iter().flat_map(|m| m.types.iter().copied()).collect();
    for type_name in types {
        let Some(schema) = factory.schema().of(Mode::Managed, type_name) else { continue };
        let name = std::iter::once("unread".to_owned()).chain((2u32..).map(|n| format!("unread_{n}")));
        let name = name.into_iter().find(|name| names.insert((type_name.to_owned(), name.clone()))).unwrap_or_default();
        let address = at(type_name, name);
        picture.objects.push(Discovered { address, id: None, value: unknown(&schema.block) });
    }
    Ok(picture)
}

async fn one(
    factory: &dyn Factory,
    provider: &dyn Provider,
    wanted: &Found,
    progress: &dyn Progress,
) -> Result<Option<Value>, Diagnostics> {
    let address = at(wanted.type_name, name_of(&wanted.id));
    let imported = provider.import(wanted.type_name, &wanted.id, progress).await?;
    let Some(imported) = imported.into_iter().find(|i| i.type_name == wanted.type_name) else { return Ok(None) };
    let (object, _): (Object, _) = provider.read(&address, wanted.type_name, &imported.object, progress).await?;
    let mut value = object.value;
    if value.is_null() {
        return Ok(None);
    }
    for mirror in provider.mirrors(wanted.type_name) {
        if let Some(there) = value.get(mirror.attribute) {
            let nothing = Value::null(there.ty());
            value = value.with_field(mirror.attribute, nothing);
        }
    }
    let schema = factory.schema().of(Mode::Managed, wanted.type_name);
    Ok(Some(schema.map_or(value.clone(), |schema| schema.block.mark_sensitive(&value))))
}

/// What is told of an object that exists and cannot be read.
fn unread(found: &Found, why: &Diagnostics) -> Missing {
    let first = why.iter().find(|d| d.is_error());
    let said = first.map(|d| lasting(if d.detail.is_empty() { &d.summary } else { &d.detail }).to_owned());
    Missing {
        what: format!("{} {} ({})", found.type_name, found.id, found.because),
        why: said.unwrap_or_default(),
        denied: None,
        types: vec![found.type_name],
    }
}

/// An object of which nothing is known.
fn unknown(block: &Block) -> Value {
    let attributes = block.attributes.iter().map(|(name, a)| (name.clone(), Value::unknown(a.ty.clone())));
    let blocks = block.blocks.iter().map(|(name, nested)| (name.clone(), Value::unknown(nested.implied_type())));
    Value::object(attributes.chain(blocks).collect())
}

fn at(type_name: &str, name: String) -> ResourceInstance {
    let resource = Resource::managed(type_name, name);
    ResourceInstance { module: ModuleInstance::root(), resource, key: None::<InstanceKey> }
}

/// An address that says what it is: by the object's own name, else by its id.
fn address(each: &Found, value: &Value, names: &mut BTreeSet<(String, String)>) -> ResourceInstance {
    let own = value.get("name").and_then(Value::as_str).filter(|n| !n.is_empty());
    let plain = name_of(own.unwrap_or(&each.id));
    let numbered = (2u32..).map(|n| format!("{plain}_{n}"));
    let name = std::iter::once(plain.clone())
        .chain(numbered)
        .find(|name| names.insert((each.type_name.to_owned(), name.clone())))
        .unwrap_or(plain);
    at(each.type_name, name)
}

/// A text as a name of the language: other characters than letters, digits, `-` and `_` become `_`.
fn name_of(text: &str) -> String {
    // Of an ARN, what comes after account and region.
    let short = if text.starts_with("arn:") { text.splitn(6, ':').nth(5).unwrap_or(text) } else { text };
    let name: String =
        short.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' }).collect();
    let name = name.trim_matches('_');
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name.to_owned(),
        Some(_) => format!("_{name}"),
        None => "this".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_of_the_language() {
        assert_eq!(name_of("shop-artifacts"), "shop-artifacts");
        assert_eq!(name_of("role:policy"), "role_policy");
        assert_eq!(name_of("arn:aws:sns:eu-west-1:1:shop.alerts"), "shop_alerts");
        assert_eq!(name_of("/aws/codepipeline/shop"), "aws_codepipeline_shop");
        assert_eq!(name_of("7-eleven"), "_7-eleven");
        assert_eq!(name_of("***"), "this");
    }
}
