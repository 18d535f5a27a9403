//! A live pipeline and what belongs to it, read through the provider that the configuration, or else the environment, describes.

use super::linting;
use super::session::{Interruptible, Session};
use super::settings::VariableArgument;
use crate::address::ProviderSource;
use crate::config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Type, Value, symbol};
use crate::lint::model::Object;
use crate::operate::discover::{Discovered, absent, discover, from_environment};
use std::path::Path;

/// The objects of a pipeline as lint takes them.
pub async fn objects(
    session: &Session,
    name: &str,
    variables: &[VariableArgument],
) -> Result<Vec<Object<'static>>, Diagnostics> {
    let (found, region) = pipeline(session, name, variables).await?;
    let object = |each: Discovered| Object::new(each.address, without_empty(&each.object.value), None, region.clone());
    Ok(found.into_iter().map(object).collect())
}

/// Objects as read hold empty texts for what is not set.
fn without_empty(value: &Value) -> Value {
    let replaced = value.transform(&mut |_, v| {
        Ok::<_, std::convert::Infallible>(match v.as_str() {
            Some("") => Value::null(Type::String),
            _ => v,
        })
    });
    match replaced {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

/// A live pipeline with everything that belongs to it, and the region it was found in.
///
/// # Errors
/// Without credentials, without such a pipeline, or when a part may not be read.
pub async fn pipeline(
    session: &Session,
    name: &str,
    variables: &[VariableArgument],
) -> Result<(Vec<Discovered>, Option<String>), Diagnostics> {
    session.watch_interrupts();
    let source = ProviderSource::hashicorp("aws");
    let factory = session
        .registry
        .get(&source)
        .ok_or_else(|| Diagnostic::error("No AWS provider", "The program was built without the AWS provider."))?;
    let settings = match config::is_config_dir(Path::new(".")) {
        true => from_configuration(session, &source, variables).await?,
        false => None,
    };
    let settings = settings.unwrap_or_else(|| from_environment(&**factory));
    let provider = factory.create();
    let told = provider.configure(&settings).await;
    if told.has_errors() {
        return Err(told);
    }
    session.output.report(&told);
    let progress = Interruptible(&session.cancel);
    let found = tokio::select! {
        found = discover(&**factory, &*provider, "aws_codepipeline", name, &progress) => found?,
        () = session.cancel.cancelled() => {
            return Err(Diagnostic::error("Interrupted", "The pipeline was not read to the end.").into());
        }
    };
    let region = region_of(found.as_deref(), &settings);
    match found {
        Some(found) => Ok((found, region)),
        None => {
            let place = region.map_or_else(|| "this region".to_owned(), |r| format!("region {r}"));
            Err(absent("pipeline", name, &place).into())
        }
    }
}

/// From the pipeline's ARN, else from the provider's settings or the environment.
fn region_of(found: Option<&[Discovered]>, settings: &Value) -> Option<String> {
    let arn = found.and_then(|f| f.first()).and_then(|f| f.object.value.get("arn")).and_then(Value::as_str);
    let in_arn = arn.and_then(|a| a.split(':').nth(3)).map(str::to_owned);
    let set = || settings.get("region").and_then(Value::as_str).map(str::to_owned);
    let environment = || ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| std::env::var(name).ok());
    in_arn.or_else(set).or_else(environment).filter(|r| !r.is_empty())
}

/// The root module's provider block: the default one, else the first.
async fn from_configuration(
    session: &Session,
    source: &ProviderSource,
    variables: &[VariableArgument],
) -> Result<Option<Value>, Diagnostics> {
    let (config, _) = linting::load(session)?;
    let survey = linting::survey(session, &config, variables).await?;
    let mut blocks: Vec<_> =
        survey.providers.into_iter().filter(|(at, _)| at.source == *source && at.module.0.is_empty()).collect();
    blocks.sort_by(|(a, _), (b, _)| a.alias.cmp(&b.alias));
    let Some((_, block)) = blocks.into_iter().next() else { return Ok(None) };
    let open = block.contains_unknown() || texts(&block).iter().any(|text| symbol::has_symbol(text));
    if open {
        let text = "The provider block depends on values that only an apply can tell.";
        return Err(Diagnostic::error("The provider is not known", text)
            .hint("Run it in a folder without configuration: then credentials and region come from the environment.")
            .into());
    }
    Ok(Some(block))
}

/// All texts inside a value.
fn texts(value: &Value) -> Vec<String> {
    if let Some(text) = value.as_str() {
        return vec![text.to_owned()];
    }
    let fields = value.fields().into_iter().flatten().flat_map(|(_, v)| texts(v));
    let elements = value.elements().into_iter().flatten().flat_map(texts);
    fields.chain(elements).collect()
}
