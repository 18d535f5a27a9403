//! How artifacts are encrypted.

use super::access::{account_of, buckets};
use crate::domain::policy::{Operator, Statement, names_everyone};
use crate::lint::finding::{Fix, Level};
use crate::lint::model::{Found, covers_action, policy_of};
use crate::lint::rewrite;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// A key that can be shared.
pub const S3003: Rule = Rule {
    id: "S3003",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "Artifacts for another account are not encrypted with a customer key",
    rationale: "Without an encryption key in the artifact store artifacts are encrypted with the account's own S3 key, which cannot be shared: actions with a role of another account cannot read them.",
    source: "CodePipeline User Guide: configure server-side encryption for artifacts",
    bad: concat!(
        "resource \"aws_codepipeline\" \"shop\" {\n  name     = \"shop\"\n  role_arn = \"arn:aws:iam::111122223333:role/shop\"\n\n  artifact_store {\n    type     = \"S3\"\n    location = \"shop-artifacts\"\n  }\n\n",
        stage!(
            "Deploy",
            action!(
                "Stack",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      role_arn = \"arn:aws:iam::444455556666:role/deploy\"\n"
            )
        ),
        "}\n"
    ),
    good: concat!(
        "resource \"aws_codepipeline\" \"shop\" {\n  name     = \"shop\"\n  role_arn = \"arn:aws:iam::111122223333:role/shop\"\n\n  artifact_store {\n    type     = \"S3\"\n    location = \"shop-artifacts\"\n    encryption_key {\n      type = \"KMS\"\n      id   = aws_kms_key.artifacts.arn\n    }\n  }\n\n",
        stage!(
            "Deploy",
            action!(
                "Stack",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      role_arn = \"arn:aws:iam::444455556666:role/deploy\"\n"
            )
        ),
        "}\n"
    ),
    check: shared,
};

fn shared(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let own = pipeline.object.get("role_arn");
        let Some(home) = own.text().and_then(|t| account_of(t.0)) else { continue };
        let foreign =
            pipeline.actions().find(|a| a.attr.get("role_arn").known().and_then(account_of).is_some_and(|o| o != home));
        let Some(action) = foreign else { continue };
        for store in pipeline.stores() {
            let key = store.block("encryption_key").get("id");
            let of_service = key.known().is_some_and(|id| id.ends_with("alias/aws/s3"));
            if store.get("encryption_key").is_set() && !of_service {
                continue;
            }
            found.at(
                if of_service { &key } else { &store },
                format!("{} runs in another account and cannot read the artifacts", action.title()),
                "Give the artifact store an encryption_key: a customer managed key whose policy lets in the other account's role.",
            );
        }
    }
    for (pipeline, bucket) in buckets(context) {
        let Some((_, policy)) = bucket.parsed_policy() else { continue };
        let Some(statement) = policy.statements.iter().find(|s| demands_key(s)) else { continue };
        for store in pipeline.stores().iter().filter(|s| !s.get("encryption_key").is_set()) {
            let name =
                statement.sid.as_ref().map_or_else(|| "A statement".to_owned(), |sid| format!("The statement {sid}"));
            found.at_part(
                store,
                "policy",
                format!("{name} of the bucket policy demands a key that the artifact store does not name"),
                "Artifacts are then written with the key of S3, and refused. Give the artifact store the encryption_key that the policy asks for.",
            );
        }
    }
}

/// Whether a statement refuses what is written with another key than one.
fn demands_key(statement: &Statement) -> bool {
    statement.effect == "Deny"
        && covers_action(statement, "s3:PutObject")
        && statement.conditions.iter().any(|(operator, keys)| {
            Operator::parse(operator).is_some_and(|o| o.negated)
                && keys.keys().any(|k| k.eq_ignore_ascii_case("s3:x-amz-server-side-encryption-aws-kms-key-id"))
        })
}

/// The store's key.
pub const S3004: Rule = Rule {
    id: "S3004",
    severity: Level::Info,
    confidence: Confidence::Medium,
    title: "The artifact store names no encryption key",
    rationale: "CodePipeline then encrypts artifacts with the default key for S3 whatever the bucket's own default is. A customer key can be audited, shared and taken away.",
    source: "CodePipeline API: EncryptionKey",
    bad: pipeline!(source!(), build!()),
    good: "resource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = \"shop-artifacts\"\n    encryption_key {\n      type = \"KMS\"\n      id   = aws_kms_key.artifacts.arn\n    }\n  }\n}\n",
    check: named,
};

fn named(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for store in pipeline.stores().iter().filter(|s| !s.get("encryption_key").is_set()) {
            found.at(
                store,
                "The artifact store names no encryption key",
                "Add encryption_key with type = \"KMS\" and the ARN of a customer managed key.",
            );
        }
    }
}

/// Keys that cannot be used.
pub const S3010: Rule = Rule {
    id: "S3010",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "The artifact store's key cannot be used",
    rationale: "An alias is looked up in the pipeline's own account, so that of another account's key leads nowhere; and artifacts can only be encrypted with symmetric keys.",
    source: "CodePipeline User Guide: configure server-side encryption for artifacts",
    bad: "resource \"aws_kms_key\" \"artifacts\" {\n  customer_master_key_spec = \"RSA_2048\"\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = \"shop-artifacts\"\n    encryption_key {\n      type = \"KMS\"\n      id   = aws_kms_key.artifacts.arn\n    }\n  }\n}\n",
    good: "resource \"aws_kms_key\" \"artifacts\" {\n  enable_key_rotation = true\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = \"shop-artifacts\"\n    encryption_key {\n      type = \"KMS\"\n      id   = aws_kms_key.artifacts.arn\n    }\n  }\n}\n",
    check: usable,
};

fn usable(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let role = pipeline.object.get("role_arn");
        let home = role.text().and_then(|t| account_of(t.0));
        for (id, key) in pipeline.keys() {
            if let Some(text) = id.text()
                && text.0.contains(":alias/")
                && let (Some(owner), Some(home)) = (account_of(text.0), home)
                && owner != home
            {
                found.at(
                    &id,
                    format!("The artifact store names an alias of account {owner}, but the pipeline is in {home}"),
                    "An alias is looked up in the pipeline's own account. Name the key by its ARN.",
                );
            }
            let Found::Here(key) = key else { continue };
            // Another use is another kind: one of the two is told.
            for name in ["customer_master_key_spec", "key_usage"] {
                let spec = key.get(name);
                let fine = matches!(spec.str(), "" | "SYMMETRIC_DEFAULT" | "ENCRYPT_DECRYPT");
                if key.type_name() == "aws_kms_key" && !fine {
                    found.at(
                        &spec,
                        format!("The artifact store's key has {name} = {}", spec.shown()),
                        "Artifacts can only be encrypted with a symmetric key: leave customer_master_key_spec and key_usage out.",
                    );
                    break;
                }
            }
        }
    }
}

/// Care of the key.
pub const S3011: Rule = Rule {
    id: "S3011",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "The artifact store's key is not rotated, or its policy lets in everybody",
    rationale: "A key that never changes is worth more to a thief every year; a key policy with principal * gives the key away.",
    source: "KMS Developer Guide: rotating keys, key policies",
    bad: "resource \"aws_kms_key\" \"artifacts\" {}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = \"shop-artifacts\"\n    encryption_key {\n      type = \"KMS\"\n      id   = aws_kms_key.artifacts.arn\n    }\n  }\n}\n",
    good: "resource \"aws_kms_key\" \"artifacts\" {\n  enable_key_rotation = true\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = \"shop-artifacts\"\n    encryption_key {\n      type = \"KMS\"\n      id   = aws_kms_key.artifacts.arn\n    }\n  }\n}\n",
    check: cared_for,
};

fn cared_for(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for (_, key) in pipeline.keys() {
            let Some(key) = key.here().filter(|k| k.type_name() == "aws_kms_key") else { continue };
            let rotation = key.get("enable_key_rotation");
            if !rotation.is_unknown() && rotation.bool() != Some(true) {
                let summary = format!("The key {} is not rotated", key.address());
                // Only symmetric keys whose material KMS makes are rotated.
                let plain = ["customer_master_key_spec", "key_usage", "custom_key_store_id"].iter().all(|name| {
                    let attr = key.get(name);
                    attr.expr().is_none() || matches!(attr.str(), "SYMMETRIC_DEFAULT" | "ENCRYPT_DECRYPT")
                });
                let fix = Fix::one("Rotate the key", rewrite::set(context.model, &rotation, "true").filter(|_| plain));
                found.at(&rotation, summary, "Set enable_key_rotation = true.").fix = fix;
            }
            let attr = context.model.key_policy(key);
            for statement in policy_of(&attr).into_iter().flat_map(|p| p.statements).filter(|s| s.effect == "Allow") {
                let everybody = statement.principals.as_ref().is_some_and(names_everyone);
                if everybody && statement.conditions.is_empty() {
                    let sid = statement.sid.clone().unwrap_or_default();
                    found.at_part(
                        &attr,
                        &sid,
                        format!("The policy of the key {} lets in everybody", key.address()),
                        "Name the account and roles that need the key, or limit it by a condition such as kms:ViaService.",
                    );
                }
            }
        }
    }
}
