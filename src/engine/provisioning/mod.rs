//! `provisioner` blocks: `local-exec` runs a command here, `remote-exec` and `file` reach the machine that the `connection` block names.

mod connection;
mod local_exec;
mod remote;
mod schema;

use super::decode::decode;
use super::event::Event;
use super::run::Run;
use super::scope::Evaluation;
use crate::address::ResourceInstance;
use crate::config::model::{Provisioner, ResourceBlock};
use crate::config::suggest::did_you_mean;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::lang::syntax::ast::Body;
use crate::lang::value::{Marks, Value};
use schema::Kind;

/// Which provisioners run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// After creation.
    Create,
    /// Before destruction.
    Destroy,
}

/// Everything that can be said of the provisioners of a block before they run. `evaluation` has `self`.
pub(super) fn check(block: &ResourceBlock, evaluation: &Evaluation<'_, '_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if let Some(connection) = &block.connection {
        diagnostics.extend(decode(connection, &schema::CONNECTION, evaluation, block.span).1);
    }
    for provisioner in &block.provisioners {
        let Some(kind) = Kind::of(&provisioner.kind.name) else {
            diagnostics.push(unknown_kind(provisioner));
            continue;
        };
        let (config, found) = decode(&provisioner.body, kind.schema(), evaluation, provisioner.span);
        let decoded = !found.has_errors();
        diagnostics.extend(found);
        if decoded && let Err(detail) = kind.check(&config) {
            let summary = format!("Invalid {} provisioner configuration", provisioner.kind.name);
            diagnostics.push(Diagnostic::error(summary, format!("{detail}.")).at(provisioner.span));
        }
        // Beside a block for the whole resource this one may be incomplete.
        if let Some(connection) = &provisioner.connection {
            let whole = joined(block.connection.as_ref(), connection);
            let (value, found) = decode(&whole, &schema::CONNECTION, evaluation, provisioner.span);
            let decoded = !found.has_errors();
            diagnostics.extend(found);
            if decoded && kind.is_remote() {
                diagnostics.extend(connection::check(&value, provisioner.span));
            }
        }
    }
    diagnostics
}

fn unknown_kind(provisioner: &Provisioner) -> Diagnostic {
    let name = &provisioner.kind.name;
    let guess = did_you_mean(name, Kind::NAMES);
    Diagnostic::error(
        "Missing required provisioner plugin",
        format!("There is no provisioner \"{name}\". There are \"local-exec\", \"remote-exec\" and \"file\".{guess}"),
    )
    .at(provisioner.kind.span)
    .within(provisioner.span)
}

/// Arguments of the inner block, and those of the outer one that the inner one lacks.
fn joined(outer: Option<&Body>, inner: &Body) -> Body {
    let mut body = inner.clone();
    let Some(outer) = outer else { return body };
    let missing = outer.attributes.iter().filter(|a| inner.attribute(&a.name.name).is_none());
    body.attributes.extend(missing.cloned());
    body.blocks.extend(outer.blocks.iter().cloned());
    body
}

/// Runs the provisioners of a moment one after the other. `evaluation` has `self`. An error ends the row, unless the provisioner says to
/// continue.
pub(super) async fn provision(
    run: &Run<'_>,
    provisioners: &[Provisioner],
    connection: Option<&Body>,
    block: Option<&ResourceBlock>,
    address: &ResourceInstance,
    evaluation: &Evaluation<'_, '_>,
    moment: Moment,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for provisioner in provisioners.iter().filter(|p| p.on_destroy == (moment == Moment::Destroy)) {
        let name = provisioner.kind.name.to_string();
        run.events.event(Event::ProvisionStart { address: address.clone(), provisioner: name.clone() });
        let result = one(run, provisioner, connection, address, evaluation).await;
        let success = !result.has_errors();
        run.events.event(Event::ProvisionEnd { address: address.clone(), provisioner: name, success });
        let result = run.placed(result, address, block);
        if success || !provisioner.continue_on_failure {
            diagnostics.extend(result);
            if !success {
                break;
            }
        } else {
            diagnostics.extend(result.into_iter().map(|mut d| {
                d.severity = Severity::Warning;
                d
            }));
        }
    }
    diagnostics
}

async fn one(
    run: &Run<'_>,
    provisioner: &Provisioner,
    connection: Option<&Body>,
    address: &ResourceInstance,
    evaluation: &Evaluation<'_, '_>,
) -> Diagnostics {
    let Some(kind) = Kind::of(&provisioner.kind.name) else { return unknown_kind(provisioner).into() };
    let (config, found) = decode(&provisioner.body, kind.schema(), evaluation, provisioner.span);
    let (config, mut diagnostics) = match found.into_result(config) {
        Ok(pair) => pair,
        Err(errors) => return errors,
    };
    let fail = |detail: String| {
        let summary = format!("{} provisioner error", provisioner.kind.name);
        Diagnostic::error(summary, detail).at(provisioner.span)
    };
    if config.contains_unknown() {
        diagnostics.push(fail("The configuration holds values that are not known.".to_owned()));
        return diagnostics;
    }
    if let Err(detail) = kind.check(&config) {
        diagnostics.push(fail(format!("{detail}.")));
        return diagnostics;
    }
    let say = |line: String| {
        run.events.event(Event::ProvisionOutput {
            address: address.clone(),
            provisioner: provisioner.kind.name.to_string(),
            line,
        });
    };
    if kind == Kind::LocalExec {
        if let Err(detail) = local_exec::run(&config, &say).await {
            diagnostics.push(fail(detail));
        }
        return diagnostics;
    }
    let body = match (&provisioner.connection, connection) {
        (Some(own), outer) => joined(outer, own),
        (None, Some(outer)) => outer.clone(),
        (None, None) => {
            let detail = "Missing connection configuration for provisioner.";
            let hint = "Add a connection block with type, host, user, and a key or password to the provisioner or its resource.";
            diagnostics.push(fail(detail.to_owned()).hint(hint));
            return diagnostics;
        }
    };
    let (settings, found) = decode(&body, &schema::CONNECTION, evaluation, provisioner.span);
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed {
        return diagnostics;
    }
    // What a secret connection shows may hold the secret.
    let hidden = is_secret(&config) || is_secret(&settings);
    match connection::target(&settings.unmark_deep()) {
        Err(detail) => diagnostics.push(fail(detail)),
        Ok(place) => {
            if let Err(detail) = remote::run(kind, &config.unmark_deep(), &place, hidden, &say, run.cancel).await {
                diagnostics.push(fail(detail));
            }
        }
    }
    diagnostics
}

/// Whether any part must not be shown.
fn is_secret(value: &Value) -> bool {
    value.marks_deep().intersects(Marks::SENSITIVE | Marks::CONCEALED | Marks::EPHEMERAL)
}

/// The text of an attribute that is set.
fn text<'v>(config: &'v Value, name: &str) -> Option<&'v str> {
    config.get(name).and_then(Value::as_str)
}

/// The texts of a list attribute.
fn texts(config: &Value, name: &str) -> Vec<String> {
    let items = config.get(name).and_then(Value::elements).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
