//! As whom and where the provider works: profiles, chains of roles, web identity, and a provider block per region and account.

use super::live::{ACCOUNT, Live, endpoint};
use serde_json::{Value as Json, json};
use std::io::Write;

/// ARN and account of the caller, as `aws_caller_identity` tells.
async fn caller(live: &Live) -> (String, String) {
    let me = live.read_data("aws_caller_identity", &json!({})).await;
    let text = |name: &str| me.get(name).and_then(|v| v.as_str().map(str::to_owned)).unwrap();
    (text("arn"), text("account_id"))
}

fn file_of(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

async fn live(settings: Json) -> Option<Live> {
    Some(Live::new(&endpoint()?, settings).await)
}

#[tokio::test]
async fn a_profile_of_a_shared_file_is_used_instead_of_keys() {
    let credentials = file_of("[ci]\naws_access_key_id = 222233334444\naws_secret_access_key = test\n");
    let settings = json!({
        "access_key": null, "secret_key": null, "profile": "ci",
        "shared_credentials_files": [credentials.path().to_str().unwrap()],
    });
    let Some(live) = live(settings).await else { return };
    assert_eq!(caller(&live).await.1, "222233334444");
}

#[tokio::test]
async fn roles_are_assumed_one_by_the_other() {
    let settings = json!({ "assume_role": [
        { "role_arn": "arn:aws:iam::222233334444:role/hub", "session_name": "hub" },
        { "role_arn": "arn:aws:iam::333344445555:role/deploy", "session_name": "ci", "duration": "15m", "external_id": "x",
          "tags": { "Team": "core" }, "transitive_tag_keys": ["Team"] },
    ] });
    let Some(live) = live(settings).await else { return };
    let (arn, account) = caller(&live).await;
    assert_eq!((arn.as_str(), account.as_str()), ("arn:aws:sts::333344445555:assumed-role/deploy/ci", "333344445555"));
}

#[tokio::test]
async fn a_web_identity_goes_before_the_roles() {
    let token = file_of("a.b.c\n");
    let settings = json!({
        "assume_role_with_web_identity": [{
            "role_arn": "arn:aws:iam::222233334444:role/github", "session_name": "run",
            "web_identity_token_file": token.path().to_str().unwrap(),
        }],
    });
    let Some(hub) = live(settings.clone()).await else { return };
    assert_eq!(caller(&hub).await.0, "arn:aws:sts::222233334444:assumed-role/github/run");
    let mut further = settings;
    further["assume_role"] = json!([{ "role_arn": "arn:aws:iam::333344445555:role/deploy", "session_name": "ci" }]);
    let deploy = live(further).await.unwrap();
    assert_eq!(caller(&deploy).await.0, "arn:aws:sts::333344445555:assumed-role/deploy/ci");
}

#[tokio::test]
async fn two_provider_blocks_work_in_two_regions_and_accounts() {
    let Some(east) = live(json!({})).await else { return };
    let west = live(json!({
        "region": "us-west-2", "assume_role": [{ "role_arn": "arn:aws:iam::222233334444:role/deploy" }],
    }));
    let west = west.await.unwrap();
    for (live, arn) in [
        (&east, format!("arn:aws:sns:us-east-1:{ACCOUNT}:both-places")),
        (&west, "arn:aws:sns:us-west-2:222233334444:both-places".to_owned()),
    ] {
        let config = live.config("aws_sns_topic", &json!({ "name": "both-places" }));
        let planned = live.plan("aws_sns_topic", &live.none("aws_sns_topic"), &config).await.planned;
        assert_eq!(planned.get("arn").unwrap().as_str(), Some(arn.as_str()), "the ARN is known before apply");
        let made = live.apply("aws_sns_topic", &live.none("aws_sns_topic"), &config).await;
        assert_eq!(made.value.get("arn").unwrap().as_str(), Some(arn.as_str()));
        live.delete("aws_sns_topic", &made).await;
    }
}
