//! A live pipeline and what belongs to it, read through the provider that the configuration, or else the environment, describes.

use super::linting;
use super::session::{Interruptible, Session};
use super::settings::VariableArgument;
use crate::address::ProviderSource;
use crate::config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::lint::Note;
use crate::lint::model::{Object, without_empty};
use crate::operate::discover::{Discovered, Picture, discover};
use crate::provider::discovery::Missing;
use std::collections::BTreeMap;
use std::path::Path;

const PIPELINE: &str = "aws_codepipeline";

/// The objects of a pipeline as lint takes them, and what could not be seen of it: as notes, and as warnings, one for each call that these
/// credentials may not make.
///
/// # Errors
/// Without credentials, without such a pipeline, or when it may not be read itself.
pub async fn objects(
    session: &Session,
    name: &str,
    variables: &[VariableArgument],
) -> Result<(Vec<Object<'static>>, Vec<Note>), Diagnostics> {
    let picture = pipeline(session, name, variables).await?;
    session.output.report(&unseen(&picture.missing));
    let region = region_of(&picture.objects);
    let object = |each: Discovered| Object::new(each.address, without_empty(&each.value), None, region.clone());
    let note = |missing: &Missing| Note {
        rule: String::new(),
        address: String::new(),
        text: format!("{} is not looked at: {}", missing.what, missing.why),
    };
    let notes = picture.missing.iter().map(note).collect();
    Ok((picture.objects.into_iter().map(object).collect(), notes))
}

/// Warnings about what hides objects that may exist.
fn unseen(missing: &[Missing]) -> Diagnostics {
    let mut by_call: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut told = Diagnostics::new();
    for each in missing {
        match &each.denied {
            Some(call) => by_call.entry(call).or_default().push(&each.what),
            None if each.types.is_empty() => {}
            None => {
                told.push(Diagnostic::warning("Not everything could be read", format!("{}: {}", each.what, each.why)))
            }
        }
    }
    for (call, what) in by_call {
        let shown: Vec<&str> = what.iter().take(3).copied().collect();
        let more = what.len().checked_sub(shown.len()).filter(|more| *more > 0);
        let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
        let text = format!(
            "These credentials may not call {call}. It was asked for {}{more}; nothing is concluded from what was not seen.",
            shown.join(", ")
        );
        told.push(
            Diagnostic::warning("Not everything could be read", text)
                .hint(format!("Allow {call}, or lint with other credentials, for the whole picture.")),
        );
    }
    told
}

async fn pipeline(session: &Session, name: &str, variables: &[VariableArgument]) -> Result<Picture, Diagnostics> {
    session.watch_interrupts();
    let factory = session
        .registry
        .get(&ProviderSource::hashicorp("aws"))
        .ok_or_else(|| Diagnostic::error("No AWS provider", "The program was built without the AWS provider."))?;
    let config = match config::is_config_dir(Path::new(".")) {
        true => linting::load(session)?.0,
        false => session.load()?,
    };
    let provider = session.aws_provider(&config, variables).await?;
    let progress = Interruptible(&session.cancel);
    tokio::select! {
        picture = discover(&**factory, &*provider, PIPELINE, name, &progress) => picture,
        () = session.cancel.cancelled() => {
            Err(Diagnostic::error("Interrupted", "The pipeline was not read to the end.").into())
        }
    }
}

/// From the pipeline's ARN.
fn region_of(objects: &[Discovered]) -> Option<String> {
    let arn = objects.first()?.value.get("arn").and_then(Value::as_str)?;
    arn.split(':').nth(3).filter(|region| !region.is_empty()).map(str::to_owned)
}
