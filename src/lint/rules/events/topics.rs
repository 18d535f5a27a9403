//! Topics that alerts go to.

use super::alert;
use crate::lint::finding::Level;
use crate::lint::model::{Found, Object};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::HashSet;

/// Listeners.
pub const EV011: Rule = Rule {
    id: "EV011",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "An alert topic has no subscription, or is not encrypted",
    rationale: "A message to a topic without subscription is dropped: nobody hears. Messages name pipelines, commits and people; at rest they should be encrypted.",
    source: "SNS Developer Guide: subscriptions, encryption at rest",
    bad: concat!(
        "resource \"aws_sns_topic\" \"alerts\" {\n  name = \"alerts\"\n}\n\n",
        alert!("{ source = [\"aws.codepipeline\"] }", "  arn  = aws_sns_topic.alerts.arn\n")
    ),
    good: concat!(
        "resource \"aws_sns_topic\" \"alerts\" {\n  name              = \"alerts\"\n  kms_master_key_id = aws_kms_key.alerts.id\n}\n\nresource \"aws_sns_topic_subscription\" \"team\" {\n  topic_arn = aws_sns_topic.alerts.arn\n  protocol  = \"email\"\n  endpoint  = \"team@example.com\"\n}\n\n",
        alert!("{ source = [\"aws.codepipeline\"] }", "  arn  = aws_sns_topic.alerts.arn\n")
    ),
    check: topics,
};

/// Topics that rules, approvals or notification rules here send to, each once.
fn topics_in_use<'m>(context: &Context<'m>) -> Vec<&'m Object<'m>> {
    let model = context.model;
    let (mut found, mut seen): (Vec<&Object<'_>>, HashSet<&str>) = Default::default();
    let mut add = |to: Found<'m>| {
        if let Found::Here(topic) = to
            && seen.insert(topic.address())
        {
            found.push(topic);
        }
    };
    const TOPIC: &[&str] = &["aws_sns_topic"];
    for target in model.all("aws_cloudwatch_event_target") {
        add(model.resolve(TOPIC, &target.get("arn")));
    }
    for pipeline in model.pipelines() {
        for action in pipeline.actions() {
            add(model.resolve(TOPIC, &action.setting("NotificationArn")));
        }
    }
    for rule in model.all("aws_codestarnotifications_notification_rule") {
        for target in rule.blocks("target") {
            add(model.resolve(TOPIC, &target.get("address")));
        }
    }
    found
}

/// Topics that a chat is told by: Chatbot and others subscribe by themselves.
fn topics_of_chats<'m>(context: &Context<'m>) -> HashSet<&'m str> {
    let model = context.model;
    let chats = model.objects().filter(|o| o.type_name().contains("chatbot"));
    let topics = chats.flat_map(|chat| chat.get("sns_topic_arns").elements());
    topics.filter_map(|topic| model.resolve(&["aws_sns_topic"], &topic).here()).map(Object::address).collect()
}

fn topics(context: &Context<'_>, found: &mut Reporter<'_>) {
    let chats = topics_of_chats(context);
    for topic in topics_in_use(context) {
        let listened = !context.model.owned_by("aws_sns_topic_subscription", "topic_arn", topic).is_empty();
        if !listened && !chats.contains(topic.address()) {
            if context.model.may_be_owned("aws_sns_topic_subscription", "topic_arn", topic) {
                found.note(topic, "whether somebody is subscribed depends on what is not known yet");
            } else {
                found.on_part(
                    topic,
                    "subscription",
                    "Nobody is subscribed to the alert topic",
                    "Add an aws_sns_topic_subscription. If people subscribe by hand, say so with a comment `# pipewright:ignore EV011 reason`.",
                );
            }
        }
        if topic.get("kms_master_key_id").value().is_none() {
            found.on_part(
                topic,
                "encryption",
                "The alert topic is not encrypted",
                "Set kms_master_key_id to a customer managed key that lets EventBridge in (the key alias/aws/sns does not).",
            );
        }
    }
}
