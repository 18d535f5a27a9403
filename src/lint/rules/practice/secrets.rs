//! Secrets in plain sight.

use crate::domain::catalog::SECRET_KEYS;
use crate::lang::eval::references;
use crate::lint::finding::Level;
use crate::lint::model::{Attr, Delivery};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use regex::Regex;
use serde_json::Value as Json;
use std::sync::OnceLock;

/// Literal secrets.
pub const PL005: Rule = Rule {
    id: "PL005",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A secret stands in the configuration",
    rationale: "Settings of actions and variables are shown in the console, in logs and in state files, and the configuration is in version control: the secret is known to everybody who can read one of them.",
    source: "CodePipeline User Guide: security best practices",
    bad: pipeline!(
        stage!(
            "Source",
            action!(
                "Code",
                "Source",
                "ThirdParty",
                "GitHub",
                "      output_artifacts = [\"source\"]\n      configuration = {\n        Owner      = \"acme\"\n        Repo       = \"shop\"\n        Branch     = \"main\"\n        OAuthToken = \"0123456789abcdef0123456789abcdef01234567\"\n      }\n"
            )
        ),
        build!()
    ),
    good: concat!(
        "variable \"github_token\" {\n  type      = string\n  sensitive = true\n}\n\n",
        pipeline!(
            stage!(
                "Source",
                action!(
                    "Code",
                    "Source",
                    "ThirdParty",
                    "GitHub",
                    "      output_artifacts = [\"source\"]\n      configuration = {\n        Owner      = \"acme\"\n        Repo       = \"shop\"\n        Branch     = \"main\"\n        OAuthToken = var.github_token\n      }\n"
                )
            ),
            build!()
        )
    ),
    check: secrets,
};

fn secrets(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions() {
            for key in SECRET_KEYS {
                let attr = action.setting(key);
                if attr.str().is_empty() || attr.str().chars().all(|c| c == '*') || !stands_here(&attr, attr.str()) {
                    continue;
                }
                tell(&attr, "", &format!("{key} of {}", action.title()), found);
            }
            if action.provider() == "CodeBuild" || action.provider() == "Commands" {
                let attr = action.setting("EnvironmentVariables");
                for (name, _) in plain_secrets(&attr).into_iter().filter(|(_, value)| stands_here(&attr, value)) {
                    tell(&attr, &name, &format!("the environment variable {name} of {}", action.title()), found);
                }
            }
            let attr = action.setting("UserParameters");
            if let Some(text) = attr.known()
                && (looks_secret(text) || json_secret(text).is_some_and(|value| stands_here(&attr, &value)))
                && stands_here(&attr, "")
            {
                tell(&attr, "", &format!("UserParameters of {}", action.title()), found);
            }
        }
        for variable in pipeline.object.blocks("variable") {
            let (name, value) = (variable.get("name"), variable.get("default_value"));
            let Some(text) = value.known().filter(|t| !t.is_empty()) else { continue };
            if (looks_secret(text) || is_secret_name(name.str()) && !is_reference(text)) && stands_here(&value, text) {
                tell(&value, "", &format!("the default of the pipeline variable {}", name.str()), found);
            }
        }
    }
}

/// Every text that is a secret, whether it stands in the source or comes from elsewhere.
pub fn secret_texts(pipeline: &Delivery<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    for action in pipeline.actions() {
        texts.extend(SECRET_KEYS.iter().filter_map(|key| action.setting(key).known()).map(str::to_owned));
        texts.extend(plain_secrets(&action.setting("EnvironmentVariables")).into_iter().map(|(_, value)| value));
        if let Some(text) = action.setting("UserParameters").known() {
            texts.extend(json_secret(text));
            texts.extend(looks_secret(text).then(|| text.to_owned()));
        }
    }
    for variable in pipeline.object.blocks("variable") {
        let value = variable.get("default_value").known().unwrap_or_default();
        if looks_secret(value) || is_secret_name(variable.get("name").str()) && !is_reference(value) {
            texts.push(value.to_owned());
        }
    }
    texts
}

fn tell(attr: &Attr<'_>, part: &str, what: &str, found: &mut Reporter<'_>) {
    let mut capital = what.to_owned();
    if let Some(first) = capital.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    found.at_part(
        attr,
        part,
        format!("{capital} is a secret in plain text"),
        "Everybody who can read the configuration, the state or the pipeline knows it. Take it from Secrets Manager or Parameter Store where it is used (for CodeBuild: type SECRETS_MANAGER or PARAMETER_STORE), or from a sensitive variable, and replace the secret: it must be taken for known.",
    );
}

/// Whether the source itself holds the text, not what it refers to.
fn stands_here(attr: &Attr<'_>, text: &str) -> bool {
    match attr.expr() {
        // Live, or made by a dynamic block.
        None => attr.object().block().is_none(),
        Some(expr) if references(expr).is_empty() => true,
        Some(_) => !text.is_empty() && attr.source_text().is_some_and(|source| source.contains(text)),
    }
}

/// Plain environment variables that hold secrets, in CodeBuild's JSON list: names and values.
fn plain_secrets(attr: &Attr<'_>) -> Vec<(String, String)> {
    let parsed: Option<Json> = attr.text().and_then(|t| serde_json::from_str(t.0).ok());
    let list = parsed.and_then(|j| j.as_array().cloned()).unwrap_or_default();
    let plain = list.iter().filter(|v| v.get("type").and_then(Json::as_str).is_none_or(|t| t == "PLAINTEXT"));
    let text = |v: &Json, key: &str| v.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    plain
        .filter_map(|v| {
            let (name, value) = (text(v, "name"), text(v, "value"));
            let secret = looks_secret(&value) || is_secret_name(&name) && !is_reference(&value);
            secret.then_some((name, value))
        })
        .collect()
}

/// The value of a secret-looking entry of a JSON object.
fn json_secret(text: &str) -> Option<String> {
    let json: Json = serde_json::from_str(text).ok()?;
    json.as_object()?.iter().find_map(|(name, value)| {
        let value = value.as_str()?;
        (is_secret_name(name) && !is_reference(value)).then(|| value.to_owned())
    })
}

/// Names that say that the value is a secret itself, not where to find one.
fn is_secret_name(name: &str) -> bool {
    static NAME: OnceLock<Option<Regex>> = OnceLock::new();
    let expression = r"(?i)(passw(or)?d|passphrase|secret|api_?key|access_?key|private_?key|auth_?token|oauth|credential|(^|_)token$|(^|_)pat$)";
    static PLACE: OnceLock<Option<Regex>> = OnceLock::new();
    let place = r"(?i)(arn|name|path|id|url|region|file|location|ttl|length|enabled?)$";
    let is = NAME.get_or_init(|| Regex::new(expression).ok()).as_ref().is_some_and(|r| r.is_match(name));
    is && PLACE.get_or_init(|| Regex::new(place).ok()).as_ref().is_some_and(|r| {
        !r.is_match(name) || r.find(name).is_some_and(|m| name.get(..m.start()).is_some_and(str::is_empty))
    })
}

/// Values that name where a secret is: ARNs, parameters, variables, placeholders.
fn is_reference(value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || value.starts_with("arn:")
        || value.starts_with('/')
        || value.contains("#{")
        || value.contains("${")
        || value.starts_with('<')
        || value.chars().all(|c| c == '*' || c == 'x' || c == 'X')
        || matches!(
            value.to_ascii_lowercase().as_str(),
            "true" | "false" | "none" | "changeme" | "dummy" | "example" | "todo"
        )
        || crate::lang::value::symbol::has_symbol(value)
}

/// Texts that are secrets by their form.
fn looks_secret(text: &str) -> bool {
    static FORMS: OnceLock<Option<Regex>> = OnceLock::new();
    let forms = r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{22,}|\bglpat-[A-Za-z0-9_-]{20,}|\bxox[baprs]-[A-Za-z0-9-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY-----";
    let example = text.contains("EXAMPLE");
    !example && FORMS.get_or_init(|| Regex::new(forms).ok()).as_ref().is_some_and(|r| r.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_places_are_no_names_of_secrets() {
        for yes in ["DB_PASSWORD", "API_KEY", "github_token", "ClientSecret", "AWS_SECRET_ACCESS_KEY"] {
            assert!(is_secret_name(yes), "{yes}");
        }
        for no in ["SECRET_ARN", "SECRET_NAME", "TOKEN_URL", "PASSWORD_PATH", "STAGE", "KEYBOARD", "AWS_ACCESS_KEY_ID"]
        {
            assert!(!is_secret_name(no), "{no}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_form() {
        assert!(looks_secret(&format!("key={}{}", "AKIA", "ABCDEFGHIJKLMNOP")));
        assert!(looks_secret(&format!("ghp_{}", "a".repeat(36))));
        assert!(!looks_secret("arn:aws:secretsmanager:eu-west-1:111122223333:secret:x"));
        assert!(is_reference("/shop/db/password") && !is_reference("hunter2"));
    }
}
