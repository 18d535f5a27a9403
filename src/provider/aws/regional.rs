//! The region of a single object: the `region` argument that provider version 6 gives to every type that lives in a region.
//!
//! The argument extends the schemas of version 5 ([`crate::provider::schema::Block::extensions`]): an object that does not set it is stored
//! exactly as version 5 stores it and lives in the provider's region. One that sets it is read, changed and deleted there, with the
//! provider's credentials; its import id ends in `@REGION`. Another region is another object.

use super::aws::Aws;
use super::checks::Checks;
use super::failure::{Failure, Outcome};
use super::partition;
use super::planner::Change;
use super::schema::Parsed;
use crate::address::Mode;
use crate::diagnostics::Diagnostic;
use crate::lang::value::symbol::{self, Symbol};
use crate::lang::value::{Kind, Type, Value};
use crate::provider::schema::{Attribute, Schema};
use regex::Regex;
use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

/// The argument.
pub const REGION: &str = "region";

/// Types that live in no region, and those whose own `region` means something else ("Enhanced Region Support", hashicorp/aws 6). All of
/// IAM is global too.
const GLOBAL_DATA: &[&str] = &[
    "aws_arn",
    "aws_caller_identity",
    "aws_canonical_user_id",
    "aws_default_tags",
    "aws_partition",
    "aws_region",
    "aws_service_principal",
];

/// An import id that names a region; the shape is that of hashicorp/aws 6.
static IMPORT_ID: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(.+)@([a-z]{2}(?:-[a-z]+)+-\d{1,2})$").ok());

/// Whether objects of a type live in a region.
pub fn is_regional(mode: Mode, type_name: &str) -> bool {
    let global = mode == Mode::Data && GLOBAL_DATA.contains(&type_name);
    !global && !type_name.starts_with("aws_iam_")
}

/// Gives a schema the argument, and says whether its objects live in the region it names.
pub fn extend(mode: Mode, type_name: &str, parsed: &mut Parsed) -> bool {
    let regional = is_regional(mode, type_name);
    // It finds a region rather than living in one.
    let named = mode == Mode::Data && type_name == "aws_region";
    if !(regional || named) {
        return false;
    }
    let mut block = parsed.schema.block.clone();
    if let Some(own) = block.attributes.get_mut(REGION) {
        // Version 5 tells the region of a bucket and version 6 lets it be said.
        own.optional = true;
    } else {
        let argument = Attribute {
            ty: Type::String,
            required: false,
            optional: true,
            computed: true,
            sensitive: false,
            write_only: false,
            deprecated: false,
        };
        block.attributes.insert(REGION.into(), argument);
        block.extensions.insert(REGION.into());
    }
    parsed.schema = Arc::new(Schema { version: parsed.schema.version, block });
    regional
}

/// The region an object or a configuration names.
pub fn named(object: &Value) -> Option<&str> {
    object.get(REGION).and_then(Value::as_str).filter(|region| !region.is_empty())
}

/// Whether the region is given but not known yet.
pub fn is_unknown(object: &Value) -> bool {
    object.get(REGION).is_some_and(|region| !region.is_known())
}

/// Checks the argument without credentials.
pub fn check(config: &Value, checks: &mut Checks) {
    let Some(given) = config.get(REGION).and_then(Value::as_str) else { return };
    if symbol::has_symbol(given) || looks_like_one(given) {
        return;
    }
    let detail = format!("\"region\" must be the name of an AWS Region such as eu-west-1, got: {given:?}.");
    checks.wrong(REGION, "Invalid AWS Region", detail);
}

fn looks_like_one(text: &str) -> bool {
    IMPORT_ID.as_ref().is_some_and(|shape| shape.is_match(&format!("x@{text}")))
}

/// A region of another partition cannot be reached with the provider's credentials.
pub fn foreign(aws: &Aws, region: &str) -> Option<Diagnostic> {
    if symbol::has_symbol(region) {
        return None;
    }
    let (own, other) = (aws.partition().id, partition::of_region(region).map(|p| p.id));
    if other == Some(own) || (other.is_none() && aws.settings().skip_region_validation) {
        return None;
    }
    let detail = format!(
        "partition ({}) for per-resource Region ({region}) is not the provider's configured partition ({own})",
        other.unwrap_or_default()
    );
    let hint = match other {
        Some(_) => {
            "Regions of another partition have accounts of their own: use a provider block with credentials for it."
        }
        None => "Check the spelling; for a region newer than this program set skip_region_validation = true.",
    };
    Some(Diagnostic::error("Invalid per-resource Region", detail).hint(hint))
}

/// Adds to a plan what follows from the region: another one needs a new object, one of another partition is an error.
pub fn plan(home: &Aws, change: &mut Change<'_>) {
    if let Some(wrong) = named(change.config.as_value()).and_then(|region| foreign(home, region)) {
        change.checks.push(wrong.attribute(vec![crate::diagnostics::AttributeStep::Name(REGION.into())]));
    }
    if change.is_create() {
        return;
    }
    let before = named(change.prior.as_value()).unwrap_or(home.region());
    let planned = change.planned();
    let stays = !is_unknown(planned.as_value()) && named(planned.as_value()).unwrap_or(home.region()) == before;
    if !stays {
        change.force_new(REGION);
    }
}

/// The account seen from a region that is not known yet: what is predicted from it holds a symbol.
pub fn nowhere(home: &Aws) -> (Aws, String) {
    let symbol = Symbol::new("region", "").text();
    (home.in_region(&symbol), symbol)
}

/// A prediction without what was made from a region that is not known.
pub fn without(planned: &Value, symbol: &str) -> Value {
    let known = |v: Value| -> Result<Value, Infallible> {
        Ok(match v.kind() {
            Kind::String(text) if text.contains(symbol) => Value::unknown(Type::String).with_marks(v.marks()),
            _ => v,
        })
    };
    planned.transform(&mut |_, v| known(v)).unwrap_or_else(|never| match never {})
}

/// Whether two objects are the same but that one names the region it is in.
pub fn same_but_named(prior: &Value, planned: &Value) -> bool {
    let region = planned.get(REGION).cloned().unwrap_or_else(|| Value::null(Type::String));
    prior != planned && prior.with_field(REGION, region) == *planned
}

/// An import id as the type has it, and the region: what stands after `@`, else what an ARN says if that is not the provider's.
///
/// # Errors
/// When both name a region and not the same.
pub fn import_id<'i>(home: &Aws, id: &'i str) -> Outcome<(&'i str, Option<&'i str>)> {
    let parts = IMPORT_ID.as_ref().and_then(|shape| shape.captures(id));
    let parts = parts.and_then(|p| Some((p.get(1)?.as_str(), p.get(2)?.as_str())));
    let (own, region) = parts.map_or((id, None), |(own, region)| (own, Some(region)));
    let arn = own.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(2)).filter(|r| !r.is_empty());
    match (region, arn) {
        (Some(said), Some(arn)) if said != arn => Err(Failure::said(
            "Invalid import id",
            format!("the region passed for import {said:?} does not match the region {arn:?} in the ARN {own:?}"),
        )),
        (None, Some(arn)) if arn != home.region() => Ok((own, Some(arn))),
        _ => Ok((own, region)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::provider::aws::settings::Settings;

    fn home() -> Aws {
        let settings = Settings { region: Some("us-east-1".into()), ..Settings::default() };
        Aws::offline(settings, "provider.aws")
    }

    #[test]
    fn iam_and_what_finds_places_are_global() {
        assert!(is_regional(Mode::Managed, "aws_sns_topic"));
        assert!(is_regional(Mode::Data, "aws_availability_zones"));
        for name in ["aws_iam_role", "aws_caller_identity", "aws_region", "aws_arn", "aws_service_principal"] {
            assert!(!is_regional(Mode::Data, name), "{name}");
        }
    }

    #[test]
    fn an_import_id_may_end_in_a_region() {
        let home = home();
        assert_eq!(import_id(&home, "orders@eu-west-1").unwrap(), ("orders", Some("eu-west-1")));
        assert_eq!(import_id(&home, "a@b.example").unwrap(), ("a@b.example", None));
        assert_eq!(import_id(&home, "a@b@us-gov-west-1").unwrap(), ("a@b", Some("us-gov-west-1")));
    }

    #[test]
    fn an_arn_names_its_region_and_must_agree_with_what_is_said() {
        let home = home();
        let arn = "arn:aws:sns:eu-west-1:123456789012:t";
        assert_eq!(import_id(&home, arn).unwrap(), (arn, Some("eu-west-1")));
        let own = "arn:aws:sns:us-east-1:123456789012:t";
        assert_eq!(import_id(&home, own).unwrap(), (own, None));
        assert!(import_id(&home, &format!("{arn}@us-west-2")).is_err());
        assert_eq!(import_id(&home, &format!("{arn}@eu-west-1")).unwrap(), (arn, Some("eu-west-1")));
    }

    #[test]
    fn a_region_of_another_partition_is_refused_and_a_misspelt_one_too() {
        let home = home();
        assert!(foreign(&home, "eu-central-2").is_none());
        assert!(foreign(&home, "cn-north-1").unwrap().detail.contains("partition (aws-cn)"));
        assert!(foreign(&home, "mars-north-1").unwrap().hint.unwrap().contains("spelling"));
        let mut checks = Checks::new();
        check(&Value::object_of([(REGION, Value::string("Frankfurt"))]), &mut checks);
        assert!(checks.into_diagnostics().has_errors());
    }

    #[test]
    fn what_is_made_from_an_unknown_region_is_unknown() {
        let (aws, symbol) = nowhere(&home());
        let arn = aws.arn("sns", "t").unwrap();
        let planned = Value::object_of([("arn", Value::string(arn)), ("name", Value::string("t"))]);
        let expected = Value::object_of([("arn", Value::unknown(Type::String)), ("name", Value::string("t"))]);
        assert_eq!(without(&planned, &symbol), expected);
    }
}
