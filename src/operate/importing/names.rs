//! Addresses for discovered objects, and their import blocks.

use super::Named;
use crate::address::{ModuleInstance, Resource, ResourceInstance};
use crate::lang::compose::{Block, Body, Expr, Item};
use crate::provider::discovery::Found;
use std::collections::BTreeSet;

/// Gives every object an address in the root module: its name as an identifier, with a number where two of a type would share one.
/// `taken` are addresses that exist.
pub fn named(found: &[Found], taken: &BTreeSet<Resource>) -> Vec<Named> {
    let mut used = taken.clone();
    let address = |found: &Found| {
        let base = identifier(&found.name);
        let names = std::iter::once(base.clone()).chain((2..).map(|n: u32| format!("{base}_{n}")));
        let resource = names.map(|name| Resource::managed(found.type_name, &*name)).find(|r| !used.contains(r));
        let resource = resource.unwrap_or_else(|| Resource::managed(found.type_name, &*base));
        used.insert(resource.clone());
        ResourceInstance { module: ModuleInstance::root(), resource, key: None }
    };
    let addresses: Vec<ResourceInstance> = found.iter().map(address).collect();
    found.iter().cloned().zip(addresses).map(|(found, address)| Named { found, address }).collect()
}

/// Lower-case letters, digits and single underscores, beginning with a letter.
fn identifier(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ if out.is_empty() || out.ends_with('_') => {}
            _ => out.push('_'),
        }
    }
    let name = out.trim_end_matches('_');
    match name.chars().next() {
        None => "this".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("n{name}"),
        Some(_) => name.to_owned(),
    }
}

/// The import blocks, in the order given.
pub fn to_import(named: &[Named]) -> Body {
    let block = |one: &Named| {
        let mut block = Block::new("import", []);
        block.body.set("to", Expr::Reference(one.address.to_string()));
        block.body.set("id", Expr::Text(one.found.id.clone()));
        Item::Block(block)
    };
    Body { items: named.iter().map(block).collect() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn found(type_name: &'static str, name: &str) -> Found {
        Found { type_name, id: name.into(), name: name.into(), because: String::new() }
    }

    #[test]
    fn names_become_identifiers() {
        assert_eq!(identifier("/aws/codebuild/Shop-Build."), "aws_codebuild_shop_build");
        assert_eq!(identifier("1a"), "n1a");
        assert_eq!(identifier("--"), "this");
    }

    #[test]
    fn two_objects_of_a_type_never_share_an_address() {
        let taken = BTreeSet::from([Resource::managed("aws_iam_role", "a")]);
        let all = [found("aws_iam_role", "a"), found("aws_iam_role", "A"), found("aws_s3_bucket", "a")];
        let addresses: Vec<String> = named(&all, &taken).iter().map(|n| n.address.to_string()).collect();
        assert_eq!(addresses, ["aws_iam_role.a_2", "aws_iam_role.a_3", "aws_s3_bucket.a"]);
    }

    #[test]
    fn import_blocks_say_where_and_what() {
        let text = to_import(&named(&[found("aws_iam_role", "shop")], &BTreeSet::new())).text();
        assert_eq!(text, "import {\n  to = aws_iam_role.shop\n  id = \"shop\"\n}\n");
    }
}
