//! Who can reach artifacts.

use super::repairs;
use crate::domain::pattern::Verdict;
use crate::domain::policy::{Policy, Principals, Statement, names_everyone};
use crate::lint::finding::{Fix, Level};
use crate::lint::iam::{Document, Kind};
use crate::lint::model::{Aspect, Attr, Bucket, Delivery, covers_action, has_condition, policy_of};
use crate::lint::rewrite;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::HashSet;

/// Artifact buckets made here, each once.
pub(in crate::lint::rules) fn buckets<'m>(context: &Context<'m>) -> Vec<(Delivery<'m>, Bucket<'m>)> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for pipeline in context.pipelines() {
        for object in pipeline.buckets() {
            if seen.insert(object.address().to_owned()) {
                out.push((pipeline.clone(), Bucket::new(context.model, object)));
            }
        }
    }
    out
}

macro_rules! with_bucket {
    ($($more:literal),* $(,)?) => {
        concat!(
            "resource \"aws_s3_bucket\" \"artifacts\" {\n  bucket = \"shop-artifacts\"\n}\n",
            $("\n", $more,)*
            "\nresource \"aws_codepipeline\" \"shop\" {\n  name     = \"shop\"\n  role_arn = aws_iam_role.shop.arn\n\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n}\n"
        )
    };
}
pub(super) use with_bucket;

/// Public access.
pub const S3001: Rule = Rule {
    id: "S3001",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "The artifact bucket does not block public access fully",
    rationale: "Artifacts hold source code and what is deployed. One wrong policy or ACL makes them public unless all four blocks are on in the configuration, for the bucket or for the account. New buckets have them on since April 2023, but nothing keeps them so, and older ones do not.",
    source: "S3 User Guide: blocking public access",
    bad: with_bucket!(),
    good: with_bucket!(
        "resource \"aws_s3_bucket_public_access_block\" \"artifacts\" {\n  bucket                  = aws_s3_bucket.artifacts.id\n  block_public_acls       = true\n  block_public_policy     = true\n  ignore_public_acls      = true\n  restrict_public_buckets = true\n}\n"
    ),
    check: public,
};

/// The kinds of public access that a block leaves open.
fn unblocked(block: &Attr<'_>) -> Vec<&'static str> {
    const ALL: [&str; 4] =
        ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];
    let open = |name: &&str| block.get(name).bool() == Some(false) || block.get(name).value().is_none();
    ALL.into_iter().filter(open).collect()
}

fn public(context: &Context<'_>, found: &mut Reporter<'_>) {
    const ADVICE: &str = "Set block_public_acls, block_public_policy, ignore_public_acls and restrict_public_buckets to true in an aws_s3_bucket_public_access_block.";
    // What blocks the whole account blocks each bucket.
    let blocked =
        context.model.all("aws_s3_account_public_access_block").any(|block| unblocked(&block.root()).is_empty());
    for (_, bucket) in buckets(context) {
        match bucket.public_access() {
            _ if blocked => {}
            Aspect::Unset => {
                let fix = repairs::block_public_access(context.model, bucket.object);
                found.on(bucket.object, "The artifact bucket has no public access block", ADVICE).fix = fix;
            }
            Aspect::Unclear => {
                found.note(bucket.object, "whether public access is blocked depends on what is not known yet")
            }
            Aspect::Set(block) => {
                let off = unblocked(&block);
                if !off.is_empty() {
                    let summary = format!("The artifact bucket does not have {}", off.join(", "));
                    let edits = off.iter().map(|name| rewrite::set(context.model, &block.get(name), "true")).collect();
                    found.at(&block, summary, ADVICE).fix = Fix::all("Block public access", edits);
                }
            }
        }
    }
}

/// TLS.
pub const S3002: Rule = Rule {
    id: "S3002",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "The artifact bucket accepts requests without TLS",
    rationale: "Without a Deny for aws:SecureTransport = false artifacts may travel in plain HTTP. The statement must cover the bucket and its objects.",
    source: "CodePipeline User Guide: configure server-side encryption for artifacts; S3 security best practices",
    bad: with_bucket!(),
    good: with_bucket!(
        "resource \"aws_s3_bucket_policy\" \"artifacts\" {\n  bucket = aws_s3_bucket.artifacts.id\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Deny\"\n      Principal = \"*\"\n      Action    = \"s3:*\"\n      Resource  = [aws_s3_bucket.artifacts.arn, \"${aws_s3_bucket.artifacts.arn}/*\"]\n      Condition = { Bool = { \"aws:SecureTransport\" = \"false\" } }\n    }]\n  })\n}\n"
    ),
    check: tls,
};

/// Whether a statement refuses plain HTTP to everybody: for the bucket, and for its objects.
fn refuses_plain(statement: &Statement) -> (bool, bool) {
    // A further condition would let requests pass that do not fulfil it.
    let alone = statement.conditions.values().map(|keys| keys.len()).sum::<usize>() == 1;
    let secure = statement.conditions.iter().any(|(operator, keys)| {
        let bool_like = operator.to_ascii_lowercase().starts_with("bool");
        bool_like && keys.iter().any(|(k, v)| k.eq_ignore_ascii_case("aws:securetransport") && v.contains("false"))
    });
    // Requests without TLS have no version of it: only …IfExists is about them.
    let old = statement.conditions.keys().any(|o| o.eq_ignore_ascii_case("NumericLessThanIfExists"))
        && has_condition(statement, &["s3:TlsVersion"]);
    let everybody = statement.principals.as_ref().is_some_and(names_everyone);
    let objects_action = ["s3:GetObject", "s3:PutObject"].iter().all(|a| covers_action(statement, a));
    if statement.effect != "Deny" || !alone || !(secure || old) || !everybody || !objects_action {
        return (false, false);
    }
    let all = statement.resources.iter().any(|r| r == "*");
    let objects = all || statement.resources.iter().any(|r| r.ends_with("/*") || r.ends_with('*'));
    let bucket = all || statement.resources.iter().any(|r| !r.ends_with("/*"));
    (bucket, objects)
}

fn tls(context: &Context<'_>, found: &mut Reporter<'_>) {
    for (_, bucket) in buckets(context) {
        let Some((place, policy)) = bucket.parsed_policy() else {
            found.note(bucket.object, "the bucket policy is not known yet");
            continue;
        };
        let covered =
            policy.statements.iter().map(refuses_plain).fold((false, false), |(a, b), (c, d)| (a || c, b || d));
        let advice = "Add a statement to its policy that denies s3:* to everybody for the bucket and bucket/* when aws:SecureTransport is false.";
        let summary = match covered {
            (true, true) => continue,
            (_, true) => "The statement that wants TLS covers the objects of the artifact bucket, but not the bucket",
            (true, _) => "The statement that wants TLS covers the artifact bucket, but not its objects",
            _ => "The artifact bucket accepts requests without TLS",
        };
        match place {
            Some(attr) => {
                let document = Document::of(context.model, attr.clone(), Kind::Identity);
                let fix = document.and_then(|d| repairs::want_tls(&d, bucket.object));
                found.at(&attr, summary, advice).fix = fix;
            }
            None => {
                let fix = repairs::add_tls_policy(context.model, bucket.object);
                found.on(bucket.object, summary, advice).fix = fix;
            }
        }
    }
}

/// Other accounts.
pub const S3009: Rule = Rule {
    id: "S3009",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "An action's role in another account may not read the artifacts",
    rationale: "A role of another account needs the bucket policy, and with a customer key the key policy, to let it in; its own policies are not enough. The action fails when it fetches its input.",
    source: "CodePipeline User Guide: create a pipeline that uses resources from another account",
    bad: concat!(
        "resource \"aws_s3_bucket\" \"artifacts\" {\n  bucket = \"shop-artifacts\"\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name     = \"shop\"\n  role_arn = \"arn:aws:iam::111122223333:role/shop\"\n\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n\n",
        stage!(
            "Deploy",
            action!(
                "Stack",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      role_arn        = \"arn:aws:iam::444455556666:role/deploy\"\n      input_artifacts = [\"source\"]\n"
            )
        ),
        "}\n"
    ),
    good: concat!(
        "resource \"aws_s3_bucket\" \"artifacts\" {\n  bucket = \"shop-artifacts\"\n}\n\nresource \"aws_s3_bucket_policy\" \"artifacts\" {\n  bucket = aws_s3_bucket.artifacts.id\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Allow\"\n      Principal = { AWS = \"arn:aws:iam::444455556666:role/deploy\" }\n      Action    = [\"s3:GetObject\", \"s3:PutObject\"]\n      Resource  = \"${aws_s3_bucket.artifacts.arn}/*\"\n    }]\n  })\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name     = \"shop\"\n  role_arn = \"arn:aws:iam::111122223333:role/shop\"\n\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n\n",
        stage!(
            "Deploy",
            action!(
                "Stack",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      role_arn        = \"arn:aws:iam::444455556666:role/deploy\"\n      input_artifacts = [\"source\"]\n"
            )
        ),
        "}\n"
    ),
    check: other_accounts,
};

/// The account of an ARN, if it is written there.
pub(super) fn account_of(arn: &str) -> Option<&str> {
    let account = arn.split(':').nth(4)?;
    (account.len() == 12 && account.chars().all(|c| c.is_ascii_digit())).then_some(account)
}

/// Whether a policy lets a principal do something, as far as principals and actions tell.
fn lets_in(policy: &Policy, role: &str, action: &str) -> bool {
    let account = account_of(role).unwrap_or_default();
    policy.statements.iter().filter(|s| s.effect == "Allow" && covers_action(s, action)).any(|s| match &s.principals {
        Some(Principals::Everyone) => true,
        Some(Principals::Some(kinds)) => kinds.get("AWS").is_some_and(|aws| {
            aws.iter().any(|p| {
                p == "*"
                    || p == role
                    || p.contains(account) && p.ends_with(":root")
                    || p == account
                    || crate::lang::value::symbol::has_symbol(p)
            })
        }),
        None => false,
    })
}

fn other_accounts(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let own = pipeline.object.get("role_arn");
        let Some(home) = own.text().and_then(|t| account_of(t.0)) else { continue };
        for action in pipeline.actions() {
            let attr = action.attr.get("role_arn");
            let Some(role) = attr.known().filter(|r| account_of(r).is_some_and(|a| a != home)) else { continue };
            for object in pipeline.buckets() {
                let Some((_, policy)) = Bucket::new(context.model, object).parsed_policy() else { continue };
                if !lets_in(&policy, role, "s3:GetObject") {
                    found.at_part(
                        &attr,
                        object.address(),
                        format!("The policy of {} does not let in the role of {}", object.address(), action.title()),
                        "The role is of another account. Allow it s3:GetObject and s3:PutObject on the bucket's objects in the bucket policy.",
                    );
                }
            }
            for (_, key) in pipeline.keys() {
                let Some(key) = key.here().filter(|k| k.type_name() == "aws_kms_key") else { continue };
                let policy = context.model.key_policy(key);
                let known = policy_of(&policy);
                let missing = match &known {
                    Some(policy) => !lets_in(policy, role, "kms:Decrypt"),
                    None => {
                        policy.value().is_none()
                            || policy.text().is_some_and(|t| t.symbol().is_some_and(|s| s.address == key.address()))
                    }
                };
                if missing {
                    found.at_part(
                        &attr,
                        key.address(),
                        format!("The policy of {} does not let in the role of {}", key.address(), action.title()),
                        "The role is of another account. Allow it kms:Decrypt, kms:Encrypt, kms:ReEncrypt*, kms:GenerateDataKey* and kms:DescribeKey in the key policy.",
                    );
                }
            }
        }
    }
}

/// Traces.
pub const S3012: Rule = Rule {
    id: "S3012",
    severity: Level::Info,
    confidence: Confidence::High,
    title: "Nothing records who reads and writes artifacts",
    rationale: "With neither access logging nor data events a replaced artifact leaves no trace.",
    source: "S3 User Guide: logging requests; CloudTrail User Guide: data events",
    bad: with_bucket!(),
    good: with_bucket!(
        "resource \"aws_s3_bucket_logging\" \"artifacts\" {\n  bucket        = aws_s3_bucket.artifacts.id\n  target_bucket = \"access-logs\"\n  target_prefix = \"artifacts/\"\n}\n"
    ),
    check: traces,
};

fn traces(context: &Context<'_>, found: &mut Reporter<'_>) {
    for (_, bucket) in buckets(context) {
        let unset = matches!(bucket.logging(), Aspect::Unset);
        if unset && context.model.records_writes(bucket.object) == Verdict::No {
            found.on(
                bucket.object,
                "Nothing records who reads and writes the artifact bucket",
                "Add an aws_s3_bucket_logging, or data events for the bucket to a trail.",
            );
        }
    }
}

/// Open policies.
pub const S3013: Rule = Rule {
    id: "S3013",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "The policy of the artifact bucket lets in everybody, or a service on anybody's behalf",
    rationale: "A principal * without a condition opens the bucket; a service principal without aws:SourceAccount or aws:SourceArn lets the service act for other accounts (confused deputy).",
    source: "S3 User Guide: bucket policies; IAM User Guide: the confused deputy problem",
    bad: with_bucket!(
        "resource \"aws_s3_bucket_policy\" \"artifacts\" {\n  bucket = aws_s3_bucket.artifacts.id\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Allow\"\n      Principal = \"*\"\n      Action    = \"s3:GetObject\"\n      Resource  = \"${aws_s3_bucket.artifacts.arn}/*\"\n    }]\n  })\n}\n"
    ),
    good: with_bucket!(
        "resource \"aws_s3_bucket_policy\" \"artifacts\" {\n  bucket = aws_s3_bucket.artifacts.id\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Allow\"\n      Principal = { AWS = \"arn:aws:iam::111122223333:role/deploy\" }\n      Action    = \"s3:GetObject\"\n      Resource  = \"${aws_s3_bucket.artifacts.arn}/*\"\n    }]\n  })\n}\n"
    ),
    check: open,
};

/// Whether a condition of a statement leaves some callers out: it is about more than the request itself.
fn binds_callers(statement: &Statement) -> bool {
    const OF_REQUESTS: &[&str] = &[
        "aws:securetransport",
        "aws:referer",
        "aws:useragent",
        "aws:currenttime",
        "aws:epochtime",
        "aws:requestedregion",
    ];
    let binds = |key: &String| {
        let key = key.to_ascii_lowercase();
        let of_object = key.starts_with("s3:") && !key.starts_with("s3:dataaccesspoint") && key != "s3:resourceaccount";
        !of_object && !OF_REQUESTS.contains(&key.as_str())
    };
    statement.conditions.values().any(|keys| keys.keys().any(binds))
}

fn open(context: &Context<'_>, found: &mut Reporter<'_>) {
    for (_, bucket) in buckets(context) {
        let Some((Some(place), policy)) = bucket.parsed_policy() else { continue };
        for (number, statement) in policy.statements.iter().enumerate().filter(|(_, s)| s.effect == "Allow") {
            let name = statement.sid.clone().unwrap_or_else(|| format!("number {}", number + 1));
            let everybody = statement.principals.as_ref().is_some_and(names_everyone);
            if everybody && !binds_callers(statement) {
                found.at_part(
                    &place,
                    &name,
                    format!("The statement {name} of the artifact bucket's policy lets in everybody"),
                    "Name the roles that need it, or limit it by a condition such as aws:PrincipalOrgID.",
                );
                continue;
            }
            let services = match &statement.principals {
                Some(Principals::Some(kinds)) => kinds.get("Service").cloned().unwrap_or_default(),
                _ => Default::default(),
            };
            let limited = has_condition(
                statement,
                &["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:PrincipalOrgID"],
            );
            if !services.is_empty() && !limited {
                let list: Vec<String> = services.into_iter().collect();
                found.at_part(
                    &place,
                    &name,
                    format!("The statement {name} lets in {} on anybody's behalf", list.join(", ")),
                    "Add a condition on aws:SourceAccount or aws:SourceArn.",
                );
            }
        }
    }
}
