//! `version`: ours, and the Terraform and provider versions whose behaviour this is.

use crate::cli::Exit;
use crate::cli::output::Output;
use crate::cli::session::providers;
use crate::state::TERRAFORM_VERSION;
use serde_json::{Map, json};

/// Prints it.
pub fn run(output: &Output) -> Exit {
    let registry = providers();
    let external: Vec<_> = registry.factories().filter(|f| !f.source().is_builtin()).collect();
    if output.style.json {
        let selections: Map<String, serde_json::Value> =
            external.iter().map(|f| (f.source().to_string(), json!(f.version()))).collect();
        let document = json!({
            "terraform_version": TERRAFORM_VERSION,
            "pipewright_version": env!("CARGO_PKG_VERSION"),
            "platform": format!("{}_{}", std::env::consts::OS, arch()),
            "provider_selections": selections,
            "terraform_outdated": false,
        });
        output.terminal.out(&format!("{document:#}\n"));
        return Exit::Success;
    }
    output.text(&format!(
        "Pipewright v{} (language and state of Terraform v{TERRAFORM_VERSION})\n",
        env!("CARGO_PKG_VERSION")
    ));
    output.text(&format!("on {}_{}\n", std::env::consts::OS, arch()));
    for factory in external {
        output.text(&format!("+ provider {} v{} (built in)\n", factory.source(), factory.version()));
    }
    Exit::Success
}

/// The processor as Go names it.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
