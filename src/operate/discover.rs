//! What belongs to a live object: read from the account through its provider, starting from one import id.
//!
//! The provider names what is around an object ([`Provider::around`]); each of these is imported and read, and asked in turn. What turns
//! out to be gone is left out. What may not be read is an error: a part that is missing would make the picture wrong.

use crate::address::{InstanceKey, ModuleInstance, Resource, ResourceInstance};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::provider::{Factory, Neighbour, Object, Progress, Provider};
use futures::stream::{self, StreamExt};
use std::collections::BTreeSet;

/// Reads under way at once.
const AT_ONCE: usize = 8;

/// An object of the account.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// An address made of type and name: free within what was discovered.
    pub address: ResourceInstance,
    /// How it is imported.
    pub id: String,
    /// As the provider reads it; marked where sensitive. Attributes in which it mirrors other objects are null.
    pub object: Object,
}

/// The object with this import id, and everything that belongs to it, the object itself first. `None` when there is no such object.
///
/// # Errors
/// What could not be read, all of it.
pub async fn discover(
    factory: &dyn Factory,
    provider: &dyn Provider,
    type_name: &str,
    id: &str,
    progress: &dyn Progress,
) -> Result<Option<Vec<Discovered>>, Diagnostics> {
    let first = Neighbour { type_name: type_name.to_owned(), id: id.to_owned() };
    let mut seen = BTreeSet::from([first.clone()]);
    let mut wave = vec![first];
    let mut found: Vec<Discovered> = Vec::new();
    let mut names = BTreeSet::new();
    let mut problems = Diagnostics::new();
    while !wave.is_empty() {
        let reads = stream::iter(wave).map(|each| async {
            let answer = one(factory, provider, &each, progress).await;
            (each, answer)
        });
        let answers: Vec<_> = reads.buffered(AT_ONCE).collect().await;
        wave = Vec::new();
        for (each, answer) in answers {
            match answer {
                Ok(Some((object, around))) => {
                    let address = address(&each, &object.value, &mut names);
                    found.push(Discovered { address, id: each.id, object });
                    wave.extend(around.into_iter().filter(|n| seen.insert(n.clone())));
                }
                Ok(None) if found.is_empty() => return Ok(None),
                Ok(None) => {}
                Err(why) => problems.extend(why),
            }
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(Some(found)) }
}

async fn one(
    factory: &dyn Factory,
    provider: &dyn Provider,
    wanted: &Neighbour,
    progress: &dyn Progress,
) -> Result<Option<(Object, Vec<Neighbour>)>, Diagnostics> {
    let label = Resource::managed(&wanted.type_name, name_of(&wanted.id));
    let address = ResourceInstance { module: ModuleInstance::root(), resource: label, key: None::<InstanceKey> };
    let imported = provider.import(&wanted.type_name, &wanted.id, progress).await?;
    let Some(imported) = imported.into_iter().find(|i| i.type_name == wanted.type_name) else { return Ok(None) };
    let (object, _) = provider.read(&address, &wanted.type_name, &imported.object, progress).await?;
    if object.value.is_null() {
        return Ok(None);
    }
    let around = provider.around(&wanted.type_name, &object.value, progress).await?;
    let mut value = object.value;
    for mirror in provider.mirrors(&wanted.type_name) {
        if let Some(there) = value.get(mirror.attribute) {
            let nothing = Value::null(there.ty());
            value = value.with_field(mirror.attribute, nothing);
        }
    }
    if let Some(schema) = factory.schema().of(crate::address::Mode::Managed, &wanted.type_name) {
        value = schema.block.mark_sensitive(&value);
    }
    Ok(Some((Object { value, private: object.private }, around)))
}

/// An address that says what it is: by the object's own name, else by its id.
fn address(each: &Neighbour, value: &Value, names: &mut BTreeSet<(String, String)>) -> ResourceInstance {
    let own = value.get("name").and_then(Value::as_str).filter(|n| !n.is_empty());
    let plain = name_of(own.unwrap_or(&each.id));
    let numbered = (2u32..).map(|n| format!("{plain}_{n}"));
    let name = std::iter::once(plain.clone())
        .chain(numbered)
        .find(|name| names.insert((each.type_name.clone(), name.clone())))
        .unwrap_or(plain);
    ResourceInstance { module: ModuleInstance::root(), resource: Resource::managed(&each.type_name, name), key: None }
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

/// The error for an object that is not there.
pub fn absent(what: &str, name: &str, place: &str) -> Diagnostic {
    Diagnostic::error(format!("No such {what}"), format!("There is no {what} \"{name}\" in {place}."))
        .hint("Check the name, the region and whose credentials these are.")
}

/// The configuration of a provider that leaves everything to the environment.
pub fn from_environment(factory: &dyn Factory) -> Value {
    factory.schema().config.empty_value()
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
