//! Targets and the permissions they need.

use super::alert;
use crate::domain::pattern::Verdict;
use crate::domain::policy::{Operator, Policy, Principals, Statement, symbol};
use crate::lint::finding::{Fix, Level};
use crate::lint::iam::{Document, Kind};
use crate::lint::model::{Attr, Found, Object, covers_action, has_condition, names_service, policy_of};
use crate::lint::rewrite;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::BTreeSet;

const PERMISSIONS: &str = "EventBridge User Guide: resource-based policies, roles for targets";

/// Permission.
pub const EV003: Rule = Rule {
    id: "EV003",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "EventBridge may not deliver to a target",
    rationale: "A topic or queue needs a policy that lets events.amazonaws.com in, a function a permission, a pipeline a role that may start it. Without it every delivery fails, and only a metric says so.",
    source: PERMISSIONS,
    bad: concat!(
        "resource \"aws_sns_topic\" \"alerts\" {\n  name = \"alerts\"\n}\n\n",
        alert!("{ source = [\"aws.codepipeline\"] }", "  arn  = aws_sns_topic.alerts.arn\n")
    ),
    good: concat!(
        "resource \"aws_sns_topic\" \"alerts\" {\n  name = \"alerts\"\n}\n\nresource \"aws_sns_topic_policy\" \"alerts\" {\n  arn = aws_sns_topic.alerts.arn\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Allow\"\n      Principal = { Service = \"events.amazonaws.com\" }\n      Action    = \"sns:Publish\"\n      Resource  = aws_sns_topic.alerts.arn\n      Condition = { ArnEquals = { \"aws:SourceArn\" = aws_cloudwatch_event_rule.alert.arn } }\n    }]\n  })\n}\n\n",
        alert!("{ source = [\"aws.codepipeline\"] }", "  arn  = aws_sns_topic.alerts.arn\n")
    ),
    check: permission,
};

const EVENTS: &str = "events.amazonaws.com";

fn lets_events_in(policy: &Policy, action: &str) -> bool {
    // The policy of a new topic is about everyone whose requests carry the owner: those of services do not.
    let lets = |s: &Statement| names_service(s, EVENTS) && !has_condition(s, &["aws:SourceOwner"]);
    policy.statements.iter().any(|s| s.effect == "Allow" && lets(s) && covers_action(s, action))
}

/// The policy text of a topic or queue, wherever it is set; the second is whether it is set anywhere.
fn resource_policy<'m>(context: &Context<'m>, object: &'m Object<'m>) -> (Option<(Attr<'m>, Policy)>, bool) {
    let (type_name, key) = match object.type_name() {
        "aws_sns_topic" => ("aws_sns_topic_policy", "arn"),
        _ => ("aws_sqs_queue_policy", "queue_url"),
    };
    let own = object.get("policy");
    let computed = own.text().is_some_and(|t| t.symbol().is_some_and(|s| s.address == object.address()));
    let attr = match context.model.owned_by(type_name, key, object).first() {
        Some(owned) => owned.get("policy"),
        None if own.is_set() && !computed => own,
        None => return (None, context.model.may_be_owned(type_name, key, object)),
    };
    (policy_of(&attr).map(|p| (attr, p)), true)
}

fn permission(context: &Context<'_>, found: &mut Reporter<'_>) {
    let model = context.model;
    for target in model.all("aws_cloudwatch_event_target") {
        let arn = target.get("arn");
        match model.resolve(&["aws_sns_topic", "aws_sqs_queue", "aws_lambda_function", "aws_codepipeline"], &arn) {
            Found::Here(to) if to.type_name() == "aws_codepipeline" => starts(context, target, Some(to), found),
            Found::Here(to) if to.type_name() == "aws_lambda_function" => {
                if may_invoke(context, target, to) == Verdict::No {
                    let finding = found.at(
                        &arn,
                        format!("EventBridge may not invoke {}", to.address()),
                        "Add an aws_lambda_permission with principal events.amazonaws.com and the rule's ARN as source_arn.",
                    );
                    finding.fix = let_invoke(context, target, to);
                }
            }
            Found::Here(to) => {
                let (word, action) = if to.type_name() == "aws_sns_topic" {
                    ("publish to", "sns:Publish")
                } else {
                    ("send to", "sqs:SendMessage")
                };
                let advice =
                    format!("Add a policy that allows {EVENTS} {action}, with the rule's ARN as aws:SourceArn.");
                match resource_policy(context, to) {
                    (Some((_, policy)), _) if !lets_rule_in(context, target, &policy, action) => {
                        found.at(
                            &arn,
                            format!("The policy of {} does not let EventBridge {word} it", to.address()),
                            advice,
                        );
                    }
                    (None, false) => {
                        let summary = format!("EventBridge may not {word} {}: it has no policy", to.address());
                        found.at(&arn, summary, advice).fix = let_in(context, to, action);
                    }
                    (None, true) => found.note(target, format!("the policy of {} is not known yet", to.address())),
                    _ => {}
                }
                encrypted(context, &arn, to, found);
            }
            _ => {
                if arn.known().is_some_and(|a| a.contains(":codepipeline:")) {
                    starts(context, target, None, found);
                }
            }
        }
    }
}

/// A topic encrypted with the key of SNS itself takes nothing from EventBridge.
fn encrypted(context: &Context<'_>, arn: &Attr<'_>, to: &Object<'_>, found: &mut Reporter<'_>) {
    let key = to.get("kms_master_key_id");
    if matches!(key.str(), "alias/aws/sns" | "alias/aws/sqs") {
        found.at_part(
            arn,
            "key",
            format!("EventBridge cannot use the key of {}", to.address()),
            "The AWS managed key lets in no other service. Use a customer managed key whose policy allows events.amazonaws.com kms:Decrypt and kms:GenerateDataKey.",
        );
        return;
    }
    let Found::Here(key) = context.model.resolve(&["aws_kms_key"], &key) else { return };
    let policy = policy_of(&context.model.key_policy(key));
    if policy.is_some_and(|p| !lets_events_in(&p, "kms:GenerateDataKey")) {
        found.at_part(
            arn,
            "key",
            format!("The policy of {} does not let EventBridge use the key of {}", key.address(), to.address()),
            "Allow events.amazonaws.com kms:Decrypt and kms:GenerateDataKey* in the key policy.",
        );
    }
}

/// Whether a policy lets EventBridge in for the rule of a target. Only a rule that is surely another one is left out.
fn lets_rule_in(context: &Context<'_>, target: &Object<'_>, policy: &Policy, action: &str) -> bool {
    let own = policy.statements.iter().filter(|s| {
        s.conditions.iter().all(|(operator, keys)| {
            let positive = Operator::parse(operator).is_some_and(|o| !o.negated);
            keys.iter().all(|(key, values)| {
                let source = positive && key.eq_ignore_ascii_case("aws:SourceArn");
                !source || values.iter().any(|value| may_be_rule_of(context, target, value))
            })
        })
    });
    lets_events_in(&Policy { statements: own.cloned().collect(), ..Policy::default() }, action)
}

/// Whether an ARN, perhaps with wildcards, may be that of a target's rule.
fn may_be_rule_of(context: &Context<'_>, target: &Object<'_>, arn: &str) -> bool {
    const RULE: &[&str] = &["aws_cloudwatch_event_rule"];
    let Found::Here(rule) = context.model.resolve(RULE, &target.get("rule")) else { return true };
    match context.model.resolve_text(RULE, arn) {
        Found::Here(other) => other.address() == rule.address(),
        // Known, and no rule that is made here: it is this one only by its name.
        Found::Elsewhere if !arn.contains(['*', '?']) && symbol::is_known(arn) => {
            let name = rule.get("name");
            arn.rsplit('/').next().is_none_or(|last| name.text().is_none_or(|t| t.may_be(last)))
        }
        _ => true,
    }
}

fn may_invoke(context: &Context<'_>, target: &Object<'_>, function: &Object<'_>) -> Verdict {
    const PERMISSION: &str = "aws_lambda_permission";
    let model = context.model;
    let mut verdict = Verdict::No;
    let own = model.owned_by(PERMISSION, "function_name", function).into_iter().map(|p| (p, true));
    let open = model.perhaps_owned_by(PERMISSION, "function_name", function).into_iter().map(|p| (p, false));
    for (permission, certain) in own.chain(open) {
        let source = permission.get("source_arn");
        if source.text().is_some_and(|t| !t.0.is_empty() && !may_be_rule_of(context, target, t.0)) {
            continue;
        }
        let principal = permission.get("principal");
        let hit = principal.text().map_or(Verdict::Maybe, |p| {
            if p.is(EVENTS) { Verdict::Yes } else { Verdict::of(p.may_be(EVENTS)).and(Verdict::Maybe) }
        });
        verdict = verdict.or(if certain { hit } else { hit.and(Verdict::Maybe) });
    }
    verdict
}

/// A pipeline as target needs a role that may start it.
fn starts(context: &Context<'_>, target: &Object<'_>, pipeline: Option<&Object<'_>>, found: &mut Reporter<'_>) {
    let attr = target.get("role_arn");
    match context.model.resolve(&["aws_iam_role"], &attr) {
        Found::Nothing => {
            found.at(
                &target.get("arn"),
                "The target is a pipeline and has no role",
                "EventBridge starts a pipeline as a role. Set role_arn to one that events.amazonaws.com can assume and that may codepipeline:StartPipelineExecution.",
            );
        }
        Found::Here(role) => {
            let arn = pipeline.and_then(|p| p.get("arn").text()).or(target.get("arn").text());
            if context.model.role_may(role, "codepipeline:StartPipelineExecution", arn) == Verdict::No {
                let finding = found.at(
                    &attr,
                    format!("{} may not start the pipeline", role.address()),
                    "Allow it codepipeline:StartPipelineExecution on the pipeline's ARN.",
                );
                finding.fix = pipeline.and_then(|pipeline| let_start(context, role, pipeline));
            }
            let trust = policy_of(&role.get("assume_role_policy"));
            if trust.is_some_and(|p| !lets_events_in(&p, "sts:AssumeRole")) {
                found.at_part(
                    &attr,
                    "trust",
                    format!("EventBridge cannot assume {}", role.address()),
                    "Its assume_role_policy must allow events.amazonaws.com sts:AssumeRole.",
                );
            }
        }
        _ => {}
    }
}

/// A policy by which a role may start a pipeline. None where the role's inline policies have an owner, which would take it away.
fn let_start(context: &Context<'_>, role: &Object<'_>, pipeline: &Object<'_>) -> Option<Fix> {
    let model = context.model;
    let inline = role.block()?.body.blocks.iter().any(|b| &*b.produces().name == "inline_policy");
    let owned = !model.owned_by("aws_iam_role_policies_exclusive", "role_name", role).is_empty()
        || model.may_be_owned("aws_iam_role_policies_exclusive", "role_name", role);
    // The pipeline's own role waits for nothing of the pipeline.
    let own = model.resolve(&["aws_iam_role"], &pipeline.get("role_arn")).is(role);
    if inline || owned || own {
        return None;
    }
    let (role_name, pipeline) = (rewrite::reference(role, role)?, rewrite::reference(role, pipeline)?);
    let name = rewrite::free_name(model, role, "aws_iam_role_policy")?;
    let block = format!(
        "resource \"aws_iam_role_policy\" \"{name}\" {{\nrole = {role_name}.id\npolicy = jsonencode({{\nVersion = \"2012-10-17\"\nStatement = [{{\nEffect = \"Allow\"\nAction = \"codepipeline:StartPipelineExecution\"\nResource = {pipeline}.arn\n}}]\n}})\n}}\n"
    );
    let edit = rewrite::append(model, role, &crate::lang::fmt::format(&block));
    Fix::one("Let the role start the pipeline", edit)
}

/// Dead letters.
pub const EV004: Rule = Rule {
    id: "EV004",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "What cannot be delivered to a target is lost",
    rationale: "EventBridge tries for 24 hours and then drops the event: a start or an alert is lost without a trace unless the target has a dead-letter queue.",
    source: "EventBridge User Guide: dead-letter queues",
    bad: alert!("{ source = [\"aws.codepipeline\"] }", "  arn  = aws_sns_topic.alerts.arn\n"),
    good: alert!(
        "{ source = [\"aws.codepipeline\"] }",
        "  arn  = aws_sns_topic.alerts.arn\n  dead_letter_config {\n    arn = aws_sqs_queue.lost.arn\n  }\n"
    ),
    check: dead_letters,
};

/// Targets of rules that are about pipelines: they start one, or tell of one.
fn concerned<'m>(context: &Context<'m>) -> impl Iterator<Item = &'m Object<'m>> {
    let model = context.model;
    let tells = move |target: &Object<'_>| {
        let rule = model.resolve(&["aws_cloudwatch_event_rule"], &target.get("rule")).here();
        rule.is_some_and(|r| r.get("event_pattern").text().is_some_and(|t| t.0.contains("aws.codepipeline")))
    };
    model.all("aws_cloudwatch_event_target").filter(move |target| {
        let arn = target.get("arn");
        model.resolve(&["aws_codepipeline"], &arn).here().is_some()
            || arn.known().is_some_and(|a| a.contains(":codepipeline:"))
            || tells(target)
    })
}

fn dead_letters(context: &Context<'_>, found: &mut Reporter<'_>) {
    for target in concerned(context).filter(|t| !t.get("dead_letter_config").is_set()) {
        found.on(
            target,
            "What cannot be delivered to the target is lost",
            "Add dead_letter_config with the ARN of an SQS queue whose policy lets events.amazonaws.com send to it.",
        );
    }
}

/// Confused deputy.
pub const EV005: Rule = Rule {
    id: "EV005",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "A policy lets EventBridge in on anybody's behalf",
    rationale: "Without aws:SourceArn or aws:SourceAccount a rule of any account can use the topic, queue or function (confused deputy).",
    source: PERMISSIONS,
    bad: concat!(
        "resource \"aws_sns_topic\" \"alerts\" {\n  name = \"alerts\"\n}\n\nresource \"aws_sns_topic_policy\" \"alerts\" {\n  arn = aws_sns_topic.alerts.arn\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Allow\"\n      Principal = { Service = \"events.amazonaws.com\" }\n      Action    = \"sns:Publish\"\n      Resource  = aws_sns_topic.alerts.arn\n    }]\n  })\n}\n",
        "\n",
        alert!("{ source = [\"aws.codepipeline\"] }", "  arn  = aws_sns_topic.alerts.arn\n")
    ),
    good: concat!(
        "resource \"aws_sns_topic\" \"alerts\" {\n  name = \"alerts\"\n}\n\nresource \"aws_sns_topic_policy\" \"alerts\" {\n  arn = aws_sns_topic.alerts.arn\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Allow\"\n      Principal = { Service = \"events.amazonaws.com\" }\n      Action    = \"sns:Publish\"\n      Resource  = aws_sns_topic.alerts.arn\n      Condition = { ArnEquals = { \"aws:SourceArn\" = aws_cloudwatch_event_rule.alert.arn } }\n    }]\n  })\n}\n",
        "\n",
        alert!("{ source = [\"aws.codepipeline\"] }", "  arn  = aws_sns_topic.alerts.arn\n")
    ),
    check: deputy,
};

fn is_open(statement: &Statement) -> bool {
    let events = match &statement.principals {
        Some(Principals::Some(kinds)) => kinds.get("Service").is_some_and(|s| s.contains(EVENTS)),
        _ => false,
    };
    events
        && statement.effect == "Allow"
        && !has_condition(statement, &["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"])
}

fn deputy(context: &Context<'_>, found: &mut Reporter<'_>) {
    let model = context.model;
    for (type_name, attribute) in [
        ("aws_sns_topic_policy", "policy"),
        ("aws_sns_topic", "policy"),
        ("aws_sqs_queue_policy", "policy"),
        ("aws_sqs_queue", "policy"),
    ] {
        for object in model.all(type_name) {
            let attr = object.get(attribute);
            for (number, statement) in policy_of(&attr).into_iter().flat_map(|p| p.statements).enumerate() {
                if is_open(&statement) {
                    let name = statement.sid.clone().unwrap_or_else(|| format!("number {}", number + 1));
                    let fix = bind(context, object, &attr, number, &statement);
                    let finding = found.at_part(
                        &attr,
                        &name,
                        format!("The statement {name} lets EventBridge in on anybody's behalf"),
                        "Add the condition ArnEquals on aws:SourceArn with the rule's ARN, or StringEquals on aws:SourceAccount.",
                    );
                    finding.fix = fix;
                }
            }
        }
    }
    for permission in model.all("aws_lambda_permission").filter(|p| p.get("principal").str() == EVENTS) {
        if !permission.get("source_arn").is_set() && !permission.get("source_account").is_set() {
            let function = model.resolve(&["aws_lambda_function"], &permission.get("function_name"));
            let rule = function.here().and_then(|f| only_rule(context, permission, f));
            let edit = rule.and_then(|rule| rewrite::set(model, &permission.get("source_arn"), &format!("{rule}.arn")));
            let finding = found.on(
                permission,
                "The permission lets EventBridge invoke the function on anybody's behalf",
                "Set source_arn to the rule's ARN.",
            );
            finding.fix = Fix::one("Bind the permission to its rule", edit);
        }
    }
}

/// Whether something may be the target of rules that are not known. An ARN of which the service is known is of no other service.
fn may_have_others(context: &Context<'_>, to: &Object<'_>) -> bool {
    let service = to.type_name().split('_').nth(1).unwrap_or_default();
    let of_another = |target: &&Object<'_>| {
        let arn = target.get("arn").text().map_or("", |text| text.0);
        let named = if arn.starts_with("arn:") { arn.split(':').nth(2) } else { None };
        named.is_some_and(|named| symbol::is_known(named) && named != service)
    };
    !context.model.perhaps_owned_by("aws_cloudwatch_event_target", "arn", to).iter().all(of_another)
}

/// How expressions next to `near` name the one rule that has an object as its target; `None` where there are several.
fn only_rule(context: &Context<'_>, near: &Object<'_>, to: &Object<'_>) -> Option<String> {
    let model = context.model;
    if may_have_others(context, to) {
        return None;
    }
    let mut names = BTreeSet::new();
    for target in model.owned_by("aws_cloudwatch_event_target", "arn", to) {
        let rule = model.resolve(&["aws_cloudwatch_event_rule"], &target.get("rule")).here()?;
        names.insert(rewrite::reference(near, rule)?);
    }
    let first = names.pop_first()?;
    names.is_empty().then_some(first)
}

/// A permission for the rule of a target to invoke a function.
fn let_invoke(context: &Context<'_>, target: &Object<'_>, function: &Object<'_>) -> Option<Fix> {
    let model = context.model;
    let rule = model.resolve(&["aws_cloudwatch_event_rule"], &target.get("rule")).here()?;
    let (rule, function) = (rewrite::reference(target, rule)?, rewrite::reference(target, function)?);
    let name = rewrite::free_name(model, target, "aws_lambda_permission")?;
    let block = format!(
        "resource \"aws_lambda_permission\" \"{name}\" {{\n  action        = \"lambda:InvokeFunction\"\n  function_name = {function}.function_name\n  principal     = \"{EVENTS}\"\n  source_arn    = {rule}.arn\n}}\n"
    );
    Fix::one("Let the rule invoke the function", rewrite::append(model, target, &block))
}

/// A policy for a topic or queue that has none, for the rules that have it as their target. The policy that a topic has from the beginning
/// is kept as its first statement: others may publish by it.
fn let_in(context: &Context<'_>, to: &Object<'_>, action: &str) -> Option<Fix> {
    let model = context.model;
    (!may_have_others(context, to)).then_some(())?;
    let mut rules = BTreeSet::new();
    for target in model.owned_by("aws_cloudwatch_event_target", "arn", to) {
        let rule = model.resolve(&["aws_cloudwatch_event_rule"], &target.get("rule")).here()?;
        rules.insert(format!("{}.arn", rewrite::reference(to, rule)?));
    }
    let rules: Vec<String> = rules.into_iter().collect();
    let source = if let [rule] = rules.as_slice() { rule.clone() } else { format!("[{}]", rules.join(", ")) };
    let own = rewrite::reference(to, to)?;
    let events = format!(
        "{{\n  Effect    = \"Allow\"\n  Principal = {{ Service = \"{EVENTS}\" }}\n  Action    = \"{action}\"\n  Resource  = {own}.arn\n  Condition = {{ ArnEquals = {{ \"aws:SourceArn\" = {source} }} }}\n}}"
    );
    let is_topic = to.type_name() == "aws_sns_topic";
    let (type_name, key, id) = match is_topic {
        true => ("aws_sns_topic_policy", "arn", "arn"),
        false => ("aws_sqs_queue_policy", "queue_url", "id"),
    };
    let (first, more) = if is_topic { born_with(context, to, &own) } else { (String::new(), String::new()) };
    let name = rewrite::free_name(model, to, type_name)?;
    let block = format!(
        "{more}resource \"{type_name}\" \"{name}\" {{\n{key} = {own}.{id}\npolicy = jsonencode({{\nVersion = \"2012-10-17\"\nStatement = [\n{first}{events},\n]\n}})\n}}\n"
    );
    Fix::one("Let the rules in", rewrite::append(model, to, &crate::lang::fmt::format(&block)))
}

/// The statement that SNS gives each new topic, and the block that it needs where there is none yet.
fn born_with(context: &Context<'_>, topic: &Object<'_>, own: &str) -> (String, String) {
    const MAY: &str = "\"SNS:GetTopicAttributes\", \"SNS:SetTopicAttributes\", \"SNS:AddPermission\", \"SNS:RemovePermission\", \"SNS:DeleteTopic\", \"SNS:Subscribe\", \"SNS:ListSubscriptionsByTopic\", \"SNS:Publish\"";
    let mut identities = context.model.of_type("aws_caller_identity").filter(|o| !o.is_managed());
    let (identity, block) = match identities.find_map(|o| rewrite::reference(topic, o)) {
        Some(known) => (known, String::new()),
        None => (
            "data.aws_caller_identity.current".to_owned(),
            "data \"aws_caller_identity\" \"current\" {}\n\n".to_owned(),
        ),
    };
    let statement = format!(
        "{{\nSid = \"Owner\"\nEffect = \"Allow\"\nPrincipal = {{ AWS = \"*\" }}\nAction = [{MAY}]\nResource = {own}.arn\nCondition = {{ StringEquals = {{ \"AWS:SourceOwner\" = {identity}.account_id }} }}\n}},\n"
    );
    (statement, block)
}

/// A condition that binds a statement for EventBridge alone to the one rule that needs it.
fn bind<'m>(
    context: &Context<'m>,
    holder: &Object<'_>,
    attr: &Attr<'m>,
    number: usize,
    statement: &Statement,
) -> Option<Fix> {
    let Some(Principals::Some(kinds)) = &statement.principals else { return None };
    let alone = kinds.len() == 1 && kinds.get("Service").is_some_and(|s| s.len() == 1);
    let (types, key): (&[&str], &str) = match holder.type_name() {
        "aws_sns_topic_policy" => (&["aws_sns_topic"], "arn"),
        "aws_sqs_queue_policy" => (&["aws_sqs_queue"], "queue_url"),
        // The rule names the topic, and the topic's own policy would name the rule.
        _ => return None,
    };
    let to = context.model.resolve(types, &holder.get(key)).here()?;
    let document = Document::of(context.model, attr.clone(), Kind::Identity)?;
    let rule = only_rule(context, document.home(), to).filter(|_| alone)?;
    let edit = document.with_condition(context.model, number, "ArnEquals", "aws:SourceArn", &format!("{rule}.arn"));
    Fix::one("Bind the statement to its rule", edit)
}

/// Roles of rules.
pub const EV012: Rule = Rule {
    id: "EV012",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "The role of a start rule may start more than its pipeline",
    rationale: "The role only has to start one pipeline. With more it is a way to start others, or worse.",
    source: "CodePipeline User Guide: create an EventBridge rule for an ECR source",
    bad: "resource \"aws_iam_role\" \"start\" {\n  name               = \"start\"\n  assume_role_policy = \"{}\"\n}\n\nresource \"aws_iam_role_policy\" \"start\" {\n  role = aws_iam_role.start.id\n  policy = jsonencode({\n    Version   = \"2012-10-17\"\n    Statement = [{ Effect = \"Allow\", Action = \"codepipeline:StartPipelineExecution\", Resource = \"*\" }]\n  })\n}\n\nresource \"aws_cloudwatch_event_target\" \"start\" {\n  rule     = \"push\"\n  arn      = \"arn:aws:codepipeline:eu-west-1:111122223333:shop\"\n  role_arn = aws_iam_role.start.arn\n}\n",
    good: "resource \"aws_iam_role\" \"start\" {\n  name               = \"start\"\n  assume_role_policy = \"{}\"\n}\n\nresource \"aws_iam_role_policy\" \"start\" {\n  role = aws_iam_role.start.id\n  policy = jsonencode({\n    Version   = \"2012-10-17\"\n    Statement = [{ Effect = \"Allow\", Action = \"codepipeline:StartPipelineExecution\", Resource = \"arn:aws:codepipeline:eu-west-1:111122223333:shop\" }]\n  })\n}\n\nresource \"aws_cloudwatch_event_target\" \"start\" {\n  rule     = \"push\"\n  arn      = \"arn:aws:codepipeline:eu-west-1:111122223333:shop\"\n  role_arn = aws_iam_role.start.arn\n}\n",
    check: start_only,
};

fn start_only(context: &Context<'_>, found: &mut Reporter<'_>) {
    let model = context.model;
    for target in model.all("aws_cloudwatch_event_target") {
        let arn = target.get("arn");
        let is_pipeline = model.resolve(&["aws_codepipeline"], &arn).here().is_some()
            || arn.known().is_some_and(|a| a.contains(":codepipeline:"));
        let Found::Here(role) = model.resolve(&["aws_iam_role"], &target.get("role_arn")) else { continue };
        // The role may serve several rules: then each of their pipelines is fine.
        if !is_pipeline {
            continue;
        }
        for (attr, policy) in model.role_policies(role).0 {
            for (number, statement) in policy.statements.iter().enumerate().filter(|(_, s)| s.effect == "Allow") {
                if !covers_action(statement, "codepipeline:StartPipelineExecution") {
                    continue;
                }
                let wide = statement.resources.iter().find(|r| r.as_str() == "*" || r.ends_with(":*"));
                if let Some(wide) = wide {
                    let fix = narrow(context, role, &attr, number, statement, wide);
                    let finding = found.at_part(
                        &attr,
                        &number.to_string(),
                        format!("{} may start every pipeline (Resource = \"{wide}\")", role.address()),
                        "Name the ARN of the pipeline that the rule starts.",
                    );
                    finding.fix = fix;
                    continue;
                }
                for more in statement.resources.iter().filter(|r| is_another(context, role, r)) {
                    found.at_part(
                        &attr,
                        &format!("{number} {}", symbol::display(more)),
                        format!("{} may start {}, which none of its rules starts", role.address(), symbol::display(more)),
                        "Leave out what is not the pipeline that the rule starts, or give the other rule a role of its own.",
                    );
                }
            }
        }
    }
}

/// Whether a resource of a role's policy is certainly a pipeline, or pipelines, that no target with this role is.
fn is_another(context: &Context<'_>, role: &Object<'_>, resource: &str) -> bool {
    let model = context.model;
    if model.may_be_owned("aws_cloudwatch_event_target", "role_arn", role)
        || model.all("aws_scheduler_schedule").next().is_some()
    {
        return false;
    }
    let started: Vec<Attr<'_>> =
        model.owned_by("aws_cloudwatch_event_target", "role_arn", role).into_iter().map(|t| t.get("arn")).collect();
    match model.resolve_text(&["aws_codepipeline"], resource) {
        Found::Here(pipeline) => !started.iter().any(|arn| {
            let to = model.resolve(&["aws_codepipeline"], arn);
            to.is(pipeline) || matches!(to, Found::Unknown)
        }),
        Found::Elsewhere if resource.contains(":codepipeline:") => {
            let is_wild = resource.contains(['*', '?']);
            // A pattern may stand for one pipeline, but for others too.
            is_wild && symbol::is_known(resource)
                || !is_wild && !started.iter().any(|arn| arn.text().is_none_or(|t| t.may_be(resource)))
        }
        _ => false,
    }
}

/// Names the pipelines that the role's rules start, where the statement is about starting pipelines and nothing else.
fn narrow<'m>(
    context: &Context<'m>,
    role: &Object<'_>,
    attr: &Attr<'m>,
    number: usize,
    statement: &Statement,
    wide: &str,
) -> Option<Fix> {
    let model = context.model;
    let starts = statement.actions.iter().all(|a| a.eq_ignore_ascii_case("codepipeline:StartPipelineExecution"));
    (starts && !statement.actions.is_empty() && statement.resources.len() == 1).then_some(())?;
    let document = Document::of(model, attr.clone(), Kind::Identity)?;
    let mut names = BTreeSet::new();
    if model.may_be_owned("aws_cloudwatch_event_target", "role_arn", role) {
        return None;
    }
    for target in model.owned_by("aws_cloudwatch_event_target", "role_arn", role) {
        let arn = target.get("arn");
        let name = match model.resolve(&["aws_codepipeline"], &arn) {
            Found::Here(pipeline) => {
                // A pipeline that waits for this policy cannot be named in it.
                let own = model.resolve(&["aws_iam_role"], &pipeline.get("role_arn")).is(role);
                let waits = pipeline.block().is_none_or(|b| !b.depends_on.is_empty());
                (!own && !waits).then_some(())?;
                format!("{}.arn", rewrite::reference(document.home(), pipeline)?)
            }
            _ => format!("\"{}\"", arn.known().filter(|a| a.contains(":codepipeline:"))?),
        };
        names.insert(name);
    }
    // Schedules may use the role too.
    model.all("aws_scheduler_schedule").next().is_none().then_some(())?;
    let names: Vec<String> = names.into_iter().collect();
    let text = match names.as_slice() {
        [] => return None,
        [one] if !matches!(document.form, crate::lint::iam::Form::Data(_)) => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    Fix::one("Name the pipeline that may be started", document.with_whole(number, "Resource", wide, &text))
}
