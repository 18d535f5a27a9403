//! When two lifecycle policies mean the same: rules are told apart by priority, not by place, and the order of tags means nothing.

use serde::Deserialize;

#[derive(Deserialize, PartialEq)]
struct Policy {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Rule {
    rule_priority: Option<i64>,
    description: Option<String>,
    selection: Option<Selection>,
    action: Option<Action>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Selection {
    tag_status: Option<String>,
    #[serde(default)]
    tag_pattern_list: Vec<String>,
    #[serde(default)]
    tag_prefix_list: Vec<String>,
    storage_class: Option<String>,
    count_type: Option<String>,
    count_unit: Option<String>,
    count_number: Option<i64>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Action {
    r#type: Option<String>,
    target_storage_class: Option<String>,
}

/// Whether two texts are the same policy; false when one is none.
pub fn equivalent(a: &str, b: &str) -> bool {
    a == b || parsed(a).is_some_and(|a| parsed(b).is_some_and(|b| a == b))
}

fn parsed(text: &str) -> Option<Policy> {
    let mut policy: Policy = serde_json::from_str(text).ok()?;
    policy.rules.sort_by_key(|rule| rule.rule_priority);
    for selection in policy.rules.iter_mut().filter_map(|rule| rule.selection.as_mut()) {
        selection.tag_pattern_list.sort_unstable();
        selection.tag_prefix_list.sort_unstable();
    }
    Some(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"rules":[
        {"rulePriority":1,"selection":{"tagStatus":"tagged","tagPrefixList":["a","b"],"countType":"imageCountMoreThan","countNumber":3},"action":{"type":"expire"}},
        {"rulePriority":2,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":9},"action":{"type":"expire"}}]}"#;

    #[test]
    fn order_of_rules_and_tags_means_nothing() {
        let other = r#"{"rules":[
            {"action":{"type":"expire"},"rulePriority":2,"selection":{"tagStatus":"any","tagPrefixList":[],"countType":"imageCountMoreThan","countNumber":9}},
            {"action":{"type":"expire"},"rulePriority":1,"selection":{"tagStatus":"tagged","tagPrefixList":["b","a"],"countType":"imageCountMoreThan","countNumber":3}}]}"#;
        assert!(equivalent(POLICY, other));
    }

    #[test]
    fn another_number_is_another_policy() {
        assert!(!equivalent(POLICY, &POLICY.replace("\"countNumber\":3", "\"countNumber\":4")));
        assert!(!equivalent(POLICY, "not json"));
    }
}
