//! What others must let CloudTrail do before a trail can be: whether trying again is worth it when they refuse, and what to say when not.

use crate::domain::policy::{Caller, Context, Fact, Named, Policies, Policy, Request, Verdict, evaluate};
use crate::provider::aws::failure::Failure;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::Cx;
use crate::provider::aws::s3::bucket_policy;
use crate::provider::aws::written::Guarded;

const SERVICE: &str = "cloudtrail.amazonaws.com";

/// The reason to try again, when the refusal may pass: what it needs was written by this run and is not known everywhere yet.
pub fn settling(cx: &Cx<'_>, plan: &Obj<'_>, failure: &Failure) -> Option<&'static str> {
    let denied = failure.message().contains("Access denied");
    match failure.code() {
        "InvalidCloudWatchLogsRoleArnException" if denied => {
            Some("CloudTrail cannot use the role for CloudWatch Logs yet")
        }
        "InvalidCloudWatchLogsLogGroupArnException" if denied => Some("CloudTrail cannot write to the log group yet"),
        code => {
            let guarded = refused(code)?;
            let name = name_of(guarded, cx, plan)?;
            let Some(written) = cx.aws.written().document(guarded, &name) else {
                // An alias does not tell which key it is.
                let alias = guarded == Guarded::Key && plan.str("kms_key_id").contains("alias/");
                return (alias && cx.aws.written().any(guarded)).then(|| reason(guarded));
            };
            let needs = needs_of(guarded, cx, plan, &name);
            missing(&written, &needs).is_empty().then(|| reason(guarded))
        }
    }
}

/// The failure with what is missing where, if it is a refusal: a policy that is not there does not come by waiting.
pub async fn explained(cx: &Cx<'_>, plan: &Obj<'_>, failure: Failure) -> Failure {
    let Some(guarded) = refused(failure.code()) else { return failure };
    let Some(name) = name_of(guarded, cx, plan) else { return failure };
    let needs = needs_of(guarded, cx, plan, &name);
    let live = match guarded {
        Guarded::Bucket => bucket_policy::get(cx, &name).await.ok(),
        Guarded::Topic | Guarded::Key => None,
    };
    let missing = match &live {
        Some(Some(document)) => missing(document, &needs),
        _ => needs.iter().collect(),
    };
    let listed = |needs: &[&Need]| needs.iter().map(|n| n.to_string()).collect::<Vec<_>>().join(" and ");
    let all: Vec<&Need> = needs.iter().collect();
    let subject = subject(guarded);
    let hint = match live {
        Some(None) => {
            format!("Bucket {name} has no policy: write one that allows {SERVICE} {}.", listed(&all))
        }
        _ if missing.is_empty() => format!(
            "The policy of {subject} {name} seems to allow what a trail needs ({}). Look for a Deny, a condition on another trail, or a key that encrypts the bucket.",
            listed(&all)
        ),
        Some(Some(_)) => format!("The policy of bucket {name} does not allow {SERVICE} {}: add it.", listed(&missing)),
        None => format!("The policy of {subject} {name} must allow {SERVICE} {}.", listed(&all)),
    };
    failure.diagnostic(&cx.doing).hint(hint).into()
}

/// Whose policy refused.
fn refused(code: &str) -> Option<Guarded> {
    Some(match code {
        "InsufficientS3BucketPolicyException" => Guarded::Bucket,
        "InsufficientSnsTopicPolicyException" => Guarded::Topic,
        "InsufficientEncryptionPolicyException" => Guarded::Key,
        _ => return None,
    })
}

fn subject(guarded: Guarded) -> &'static str {
    match guarded {
        Guarded::Bucket => "bucket",
        Guarded::Topic => "topic",
        Guarded::Key => "key",
    }
}

fn reason(guarded: Guarded) -> &'static str {
    match guarded {
        Guarded::Bucket => "the bucket's new policy is not known to CloudTrail yet",
        Guarded::Topic => "the topic's new policy is not known to CloudTrail yet",
        Guarded::Key => "the key's new policy is not known to CloudTrail yet",
    }
}

/// What [`Guarded`] goes by.
fn name_of(guarded: Guarded, cx: &Cx<'_>, plan: &Obj<'_>) -> Option<String> {
    match guarded {
        Guarded::Bucket => plan.string("s3_bucket_name"),
        Guarded::Topic => {
            let topic = plan.opt("sns_topic_name")?;
            if topic.starts_with("arn:") { Some(topic.to_owned()) } else { cx.aws.arn("sns", topic) }
        }
        Guarded::Key => Some(plan.opt("kms_key_id")?.rsplit('/').next()?.to_owned()),
    }
}

fn needs_of(guarded: Guarded, cx: &Cx<'_>, plan: &Obj<'_>, name: &str) -> Vec<Need> {
    let need = |action: &'static str, resource: String| Need { action, resource, facts: facts(cx, plan) };
    match guarded {
        Guarded::Bucket => {
            let bucket = format!("arn:{}:s3:::{name}", cx.aws.partition().id);
            let prefix = plan.opt("s3_key_prefix").map(|p| format!("{p}/")).unwrap_or_default();
            let objects = format!("{bucket}/{prefix}AWSLogs/{}/*", cx.aws.account().unwrap_or("*"));
            vec![need("s3:GetBucketAcl", bucket), need("s3:PutObject", objects)]
        }
        Guarded::Topic => vec![need("sns:Publish", name.to_owned())],
        Guarded::Key => {
            let key = cx.aws.arn("kms", &format!("key/{name}"));
            vec![need("kms:GenerateDataKey", key.unwrap_or_else(|| "*".into()))]
        }
    }
}

/// What CloudTrail must be allowed.
#[derive(Debug)]
struct Need {
    action: &'static str,
    resource: String,
    facts: Context,
}

impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on {}", self.action, self.resource)
    }
}

/// What CloudTrail's requests carry: the trail and its account, and that the log's owner is the bucket's.
fn facts(cx: &Cx<'_>, plan: &Obj<'_>) -> Context {
    let mut facts = Context::partial().with("s3:x-amz-acl", &["bucket-owner-full-control"]);
    // The trail of an organization belongs to its management account, which may be another one.
    if !plan.bool("is_organization_trail")
        && let Some(account) = cx.aws.account()
    {
        facts.set("aws:SourceAccount", Fact::Values(vec![account.to_owned()]));
        let trail = cx.aws.arn("cloudtrail", &format!("trail/{}", plan.str("name")));
        facts.set("aws:SourceArn", trail.map_or(Fact::Unknown, |arn| Fact::Values(vec![arn])));
    }
    facts
}

/// Those that the document certainly does not allow. What cannot be read is no evidence.
fn missing<'a>(document: &str, needs: &'a [Need]) -> Vec<&'a Need> {
    let Some(policy) = Policy::parse(document) else { return Vec::new() };
    let not_allowed = |need: &&Need| {
        let policies = Policies { resource: Some(Named { name: "policy", policy: &policy }), ..Policies::default() };
        let request = Request {
            caller: Caller::Service(SERVICE.into()),
            action: need.action.into(),
            resource: need.resource.clone(),
            context: need.facts.clone(),
        };
        matches!(evaluate(&policies, &request).verdict, Verdict::NotAllowed | Verdict::Denied)
    };
    needs.iter().filter(not_allowed).collect()
}
