//! Names of functions: `NAME`, `NAME:QUALIFIER`, `ACCOUNT:function:NAME` or an ARN with or without qualifier.

use crate::provider::aws::aws::Aws;

/// What Lambda answers when there is no such function, version, alias or policy.
pub const GONE: &[&str] = &["ResourceNotFoundException"];

/// The parts of a function's ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The ARN without qualifier.
    pub arn: &'a str,
    /// The name alone.
    pub name: &'a str,
    /// Version or alias.
    pub qualifier: Option<&'a str>,
}

/// The parts of an ARN such as a policy statement's resource.
pub fn parts(arn: &str) -> Option<Parts<'_>> {
    let (_, rest) = arn.split_once(":function:")?;
    let (name, qualifier) = match rest.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (rest, None),
    };
    let plain = qualifier.and_then(|q| arn.strip_suffix(q)?.strip_suffix(':')).unwrap_or(arn);
    Some(Parts { arn: plain, name, qualifier })
}

/// The ARN API Gateway calls a function, version or alias by.
pub fn invoke_arn(aws: &Aws, arn: &str) -> String {
    let partition = aws.partition().id;
    format!("arn:{partition}:apigateway:{}:lambda:path/2015-03-31/functions/{arn}/invocations", aws.region())
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
    fn an_arn_is_taken_apart() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
        assert_eq!(parts(arn), Some(Parts { arn, name: "f", qualifier: None }));
        let qualified = format!("{arn}:live");
        assert_eq!(parts(&qualified), Some(Parts { arn, name: "f", qualifier: Some("live") }));
        assert_eq!(parts("f"), None);
    }
}
