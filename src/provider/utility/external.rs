//! hashicorp/external: a program that is asked for a map of texts.

use super::attribute::{Attr, Kind, computed, optional, required};
use super::{Data, Spec, text, wrong};
use crate::address::ResourceInstance;
use crate::diagnostics::Diagnostics;
use crate::lang::value::{Fields, Type, Value};
use crate::provider::Progress;
use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

pub(super) static SPEC: Spec = Spec { name: "external", version: "2.4.0", resources: &[], data: &[&External] };

struct External;

/// How often an interrupt is looked for.
const TICK: Duration = Duration::from_millis(100);

#[async_trait(?Send)]
impl Data for External {
    fn name(&self) -> &'static str {
        "external"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                computed("id", Kind::Text),
                required("program", Kind::Texts),
                optional("query", Kind::TextMap),
                computed("result", Kind::TextMap),
                optional("working_dir", Kind::Text),
            ]
        }
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        if config.get("program").and_then(Value::elements).is_some_and(<[Value]>::is_empty) {
            let text = "Attribute program list must contain at least 1 elements, got: 0";
            found.push(wrong("program", "Invalid Attribute Value", text));
        }
    }

    async fn read(
        &self,
        _: &ResourceInstance,
        config: &Value,
        progress: &dyn Progress,
    ) -> Result<(Vec<(&'static str, Value)>, Diagnostics), Diagnostics> {
        let words: Vec<&str> = config
            .get("program")
            .and_then(Value::elements)
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
            .filter(|word| !word.is_empty())
            .collect();
        let Some((program, arguments)) = words.split_first() else {
            let text = "The data source was configured without a program to execute. Verify the configuration contains at least one \
                        non-empty value.";
            return Err(wrong("program", "External Program Missing", text).into());
        };
        let query = config.get("query").and_then(Value::fields);
        let query = query.into_iter().flatten().filter_map(|(key, v)| Some((key.to_string(), v.as_str()?.into())));
        let query = Json::Object(query.collect::<Map<String, Json>>()).to_string();
        let output = run(program, arguments, text(config, "working_dir"), &query, progress).await?;
        let result = parsed(program, &output)?;
        Ok((vec![("result", result), ("id", Value::string("-"))], Diagnostics::new()))
    }
}

async fn run(
    program: &str,
    arguments: &[&str],
    folder: &str,
    query: &str,
    progress: &dyn Progress,
) -> Result<Vec<u8>, Diagnostics> {
    let failed = |summary: &str, detail: String| Diagnostics::from(wrong("program", summary, detail));
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    if !folder.is_empty() {
        command.current_dir(folder);
    }
    let mut child = command.spawn().map_err(|e| {
        let text = format!(
            "The data source received an unexpected error while attempting to find the program.\n\nThe program must be accessible on the \
             platform where Pipewright is running: in a directory of the '$PATH' environment variable, or with its path, and with the \
             executable bit set. For a program beside the configuration write \"${{path.module}}/my-program\".\n\nPlatform: {}\nProgram: \
             {program}\nError: {e}",
            std::env::consts::OS
        );
        failed("External Program Lookup Failed", text)
    })?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its query is free to do so.
        let _ = stdin.write_all(query.as_bytes()).await;
    }
    let mut ended = std::pin::pin!(child.wait_with_output());
    let output = loop {
        match tokio::time::timeout(TICK, ended.as_mut()).await {
            Ok(output) => break output,
            Err(_) if progress.interrupted() => {
                return Err(failed("External Program Interrupted", format!("{program} was stopped.")));
            }
            Err(_) => {}
        }
    };
    let said = "The data source received an unexpected error while attempting to execute the program.";
    let output = output.map_err(|e| {
        failed("External Program Execution Failed", format!("{said}\n\nProgram: {program}\nError Message: {e}"))
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let state = output.status;
    let text = match message.is_empty() {
        false => format!("{said}\n\nProgram: {program}\nError Message: {message}\nState: {state}"),
        true => format!(
            "{said}\n\nThe program was executed, however it returned no additional error messaging.\n\nProgram: {program}\nState: {state}"
        ),
    };
    Err(failed("External Program Execution Failed", text))
}

fn parsed(program: &str, output: &[u8]) -> Result<Value, Diagnostics> {
    let bad = |why: String| {
        let text = format!(
            "The data source received unexpected results after executing the program.\n\nProgram output must be a JSON encoded map of \
             string keys and string values.\n\nProgram: {program}\nResult Error: {why}"
        );
        Diagnostics::from(wrong("program", "Unexpected External Program Results", text))
    };
    let json: Map<String, Json> = serde_json::from_slice(output).map_err(|e| bad(e.to_string()))?;
    let mut fields = Fields::new();
    for (key, value) in json {
        match value {
            Json::String(text) => fields.insert(Arc::from(key), Value::string_normalized(&text)),
            Json::Null => fields.insert(Arc::from(key), Value::string("")),
            other => return Err(bad(format!("{key:?} is not a string but {other}"))),
        };
    }
    Ok(Value::map(Type::String, fields))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::provider::Silent;

    #[tokio::test]
    async fn a_program_gets_the_query_and_gives_texts() {
        let script = r#"read q; printf '{"got":"%s"}' "$(printf '%s' "$q" | tr -d '"{}')""#;
        let output = run("sh", &["-c", script], "", r#"{"a":"b"}"#, &Silent).await.unwrap();
        assert_eq!(parsed("sh", &output).unwrap().get("got"), Some(&Value::string("a:b")));
    }

    #[tokio::test]
    async fn failures_say_what_the_program_said() {
        let error = run("sh", &["-c", "echo no >&2; exit 3"], "", "{}", &Silent).await.unwrap_err();
        assert!(error.iter().next().unwrap().detail.contains("Error Message: no"));
        let error = run("/does/not/exist", &[], "", "{}", &Silent).await.unwrap_err();
        assert_eq!(error.iter().next().unwrap().summary, "External Program Lookup Failed");
        assert!(parsed("x", b"[1]").is_err());
        assert!(parsed("x", br#"{"a":1}"#).is_err());
    }
}
