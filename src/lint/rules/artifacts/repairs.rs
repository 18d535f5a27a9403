//! What is added to a bucket to repair it: a resource next to it, or a statement of its policy.

use crate::lint::finding::Fix;
use crate::lint::iam::{Document, Form};
use crate::lint::model::{Model, Object};
use crate::lint::rewrite;

/// A resource of this type for the bucket; `rest` are its lines behind `bucket = …`.
fn beside(model: &Model<'_>, bucket: &Object<'_>, type_name: &str, rest: &str) -> Option<crate::lint::finding::Edit> {
    let own = rewrite::reference(bucket, bucket)?;
    let name = rewrite::free_name(model, bucket, type_name)?;
    let block = format!("resource \"{type_name}\" \"{name}\" {{\n  bucket = {own}.id\n{rest}}}\n");
    rewrite::append(model, bucket, &crate::lang::fmt::format(&block))
}

/// A public access block.
pub fn block_public_access(model: &Model<'_>, bucket: &Object<'_>) -> Option<Fix> {
    let rest = "\n  block_public_acls       = true\n  block_public_policy     = true\n  ignore_public_acls      = true\n  restrict_public_buckets = true\n";
    Fix::one("Add a public access block", beside(model, bucket, "aws_s3_bucket_public_access_block", rest))
}

/// Versioning.
pub fn add_versioning(model: &Model<'_>, bucket: &Object<'_>) -> Option<Fix> {
    let rest = "\n  versioning_configuration {\n    status = \"Enabled\"\n  }\n";
    Fix::one("Add versioning", beside(model, bucket, "aws_s3_bucket_versioning", rest))
}

/// Notifications to EventBridge.
pub fn add_notification(model: &Model<'_>, bucket: &Object<'_>) -> Option<Fix> {
    let edit = beside(model, bucket, "aws_s3_bucket_notification", "  eventbridge = true\n");
    Fix::one("Let the bucket send events to EventBridge", edit)
}

const TLS: &str = "Refuse requests without TLS";

/// A policy for a bucket that has none.
pub fn add_tls_policy(model: &Model<'_>, bucket: &Object<'_>) -> Option<Fix> {
    let own = rewrite::reference(bucket, bucket)?;
    let statement = statement(&own, "    ");
    let rest =
        format!("\n  policy = jsonencode({{\n    Version   = \"2012-10-17\"\n    Statement = [{statement}]\n  }})\n");
    Fix::one(TLS, beside(model, bucket, "aws_s3_bucket_policy", &rest))
}

/// A statement for the policy that a bucket has.
pub fn want_tls(document: &Document<'_>, bucket: &Object<'_>) -> Option<Fix> {
    let own = rewrite::reference(document.home(), bucket)?;
    let edits = match &document.form {
        Form::Encoded(_) => document.with_objects(|indent| vec![statement(&own, indent)]),
        Form::Data(_) => document.with_blocks(&[block(&own)]),
        _ => None,
    };
    Fix::all(TLS, edits)
}

fn statement(bucket: &str, indent: &str) -> String {
    format!(
        "{{\n{indent}  Sid       = \"RefusePlainHttp\"\n{indent}  Effect    = \"Deny\"\n{indent}  Principal = \"*\"\n{indent}  Action    = \"s3:*\"\n{indent}  Resource  = [{bucket}.arn, \"${{{bucket}.arn}}/*\"]\n{indent}  Condition = {{ Bool = {{ \"aws:SecureTransport\" = \"false\" }} }}\n{indent}}}"
    )
}

fn block(bucket: &str) -> String {
    format!(
        "  statement {{\n    sid       = \"RefusePlainHttp\"\n    effect    = \"Deny\"\n    actions   = [\"s3:*\"]\n    resources = [{bucket}.arn, \"${{{bucket}.arn}}/*\"]\n\n    principals {{\n      type        = \"*\"\n      identifiers = [\"*\"]\n    }}\n\n    condition {{\n      test     = \"Bool\"\n      variable = \"aws:SecureTransport\"\n      values   = [\"false\"]\n    }}\n  }}\n"
    )
}
