//! The provider's functions: `provider::aws::arn_parse`, `arn_build` and `trim_iam_role_path`, which take ARNs apart and put them together.

use crate::lang::functions::{Call, Function, FunctionError, Outcome, Param};
use crate::lang::value::{Type, Value};
use std::sync::Arc;

const fn text(name: &'static str) -> Param {
    Param::new(name, || Type::String)
}

/// By name.
pub static FUNCTIONS: &[Function] = &[
    Function::new(
        "arn_build",
        &[text("partition"), text("service"), text("region"), text("account_id"), text("resource")],
        |_| Ok(Type::String),
        build,
    ),
    Function::new("arn_parse", &[text("arn")], |_| Ok(parts_type()), parse),
    Function::new("trim_iam_role_path", &[text("arn")], |_| Ok(Type::String), trim),
];

const PARTS: [&str; 5] = ["partition", "service", "region", "account_id", "resource"];

fn parts_type() -> Type {
    Type::object(PARTS.map(|name| (Arc::from(name), Type::String)))
}

/// The five parts of an ARN; the last one may hold further colons.
fn split(arn: &str) -> Result<[&str; 5], FunctionError> {
    let rest = arn.strip_prefix("arn:").ok_or("arn: invalid prefix")?;
    let mut parts = rest.splitn(5, ':');
    let mut next = || parts.next().ok_or("arn: not enough sections");
    Ok([next()?, next()?, next()?, next()?, next()?])
}

fn parse(call: &Call<'_>) -> Outcome {
    let parts = split(call.text(0)?)?;
    Ok(Value::object_of(PARTS.into_iter().zip(parts.map(Value::string))))
}

fn build(call: &Call<'_>) -> Outcome {
    let mut out = String::from("arn");
    for index in 0..PARTS.len() {
        out.push(':');
        out.push_str(call.text(index)?);
    }
    Ok(Value::string(out))
}

/// The role's ARN without the path between `role/` and the name.
fn trim(call: &Call<'_>) -> Outcome {
    let arn = call.text(0)?;
    let [partition, service, region, account, resource] = split(arn)?;
    if service != "iam" {
        return Err("service must be \"iam\"".into());
    }
    if !region.is_empty() {
        return Err("region must be empty".into());
    }
    let Some(path) = resource.strip_prefix("role/") else { return Err("resource must begin with \"role/\"".into()) };
    let name = path.rsplit('/').next().unwrap_or(path);
    Ok(Value::string(format!("arn:{partition}:{service}:{region}:{account}:role/{name}")))
}
