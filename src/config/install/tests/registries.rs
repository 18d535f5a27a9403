//! Modules of registries, against one that runs here.

use super::packages::{tar_gz, zip};
use super::server::{Reply, Server};
use super::*;

/// A registry: discovery is set up by a `host` block, as a host's own document would need a certificate.
struct Registry {
    server: Server,
}

fn versions(list: &[&str]) -> Reply {
    let list: Vec<String> = list.iter().map(|v| format!("{{\"version\": \"{v}\"}}")).collect();
    Reply::ok(format!("{{\"modules\": [{{\"versions\": [{}]}}]}}", list.join(", ")))
        .with("Content-Type", "application/json")
}

impl Registry {
    /// `ns/m/aws` in some versions, each an archive with an output named after it, reached in another way; `ns/private/aws` for
    /// who has the token; `ns/broken/aws` and so on for errors.
    fn start() -> Self {
        let server = Server::start(|request| {
            let path = request.target.as_str();
            let token = request.authorization.as_deref() == Some("Bearer token-of-this-host");
            let package = |version: &str| {
                let output = format!("output \"v{}\" {{\n  value = 1\n}}\n", version.replace(['.', '-'], "_"));
                [("repo-x/main.tf".to_owned(), output.clone()), ("repo-x/modules/sub/main.tf".to_owned(), output)]
            };
            let files = |version: &str| {
                let files = package(version);
                files.map(|(name, text)| (name, text))
            };
            let zipped = |version: &str| {
                let files = files(version);
                zip(&files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect::<Vec<_>>())
            };
            let packed = |version: &str| {
                let files = files(version);
                tar_gz(&files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect::<Vec<_>>())
            };
            let at = |location: &str| Reply::status(204).with("X-Terraform-Get", location);
            match path {
                "/v1/modules/ns/m/aws/versions" => {
                    versions(&["1.0.0", "1.1.0", "1.2.0", "2.0.0-beta1", "not-a-version", "0.9.0"])
                }
                "/v1/modules/ns/m/aws/1.2.0/download" => at("./archive.tar.gz//repo-x"),
                "/v1/modules/ns/m/aws/1.2.0/archive.tar.gz" => Reply::ok(packed("1.2.0")),
                "/v1/modules/ns/m/aws/1.1.0/download" => at("/packages/1.1.0?archive=zip"),
                "/v1/modules/ns/m/aws/2.0.0-beta1/download" => {
                    Reply::ok("{\"location\": \"/packages/2.0.0-beta1//repo-x?archive=zip\"}")
                }
                "/packages/1.1.0" => Reply::ok(zipped("1.1.0")),
                "/packages/2.0.0-beta1" => Reply::ok(zipped("2.0.0-beta1")),
                "/v1/modules/ns/m/aws/1.0.0/download" => at("nonsense"),
                "/v1/modules/ns/m/aws/0.9.0/download" => Reply::status(404),
                "/v1/modules/ns/private/aws/versions" if token => versions(&["1.0.0"]),
                "/v1/modules/ns/private/aws/versions" => Reply::status(401),
                "/v1/modules/ns/private/aws/1.0.0/download" if token => at("/packages/1.1.0//repo-x?archive=zip"),
                "/v1/modules/ns/none/aws/versions" => versions(&[]),
                "/v1/modules/ns/broken/aws/versions" => Reply::ok("<html>"),
                "/v1/modules/ns/down/aws/versions" => Reply::status(500),
                _ => Reply::status(404),
            }
        });
        Registry { server }
    }

    /// A folder whose person knows the registry as `registry.example.com`.
    fn place(&self, extra: &str) -> Place {
        let services = format!("services = {{\n    \"modules.v1\" = \"{}\"\n  }}", self.server.url("/v1/modules/"));
        let config =
            format!("host \"registry.example.com\" {{\n  {services}\n}}\nhost \"empty.example.com\" {{\n}}\n{extra}");
        let mut place = Place::new(&[("tfrc", &config)]);
        let path = place.0.path().join("tfrc").display().to_string();
        place.1.environment.push(("TF_CLI_CONFIG_FILE".into(), path));
        place
    }
}

fn call(source: &str, version: &str) -> String {
    let version = if version.is_empty() { String::new() } else { format!("  version = \"{version}\"\n") };
    format!("module \"a\" {{\n  source = \"registry.example.com/{source}\"\n{version}}}\n")
}

#[test]
fn the_newest_allowed_version_is_installed() {
    let registry = Registry::start();
    for (source, version, selected, output) in [
        ("ns/m/aws", "", "1.2.0", "v1_2_0"),
        ("ns/m/aws", "~> 1.1", "1.2.0", "v1_2_0"),
        ("ns/m/aws", "1.2.0", "1.2.0", "v1_2_0"),
        ("ns/m/aws//modules/sub", "~> 1.0, != 1.1.0", "1.2.0", "v1_2_0"),
        ("ns/m/aws//repo-x/modules/sub", "< 1.2", "1.1.0", "v1_1_0"),
        ("ns/m/aws//*", "1.1.0", "1.1.0", "v1_1_0"),
        ("ns/m/aws", "2.0.0-beta1", "2.0.0-beta1", "v2_0_0_beta1"),
        ("ns/m/aws", ">= 1.0.0", "1.2.0", "v1_2_0"),
    ] {
        let place = registry.place("");
        place.write("root/main.tf", &call(source, version));
        let (lines, d) = place.install(false);
        assert!(d.is_empty(), "{source} {version}: {d:?}");
        assert_eq!(place.outputs("a"), [output], "{source} {version}");
        let entry = manifest(&place.options()).unwrap()["a"].clone();
        assert_eq!(entry.version.as_deref(), Some(selected));
        assert_eq!(entry.source, format!("registry.example.com/{source}"));
        assert_eq!(lines[0], format!("Downloading registry.example.com/ns/m/aws {selected} for a..."));
    }
}

#[test]
fn a_constraint_that_excludes_what_is_installed_asks_for_init() {
    let registry = Registry::start();
    let place = registry.place("");
    place.write("root/main.tf", &call("ns/m/aws//repo-x", "1.1.0"));
    assert_eq!(place.summaries(), Vec::<String>::new());
    let asked = registry.server.asked().len();
    place.write("root/main.tf", &call("ns/m/aws//repo-x", "~> 1.0"));
    assert_eq!(place.summaries(), Vec::<String>::new());
    assert_eq!(registry.server.asked().len(), asked, "what is installed still fits");
    place.write("root/main.tf", &call("ns/m/aws", "1.2.0"));
    let (_, d) = crate::config::load(&place.0.path().join("root"), &place.options());
    assert!(d.has_errors());
    assert_eq!(place.summaries(), Vec::<String>::new());
    assert_eq!(place.outputs("a"), ["v1_2_0"]);
}

#[test]
fn what_a_registry_cannot_give_is_told_with_what_to_do() {
    let registry = Registry::start();
    for (source, version, summary, said) in [
        ("ns/m/aws", "3.0.0", "Unresolvable module version constraint", "Available: 1.2.0, 1.1.0, 1.0.0, 0.9.0."),
        ("ns/m/aws", "1.0.0", "Invalid package location from module registry", "nonsense"),
        ("ns/m/aws", "0.9.0", "Error accessing remote module registry", "does not know where"),
        ("ns/missing/aws", "", "Module not found", "has no module ns/missing/aws"),
        ("ns/private/aws", "", "Error accessing remote module registry", "401"),
        ("ns/none/aws", "", "Module has no versions", "no released version"),
        ("ns/broken/aws", "", "Invalid response from remote module registry", "as it should"),
        ("ns/down/aws", "", "Error accessing remote module registry", "500"),
        ("ns/m/aws//nowhere", "", "Unreadable module subdirectory", "repo-x/nowhere"),
    ] {
        let place = registry.place("");
        place.write("root/main.tf", &call(source, version));
        let (_, d) = place.install(false);
        let first = d.iter().next().unwrap();
        assert_eq!(first.summary, summary, "{first:?}");
        assert!(first.detail.contains(said), "{first:?}");
        assert!(first.span.is_some());
        assert!(place.leftovers().is_empty());
    }
    let place = registry.place("");
    place.write("root/main.tf", "module \"a\" {\n  source = \"empty.example.com/ns/m/aws\"\n}\n");
    assert!(place.install(false).1.iter().next().unwrap().hint.as_ref().unwrap().contains("modules.v1"));
}

#[test]
fn tokens_are_sent_and_never_shown() {
    let registry = Registry::start();
    let credentials = "credentials \"registry.example.com\" {\n  token = \"token-of-this-host\"\n}\n";
    let place = registry.place(credentials);
    place.write("root/main.tf", &call("ns/private/aws", ""));
    assert_eq!(place.summaries(), Vec::<String>::new());
    let packages = registry.server.requests().into_iter().filter(|r| r.target.starts_with("/packages/"));
    assert!(packages.map(|r| r.authorization).all(|a| a.is_none()), "the token is for the registry alone");
    let mut place = registry.place(credentials);
    place.1.environment.push(("TF_TOKEN_registry_example_com".into(), "an-old-token".into()));
    place.write("root/main.tf", &call("ns/private/aws", ""));
    let (_, d) = place.install(false);
    let first = d.iter().next().unwrap();
    assert!(first.hint.as_ref().unwrap().contains("renew TF_TOKEN_registry_example_com"), "{first:?}");
    assert!(!format!("{d:?}").contains("an-old-token"));
    let place = registry.place("");
    place.write("root/main.tf", &call("ns/private/aws", ""));
    assert!(place.install(false).1.iter().next().unwrap().hint.as_ref().unwrap().contains("wants a token"));
}

#[test]
fn many_calls_of_one_module_ask_once() {
    let registry = Registry::start();
    let place = registry.place("");
    let calls: String = (0..20).map(|i| call("ns/m/aws", "1.2.0").replace("\"a\"", &format!("\"m{i}\""))).collect();
    place.write("root/main.tf", &calls);
    assert_eq!(place.summaries(), Vec::<String>::new());
    assert_eq!(registry.server.asked().len(), 3, "{:?}", registry.server.asked());
    assert_eq!(place.outputs("m19"), ["v1_2_0"]);
}

#[test]
fn terraform_installs_the_same_from_this_registry() {
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("skipped: terraform is not on the PATH");
        return;
    }
    let registry = Registry::start();
    let place = registry.place("");
    let named =
        |name: &str, source: &str, version: &str| call(source, version).replace("\"a\"", &format!("\"{name}\""));
    let text = named("a", "ns/m/aws", "~> 1.1")
        + &named("b", "ns/m/aws//modules/sub", "")
        + &named("c", "ns/m/aws//repo-x", "1.1.0");
    place.write("root/main.tf", &text);
    assert_eq!(place.summaries(), Vec::<String>::new());
    let root = place.0.path().join("root");
    let ours = manifest(&place.options()).unwrap();
    let terraform = |args: &[&str]| {
        let output = Command::new("terraform")
            .args(args)
            .current_dir(&root)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_CLI_CONFIG_FILE", place.0.path().join("tfrc"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    terraform(&["validate"]);
    std::fs::remove_dir_all(root.join(".terraform")).unwrap();
    terraform(&["init"]);
    let theirs = manifest(&place.options()).unwrap();
    let shape = |modules: &BTreeMap<String, InstalledModule>| -> Vec<(String, String, Option<String>, String)> {
        let inside = |dir: &Path| dir.display().to_string().split(".terraform").nth(1).unwrap_or_default().to_owned();
        modules.iter().map(|(k, m)| (k.clone(), m.source.clone(), m.version.clone(), inside(&m.dir))).collect()
    };
    assert_eq!(shape(&ours), shape(&theirs));
    let before = registry.server.asked().len();
    assert_eq!(place.summaries(), Vec::<String>::new());
    // Its entries are relative to the working directory, which is not this test's: from here they are not found.
    assert!(registry.server.asked().len() >= before);
}
