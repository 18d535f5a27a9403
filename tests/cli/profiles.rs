//! Credentials of shared files: SSO sessions with their cached tokens, chains of roles, web identity. SSO is a mock that hands out keys for one
//! token; STS is the emulator's, whose caller is whoever the session token belongs to.

use crate::harness::{Folder, Ran, emulator, on_emulator};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

const CALLER: &str = r#"
data "aws_caller_identity" "me" {}

output "arn" {
  value = data.aws_caller_identity.me.arn
}
"#;

const SSO: &str = "
[sso-session work]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1

[profile deploy]
sso_session = work
sso_account_id = 111122223333
sso_role_name = Deploy
region = eu-west-1
";

/// Where the AWS CLI keeps the token of the session named `work`: the name is its SHA-1.
const CACHE: &str = ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json";

fn seconds_since_1970(offset: i64) -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    i64::try_from(now).unwrap() + offset
}

/// The file `aws sso login` leaves behind.
fn cached(expires_at: &str) -> String {
    format!(
        r#"{{"startUrl": "https://example.awsapps.com/start", "region": "us-east-1", "accessToken": "the-token", "expiresAt": "{expires_at}"}}"#
    )
}

/// A portal that gives keys for `the-token`, and an STS that knows them. Returns its address and the requests it got.
fn portal() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let log = Arc::clone(&log);
            std::thread::spawn(move || {
                stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut request = String::new();
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap_or(0) == 0 {
                        return;
                    }
                    if let Some(n) = line.to_lowercase().strip_prefix("content-length:") {
                        length = n.trim().parse().unwrap();
                    }
                    request += &line;
                    if line == "\r\n" {
                        break;
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                request += &String::from_utf8_lossy(&body);
                let (status, kind, text) = answer(&request);
                log.lock().unwrap().push(request);
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
                    text.len()
                );
            });
        }
    });
    (address, seen)
}

fn answer(request: &str) -> (&'static str, &'static str, String) {
    if request.starts_with("GET /federation/credentials?") {
        if !request.contains("x-amz-sso_bearer_token: the-token") {
            let text = r#"{"__type": "UnauthorizedException", "message": "Session token not found or invalid"}"#;
            return ("401 Unauthorized", "application/json", text.into());
        }
        let expiration = seconds_since_1970(3600) * 1000;
        let keys = format!(
            r#"{{"roleCredentials": {{"accessKeyId": "ASIASSO", "secretAccessKey": "secret", "sessionToken": "session", "expiration": {expiration}}}}}"#
        );
        return ("200 OK", "application/json", keys);
    }
    let who = if request.contains("Credential=ASIASSO/") {
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Deploy/me"
    } else {
        "arn:aws:iam::000000000000:user/somebody-else"
    };
    let identity = format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{who}</Arn><UserId>U</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    ("200 OK", "text/xml", identity)
}

/// A folder whose person has these shared files and, perhaps, this cached token.
fn signed_in(main: &str, token: Option<&str>) -> Folder {
    let folder = Folder::new(main);
    folder.write(".aws/config", SSO);
    if let Some(token) = token {
        folder.write(CACHE, token);
    }
    folder
}

fn arn(ran: &Ran) -> &str {
    ran.out.split("arn = ").nth(1).and_then(|rest| rest.split('"').nth(1)).unwrap_or_else(|| panic!("{ran:?}"))
}

const DEPLOY: &str = "provider \"aws\" {\n  profile = \"deploy\"\n}\n";
const SSO_CALLER: &str = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Deploy/me";

#[test]
fn a_profile_of_an_sso_session_takes_the_cached_token_to_the_portal() {
    let (address, seen) = portal();
    let folder = signed_in(&format!("{DEPLOY}{CALLER}"), Some(&cached("2099-01-01T00:00:00Z")));
    let folder = folder.env("AWS_ENDPOINT_URL_SSO", &address).env("AWS_ENDPOINT_URL_STS", &address);
    assert_eq!(arn(&folder.ok(&["plan", "-no-color"])), SSO_CALLER);
    let seen = seen.lock().unwrap();
    let portal = seen.iter().find(|r| r.starts_with("GET ")).unwrap();
    assert!(portal.contains("role_name=Deploy") && portal.contains("account_id=111122223333"), "{portal}");
    // The region is the profile's own.
    assert!(seen.iter().any(|r| r.contains("/eu-west-1/sts/aws4_request")), "{seen:?}");
}

#[test]
fn a_profile_of_an_sso_session_may_be_named_by_the_environment() {
    let (address, _) = portal();
    let folder = signed_in(CALLER, Some(&cached("2099-01-01T00:00:00Z")));
    let folder = folder.env("AWS_ENDPOINT_URL", &address).env("AWS_PROFILE", "deploy");
    assert_eq!(arn(&folder.ok(&["plan", "-no-color"])), SSO_CALLER);
}

#[test]
fn endpoints_of_the_provider_block_are_those_of_the_profile_too() {
    let (address, _) = portal();
    let provider = format!(
        "provider \"aws\" {{\n  profile = \"deploy\"\n  endpoints {{\n    sso = \"{address}\"\n    sts = \"{address}\"\n  }}\n}}\n"
    );
    let folder = signed_in(&format!("{provider}{CALLER}"), Some(&cached("2099-01-01T00:00:00Z")));
    assert_eq!(arn(&folder.ok(&["plan", "-no-color"])), SSO_CALLER);
}

#[test]
fn an_expired_sso_session_names_the_command_that_begins_a_new_one() {
    let (address, seen) = portal();
    let folder = signed_in(&format!("{DEPLOY}{CALLER}"), Some(&cached("2020-01-01T00:00:00Z")));
    let folder = folder.env("AWS_ENDPOINT_URL", &address);
    let said = folder.fails(&["plan", "-no-color"]);
    said.says(&["The SSO session has expired", "Profile deploy", "aws sso login --profile deploy"]);
    assert!(!said.err.contains("the-token"), "{}", said.err);
    assert_eq!(seen.lock().unwrap().len(), 0);
}

#[test]
fn a_token_the_portal_does_not_take_is_an_expired_session_too() {
    let (address, _) = portal();
    let token = cached("2099-01-01T00:00:00Z").replace("the-token", "a-revoked-token");
    let folder = signed_in(&format!("{DEPLOY}{CALLER}"), Some(&token)).env("AWS_ENDPOINT_URL", &address);
    folder.fails(&["plan", "-no-color"]).says(&["The SSO session has expired", "aws sso login --profile deploy"]);
}

#[test]
fn a_role_assumed_from_an_sso_profile_tells_the_same() {
    let (address, _) = portal();
    let provider = "provider \"aws\" {\n  profile = \"deploy\"\n  assume_role {\n    role_arn = \"arn:aws:iam::111122223333:role/x\"\n  }\n}\n";
    let folder = signed_in(&format!("{provider}{CALLER}"), Some(&cached("2020-01-01T00:00:00Z")));
    let folder = folder.env("AWS_ENDPOINT_URL", &address);
    folder.fails(&["plan", "-no-color"]).says(&["The SSO session has expired", "aws sso login --profile deploy"]);
}

#[test]
fn a_profile_nobody_signed_in_to_says_so() {
    let folder = signed_in(CALLER, None).env("AWS_PROFILE", "deploy");
    let said = folder.fails(&["plan", "-no-color"]);
    said.says(&["Not signed in to SSO", "Profile deploy", "aws sso login --profile deploy"]);
}

#[test]
fn a_chain_of_roles_in_shared_files_is_followed() {
    let Some(endpoint) = emulator() else { return };
    let main = format!("provider \"aws\" {{\n  profile = \"deploy\"\n}}\n{CALLER}");
    let folder = Folder::new(&main).env("AWS_ENDPOINT_URL", &endpoint);
    folder.write(
        ".aws/config",
        "
[profile base]
aws_access_key_id = 222233334444
aws_secret_access_key = test

[profile hub]
role_arn = arn:aws:iam::333344445555:role/hub
source_profile = base

[profile deploy]
role_arn = arn:aws:iam::444455556666:role/deploy
role_session_name = nightly
source_profile = hub
region = eu-central-1
",
    );
    let ran = folder.ok(&["plan", "-no-color"]);
    assert_eq!(arn(&ran), "arn:aws:sts::444455556666:assumed-role/deploy/nightly");
}

#[test]
fn a_web_identity_of_a_profile_is_exchanged_for_its_role() {
    let Some(endpoint) = emulator() else { return };
    let main = format!("provider \"aws\" {{\n  profile = \"ci\"\n  region  = \"us-east-1\"\n}}\n{CALLER}");
    let folder = Folder::new(&main).env("AWS_ENDPOINT_URL", &endpoint);
    folder.write("token", "a.b.c");
    let token = folder.path("token");
    folder.write(
        ".aws/config",
        &format!(
            "[profile ci]\nrole_arn = arn:aws:iam::333344445555:role/ci\nrole_session_name = run\nweb_identity_token_file = {}\n",
            token.display()
        ),
    );
    let ran = folder.ok(&["plan", "-no-color"]);
    assert_eq!(arn(&ran), "arn:aws:sts::333344445555:assumed-role/ci/run");
}

#[test]
fn a_web_identity_of_the_environment_is_exchanged_for_its_role() {
    let Some((folder, _)) = on_emulator(CALLER) else { return };
    folder.write("token", "a.b.c");
    let token = folder.path("token");
    let mut command = folder.command(&["plan", "-no-color"]);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    command.env("AWS_ROLE_ARN", "arn:aws:iam::333344445555:role/ci").env("AWS_ROLE_SESSION_NAME", "run");
    command.env("AWS_WEB_IDENTITY_TOKEN_FILE", token);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(arn(&ran), "arn:aws:sts::333344445555:assumed-role/ci/run");
}
