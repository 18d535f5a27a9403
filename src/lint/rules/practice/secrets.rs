//! Secrets in plain sight.

use crate::address::ModulePath;
use crate::config::model::Config;
use crate::domain::catalog::SECRET_KEYS;
use crate::lang::eval::references;
use crate::lang::syntax::ast::{Expr, TraversalStep};
use crate::lang::value::Value;
use crate::lint::finding::Level;
use crate::lint::model::{Attr, Delivery, Model, Object, items};
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
                let text = attr.str();
                // What CloudFormation would look up is none here, but no secret either.
                let none = text.is_empty() || text.chars().all(|c| c == '*') || text.starts_with("{{resolve:");
                if none || !is_written(context, &attr, text) {
                    continue;
                }
                tell(&attr, "", &format!("{key} of {}", action.title()), found);
            }
            if action.provider() == "CodeBuild" || action.provider() == "Commands" {
                let attr = action.setting("EnvironmentVariables");
                for (name, _) in plain_secrets(&attr).into_iter().filter(|(_, v)| is_written(context, &attr, v)) {
                    tell(&attr, &name, &format!("the environment variable {name} of {}", action.title()), found);
                }
            }
            let attr = action.setting("UserParameters");
            let secret =
                attr.known().and_then(|text| form_of_secret(text).map(str::to_owned).or_else(|| json_secret(text)));
            if secret.is_some_and(|secret| is_written(context, &attr, &secret)) {
                tell(&attr, "", &format!("UserParameters of {}", action.title()), found);
            }
        }
        for variable in pipeline.object.blocks("variable") {
            let (name, value) = (variable.get("name"), variable.get("default_value"));
            let Some(text) = value.known().filter(|t| !t.is_empty()) else { continue };
            let secret = looks_secret(text) || is_secret_name(name.str()) && !is_reference(text);
            if secret && is_written(context, &value, text) {
                tell(&value, "", &format!("the default of the pipeline variable {}", name.str()), found);
            }
        }
        let passed = pipeline.object.get("unmodeled");
        for (what, secret) in passed_secrets(pipeline) {
            if is_written(context, &passed, &secret) {
                tell(&passed, &what, &what, found);
            }
        }
        for webhook in pipeline.webhooks() {
            let token = token_of(webhook);
            let text = token.str();
            if !is_reference(text) && is_written(context, &token, text) {
                tell(&token, "", &format!("the secret token of {}", webhook.address()), found);
            }
        }
    }
}

/// What GitHub signs its calls of a webhook with.
fn token_of<'m>(webhook: &'m Object<'m>) -> Attr<'m> {
    webhook.root().block("authentication_configuration").get("secret_token")
}

/// Secrets in the commands and environment variables that are passed through.
fn passed_secrets(pipeline: &Delivery<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (_, action) in pipeline.passed_actions() {
        let name = action.get("name").and_then(Json::as_str).unwrap_or_default();
        for command in items(action, "commands") {
            if let Some(secret) = command.as_str().and_then(form_of_secret) {
                found.push((format!("a command of {name}"), secret.to_owned()));
            }
        }
        for (variable, value) in secrets_among(items(action, "environmentVariables")) {
            found.push((format!("the environment variable {variable} of {name}"), value));
        }
    }
    found
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
    texts.extend(passed_secrets(pipeline).into_iter().map(|(_, secret)| secret));
    texts.extend(pipeline.webhooks().into_iter().filter_map(|webhook| token_of(webhook).known().map(str::to_owned)));
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

/// Whether the configuration holds the text: where it is used, or where what is referred to there comes from.
fn is_written(context: &Context<'_>, attr: &Attr<'_>, text: &str) -> bool {
    stands_here(attr, text) || !is_placeholder(text) && is_handed_on(context, attr, text)
}

/// Whether a local value, the default of a variable or an argument of a module call that an expression refers to holds the text.
fn is_handed_on(context: &Context<'_>, attr: &Attr<'_>, text: &str) -> bool {
    let (Some(config), Some(expr)) = (context.model.config(), attr.expr()) else { return false };
    let search = Search { config, model: context.model, text };
    !text.is_empty() && search.refers(expr, &attr.object().instance().module.path(), 0)
}

/// The search for where a text comes from.
struct Search<'s> {
    config: &'s Config,
    model: &'s Model<'s>,
    text: &'s str,
}

impl Search<'_> {
    /// More steps are followed by nobody.
    const STEPS: usize = 16;

    /// Whether something that an expression refers to holds the text.
    fn refers(&self, expr: &Expr, path: &ModulePath, step: usize) -> bool {
        let Some(module) = self.config.module(path).filter(|_| step < Self::STEPS) else { return false };
        references(expr).iter().any(|reference| {
            let Some(TraversalStep::Attr(name)) = reference.steps.first() else { return false };
            match &*reference.root.name {
                "local" => module.locals.get(&*name.name).is_some_and(|l| self.holds(&l.expr, path, step + 1)),
                "var" => {
                    let default = module.variables.get(&*name.name).and_then(|v| v.default.as_ref());
                    default.is_some_and(|value| self.is_in(value)) || self.is_argument(&name.name, path, step + 1)
                }
                _ => false,
            }
        })
    }

    fn holds(&self, expr: &Expr, path: &ModulePath, step: usize) -> bool {
        self.model.sources.text(expr.span).contains(self.text) || self.refers(expr, path, step)
    }

    /// Whether the call of a module gives the text for a variable.
    fn is_argument(&self, name: &str, path: &ModulePath, step: usize) -> bool {
        let Some((call, caller)) = path.0.split_last() else { return false };
        let caller = ModulePath(caller.to_vec());
        let call = self.config.module(&caller).and_then(|m| m.calls.get(call));
        let argument = call.and_then(|call| call.body.attribute(name));
        argument.is_some_and(|argument| self.holds(&argument.expr, &caller, step))
    }

    fn is_in(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| text.contains(self.text))
            || value.elements().is_some_and(|items| items.iter().any(|item| self.is_in(item)))
            || value.fields().is_some_and(|fields| fields.values().any(|field| self.is_in(field)))
    }
}

/// Plain environment variables that hold secrets, in CodeBuild's JSON list: names and values.
fn plain_secrets(attr: &Attr<'_>) -> Vec<(String, String)> {
    let parsed: Option<Json> = attr.text().and_then(|t| serde_json::from_str(t.0).ok());
    secrets_among(&parsed.and_then(|j| j.as_array().cloned()).unwrap_or_default())
}

/// Those of a list of variables with name, value and type.
fn secrets_among(list: &[Json]) -> Vec<(String, String)> {
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

/// Defaults that say what is to be put there.
fn is_placeholder(text: &str) -> bool {
    static WORDS: OnceLock<Option<Regex>> = OnceLock::new();
    let words = r"(?i)(your|change|replace|insert|placeholder|example|sample|dummy|todo|fill|enter|put_|set_me|token_here|^x+$|^\.+$|^-+$|^(foo|bar|test|secret|token|password)$)";
    is_reference(text) || WORDS.get_or_init(|| Regex::new(words).ok()).as_ref().is_some_and(|r| r.is_match(text))
}

/// Whether a text is a secret by its form.
fn looks_secret(text: &str) -> bool {
    form_of_secret(text).is_some()
}

/// The part of a text that is a secret by its form.
fn form_of_secret(text: &str) -> Option<&str> {
    static FORMS: OnceLock<Option<Regex>> = OnceLock::new();
    let forms = r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{22,}|\bglpat-[A-Za-z0-9_-]{20,}|\bxox[baprs]-[A-Za-z0-9-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY-----";
    let example = text.contains("EXAMPLE");
    let found = FORMS.get_or_init(|| Regex::new(forms).ok()).as_ref()?.find(text)?;
    (!example).then(|| found.as_str())
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
