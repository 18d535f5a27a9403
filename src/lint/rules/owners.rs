//! One owner per thing: two resources that set the same thing undo each other with every apply, and no plan is ever empty.

use crate::config::model::IgnoreChanges;
use crate::lang::syntax::ast::{Expr, ExprKind};
use crate::lang::value::symbol;
use crate::lint::finding::Level;
use crate::lint::model::{Attr, Found, Object, Text};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::BTreeMap;

const ROLE: &str = "aws_iam_role";
const BUCKET: &str = "aws_s3_bucket";

/// Policies of roles.
pub const IAM023: Rule = Rule {
    id: "IAM023",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "Policies of a role have two owners",
    rationale: "managed_policy_arns, inline_policy and the …_exclusive types own all policies of their kind and take away every other; \
                aws_iam_policy_attachment owns all attachments of its policy. What another resource attaches is detached by the next apply \
                and attached again by the one after it; in between the pipeline lacks it.",
    source: "hashicorp/aws documentation: aws_iam_role, aws_iam_policy_attachment, aws_iam_role_policy_attachments_exclusive; \
             terraform-provider-aws issues 20984, 41006",
    bad: r#"
resource "aws_iam_role" "pipeline" {
  name                = "pipeline"
  assume_role_policy  = "{}"
  managed_policy_arns = ["arn:aws:iam::aws:policy/AWSCodeDeployDeployerAccess"]
}

resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.pipeline.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
"#,
    good: r#"
resource "aws_iam_role" "pipeline" {
  name               = "pipeline"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.pipeline.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
"#,
    check: policies_of_roles,
};

/// Parts of buckets.
pub const S3015: Rule = Rule {
    id: "S3015",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A part of a bucket is set twice",
    rationale: "A bucket has one lifecycle configuration, one policy, one encryption and so on, and each resource writes it whole. Of two, \
                the last one wins, and the next apply turns it round; rules that keep or delete artifacts come and go.",
    source: "S3 API: PutBucketLifecycleConfiguration and the like replace what is there; terraform-provider-aws issue 25939",
    bad: r#"
resource "aws_s3_bucket_lifecycle_configuration" "short" {
  bucket = "shop-artifacts"
  rule {
    id     = "builds"
    status = "Enabled"
    filter { prefix = "build/" }
    expiration { days = 30 }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "long" {
  bucket = "shop-artifacts"
  rule {
    id     = "releases"
    status = "Enabled"
    filter { prefix = "release/" }
    expiration { days = 365 }
  }
}
"#,
    good: r#"
resource "aws_s3_bucket_lifecycle_configuration" "all" {
  bucket = "shop-artifacts"
  rule {
    id     = "builds"
    status = "Enabled"
    filter { prefix = "build/" }
    expiration { days = 30 }
  }
  rule {
    id     = "releases"
    status = "Enabled"
    filter { prefix = "release/" }
    expiration { days = 365 }
  }
}
"#,
    check: parts_of_buckets,
};

/// Policies of topics, queues and buses.
pub const EV013: Rule = Rule {
    id: "EV013",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "The policy of a topic, queue or bus is set twice",
    rationale: "A topic, a queue and a bus have one policy each, and each resource writes it whole: the last one wins, and senders that only \
                the other lets in are refused until the next apply.",
    source: "SNS, SQS and EventBridge API reference: SetTopicAttributes, SetQueueAttributes, PutPermission",
    bad: r#"
resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

resource "aws_sns_topic_policy" "events" {
  arn    = aws_sns_topic.alerts.arn
  policy = "{}"
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alerts.arn
  policy = "{}"
}
"#,
    good: r#"
resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

resource "aws_sns_topic_policy" "all" {
  arn    = aws_sns_topic.alerts.arn
  policy = "{}"
}
"#,
    check: policies_of_receivers,
};

/// A type of which one object sets what its owner has once: the attribute that names the owner, the owner's type, what it sets, and
/// the owner's arguments that set the same.
struct Part {
    type_name: &'static str,
    owner: (&'static str, &'static str),
    sets: &'static str,
    inline: &'static [&'static str],
}

const fn of_bucket(type_name: &'static str, sets: &'static str, inline: &'static [&'static str]) -> Part {
    Part { type_name, owner: ("bucket", BUCKET), sets, inline }
}

const PARTS_OF_BUCKETS: &[Part] = &[
    of_bucket("aws_s3_bucket_accelerate_configuration", "acceleration", &["acceleration_status"]),
    of_bucket("aws_s3_bucket_acl", "access control list", &["acl", "grant"]),
    of_bucket("aws_s3_bucket_cors_configuration", "CORS configuration", &["cors_rule"]),
    of_bucket("aws_s3_bucket_lifecycle_configuration", "lifecycle configuration", &["lifecycle_rule"]),
    of_bucket("aws_s3_bucket_logging", "access log", &["logging"]),
    of_bucket("aws_s3_bucket_notification", "notifications", &[]),
    of_bucket("aws_s3_bucket_ownership_controls", "ownership controls", &[]),
    of_bucket("aws_s3_bucket_policy", "policy", &["policy"]),
    of_bucket("aws_s3_bucket_public_access_block", "public access block", &[]),
    of_bucket("aws_s3_bucket_replication_configuration", "replication", &["replication_configuration"]),
    of_bucket(
        "aws_s3_bucket_server_side_encryption_configuration",
        "encryption",
        &["server_side_encryption_configuration"],
    ),
    of_bucket("aws_s3_bucket_versioning", "versioning", &["versioning"]),
    of_bucket("aws_s3_bucket_website_configuration", "website", &["website"]),
];

const POLICIES_OF_RECEIVERS: &[Part] = &[
    Part { type_name: "aws_sns_topic_policy", owner: ("arn", "aws_sns_topic"), sets: "policy", inline: &["policy"] },
    Part {
        type_name: "aws_sqs_queue_policy",
        owner: ("queue_url", "aws_sqs_queue"),
        sets: "policy",
        inline: &["policy"],
    },
    Part {
        type_name: "aws_cloudwatch_event_bus_policy",
        owner: ("event_bus_name", "aws_cloudwatch_event_bus"),
        sets: "policy",
        inline: &[],
    },
];

fn parts_of_buckets(context: &Context<'_>, found: &mut Reporter<'_>) {
    PARTS_OF_BUCKETS.iter().for_each(|part| twice(context, part, found));
}

fn policies_of_receivers(context: &Context<'_>, found: &mut Reporter<'_>) {
    POLICIES_OF_RECEIVERS.iter().for_each(|part| twice(context, part, found));
}

fn twice(context: &Context<'_>, part: &Part, found: &mut Reporter<'_>) {
    let (attribute, owner_type) = part.owner;
    let mut first: BTreeMap<String, &Object<'_>> = BTreeMap::new();
    for object in context.model.all(part.type_name) {
        let attr = object.get(attribute);
        let owner = context.model.resolve(&[owner_type], &attr);
        let Some(key) = identity(&owner, &attr, object) else { continue };
        if let Some(other) = first.get(&key) {
            let text = format!("The {} of {} is set by {} too", part.sets, named(&owner, &attr), other.address());
            found.at(&attr, text, "Each apply of one undoes the other. Put everything into one of them.");
        } else {
            first.insert(key, object);
        }
        let Found::Here(owner) = owner else { continue };
        for argument in part.inline.iter().filter(|name| sets(owner, name)) {
            let text = format!("The {} of {} is set by its own argument {argument} too", part.sets, owner.address());
            let advice = format!("Each apply of one undoes the other. Take {argument} out of {}.", owner.address());
            found.at_part(&attr, argument, text, advice);
        }
    }
}

/// What tells one owner from another; `None` where that is not known. A name alone tells it only among objects that go through the same
/// provider.
fn identity(owner: &Found<'_>, attr: &Attr<'_>, object: &Object<'_>) -> Option<String> {
    match owner {
        Found::Here(owner) => Some(owner.address().to_owned()),
        Found::Elsewhere => Some(format!("{} {}", attr.known()?, way(object))),
        Found::Nothing | Found::Unknown => None,
    }
}

fn way(object: &Object<'_>) -> String {
    let provider = object.block().and_then(|b| b.provider.as_ref());
    let alias = provider.and_then(|p| p.alias.as_deref()).unwrap_or_default();
    let local = provider.map(|p| &*p.local_name).unwrap_or_default();
    format!("{} {local}.{alias} {}", object.instance().module, object.region().unwrap_or_default())
}

fn named(owner: &Found<'_>, attr: &Attr<'_>) -> String {
    match owner {
        Found::Here(owner) => owner.address().to_owned(),
        _ => attr.shown(),
    }
}

/// Whether the block of an object says something, and does not say to leave changes of it alone.
fn sets(object: &Object<'_>, name: &str) -> bool {
    let Some(block) = object.block() else { return false };
    let ignored = match &block.lifecycle.ignore_changes {
        IgnoreChanges::None => false,
        IgnoreChanges::All => true,
        IgnoreChanges::Paths(paths) => paths.iter().any(|path| &*path.root.name == name),
    };
    // An empty list that is written out takes everything away; one that comes from elsewhere may be null there, which leaves all alone.
    let list = |expr: &Expr| matches!(expr.kind, ExprKind::Tuple(_));
    // A null leaves it to AWS: what will be there then comes from the object itself.
    let own = |value: &Attr<'_>| value.text().and_then(Text::symbol).is_some_and(|s| s.address == object.address());
    // What is not known may be null, unless something says that it is not.
    let certain = |value: &Attr<'_>| match value.text().and_then(Text::symbol) {
        Some(symbol) => !symbol.address.starts_with("var.") && !symbol.address.contains(".var."),
        None => value.value().is_some_and(|v| v.is_known() || v.range().not_null),
    };
    let set = |value: Attr<'_>| value.is_set() && certain(&value) && !own(&value);
    let argument = block.body.attribute(name).is_some_and(|a| list(&a.expr) || set(object.get(name)));
    !ignored && (argument || block.body.blocks.iter().any(|b| &*b.produces().name == name))
}

const ALONE: &str =
    "The next apply takes it away, and the one after it brings it back. Let one of them own all of these policies.";

fn policies_of_roles(context: &Context<'_>, found: &mut Reporter<'_>) {
    for role in context.model.all(ROLE) {
        if sets(role, "managed_policy_arns") {
            let listed = role.get("managed_policy_arns");
            for (attached, policy) in attachments(context, role) {
                if !lists(&listed, &policy) {
                    let text =
                        format!("{} owns all policies attached to it, and does not list this one", role.address());
                    found.on(attached, text, ALONE);
                }
            }
            for other in context.model.owned_by("aws_iam_role_policy_attachments_exclusive", "role_name", role) {
                found.on(other, format!("managed_policy_arns of {} owns the same attachments", role.address()), ALONE);
            }
        }
        if sets(role, "inline_policy") {
            for (type_name, attribute) in
                [("aws_iam_role_policy", "role"), ("aws_iam_role_policies_exclusive", "role_name")]
            {
                for other in context.model.owned_by(type_name, attribute, role) {
                    found.on(other, format!("{} owns all inline policies by inline_policy", role.address()), ALONE);
                }
            }
        }
        for exclusive in context.model.owned_by("aws_iam_role_policy_attachments_exclusive", "role_name", role) {
            let owns = Exclusive { object: exclusive, role, what: "attachments", list: "policy_arns" };
            owns.unlisted(attachments(context, role), found);
        }
        for exclusive in context.model.owned_by("aws_iam_role_policies_exclusive", "role_name", role) {
            let policies = context.model.owned_by("aws_iam_role_policy", "role", role);
            let named = policies.into_iter().map(|policy| (policy, policy.get("name")));
            let owns = Exclusive { object: exclusive, role, what: "inline policies", list: "policy_names" };
            owns.unlisted(named, found);
        }
    }
    attachments_of_policies(context, found);
}

/// An object that owns all of something a role has, and the argument that lists it.
struct Exclusive<'m> {
    object: &'m Object<'m>,
    role: &'m Object<'m>,
    what: &'static str,
    list: &'static str,
}

impl Exclusive<'_> {
    /// Reports what the role has, by the text it is listed under, and the list does not hold.
    fn unlisted<'m>(&self, all: impl IntoIterator<Item = (&'m Object<'m>, Attr<'m>)>, found: &mut Reporter<'_>) {
        let (owner, listed) = (self.object.address(), self.object.get(self.list));
        for (object, name) in all.into_iter().filter(|(_, name)| !lists(&listed, name)) {
            let text =
                format!("{owner} owns the {} of {} and does not list {}", self.what, self.role.address(), name.shown());
            found.on_part(object, owner, text, format!("Add it to {} there.", self.list));
        }
    }
}

/// Whoever attaches a managed policy to a role, with the policy.
fn attachments<'m>(context: &'m Context<'_>, role: &Object<'_>) -> Vec<(&'m Object<'m>, Attr<'m>)> {
    let single = context.model.owned_by("aws_iam_role_policy_attachment", "role", role);
    let of_policies = context.model.all("aws_iam_policy_attachment").filter(|attachment| {
        attachment.get("roles").elements().iter().any(|name| context.model.resolve(&[ROLE], name).is(role))
    });
    single.into_iter().chain(of_policies).map(|object| (object, object.get("policy_arn"))).collect()
}

/// Whether a list holds a text, or may.
fn lists(list: &Attr<'_>, text: &Attr<'_>) -> bool {
    let Some(wanted) = text.text() else { return true };
    list.is_unknown()
        || list.elements().iter().any(|one| one.text().is_none_or(|one| symbol::may_equal(one.0, wanted.0)))
}

/// `aws_iam_policy_attachment` takes its policy from everybody it does not name.
fn attachments_of_policies(context: &Context<'_>, found: &mut Reporter<'_>) {
    for exclusive in context.model.all("aws_iam_policy_attachment") {
        let policy = exclusive.get("policy_arn");
        let Some(whole) = policy.text() else { continue };
        for attached in context.model.all("aws_iam_role_policy_attachment") {
            let same = attached.get("policy_arn").text().is_some_and(|text| text.0 == whole.0);
            if same && !lists(&exclusive.get("roles"), &attached.get("role")) {
                let text = format!(
                    "{} owns all attachments of {} and does not name this role",
                    exclusive.address(),
                    policy.shown()
                );
                found.on_part(attached, exclusive.address(), text, ALONE);
            }
        }
    }
}
