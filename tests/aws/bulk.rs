//! Reading many objects at once gives exactly what reading them one by one gives.

use super::live::{Live, endpoint};
use pipewright::provider::{Object, ReadHint, Silent};
use serde_json::json;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"codebuild.amazonaws.com"}}]}"#;
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_read_in_bulk_are_the_roles_read_singly() {
    let Some(endpoint) = endpoint() else { return };
    let live = Live::new(&endpoint, json!({})).await;
    let mut made: Vec<(&str, Object)> = Vec::new();
    for i in 0..8 {
        let role = json!({"name": format!("bulk{i}"), "assume_role_policy": TRUST, "description": "d", "max_session_duration": 4000, "tags": {"N": i.to_string()}});
        let policy = json!({"name": format!("bulk{i}"), "policy": POLICY, "path": "/bulk/"});
        let inline = json!({"name": "run", "role": format!("bulk{i}"), "policy": POLICY});
        let arn = format!("arn:aws:iam::{}:policy/bulk/bulk{i}", super::live::ACCOUNT);
        let attached = json!({"role": format!("bulk{i}"), "policy_arn": arn});
        for (ty, config) in [
            ("aws_iam_role", role),
            ("aws_iam_policy", policy),
            ("aws_iam_role_policy", inline),
            ("aws_iam_role_policy_attachment", attached),
        ] {
            let object = live.apply(ty, &live.none(ty), &live.config(ty, &config)).await;
            made.push((ty, object));
        }
    }
    let mut single = Vec::new();
    for (ty, object) in &made {
        single.push(live.read(ty, object).await);
    }
    let hints: Vec<ReadHint> =
        made.iter().map(|(ty, o)| ReadHint { type_name: (*ty).to_owned(), prior: o.value.clone() }).collect();
    live.provider.prefetch(&hints, &Silent).await;
    for ((ty, object), single) in made.iter().zip(&single) {
        let bulk = live.read(ty, object).await;
        assert_eq!(bulk.value, single.value, "{ty}");
    }
    for (ty, object) in made.iter().rev() {
        live.delete(ty, object).await;
    }
}
