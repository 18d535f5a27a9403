//! `pipeline policy`: the least policy for each role of a pipeline, from the configuration alone.

use crate::cli::Exit;
use crate::cli::args::PipelinePolicyArgs;
use crate::cli::linting::load;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::VariableArgument;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::domain::needs::{MinimalStatement, RoleNeeds, has_outside, minimal, needs};
use crate::domain::policy::symbol;
use crate::engine::{self, Settings};
use crate::lint::iam::{References, facts, print};
use crate::lint::model::{Delivery, Model};
use std::collections::BTreeSet;

/// Prints the policies.
pub fn run(args: &PipelinePolicyArgs, variables: Vec<VariableArgument>) -> Exit {
    let session = Session::new(Style { no_color: args.color.no_color, ..Style::default() });
    match policies(&session, args, &variables) {
        Ok((text, notes)) => {
            session.output.terminal.out(&text);
            session.output.report(&notes);
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

fn policies(
    session: &Session,
    args: &PipelinePolicyArgs,
    variables: &[VariableArgument],
) -> Result<(String, Diagnostics), Diagnostics> {
    let (config, _) = load(session)?;
    let settings = Settings {
        variables: session.given_variables(&config, variables)?,
        workspace: session.workspace()?,
        cwd: session.cwd.clone(),
        ..Settings::default()
    };
    let survey = engine::survey(&config, &session.registry, &settings);
    let model = Model::of_survey(&config, &survey);
    let pipeline = chosen(&model, args.address.as_deref())?;
    let roles = needs(&facts(&pipeline));
    let mut notes = Diagnostics::new();
    for role in &roles {
        notes.extend(doubts(role, &pipeline));
    }
    let text = if args.format == "json" { as_json(&roles) } else { as_hcl(&model, &pipeline, &roles) };
    Ok((text, notes))
}

/// The pipeline with this address or name; the only one without.
fn chosen<'m>(model: &'m Model<'m>, address: Option<&str>) -> Result<Delivery<'m>, Diagnostics> {
    let all: Vec<Delivery<'m>> = model.pipelines().collect();
    let names: Vec<&str> = all.iter().map(|p| p.object.address()).collect();
    let list = names.join(", ");
    let found = match address {
        Some(wanted) => all
            .into_iter()
            .find(|p| p.object.address() == wanted || p.name().known() == Some(wanted))
            .ok_or_else(|| {
                let there = if list.is_empty() { "It has no pipelines.".into() } else { format!("It has {list}.") };
                Diagnostic::error(
                    "No such pipeline",
                    format!("The configuration has no pipeline \"{wanted}\". {there}"),
                )
            }),
        None if all.len() == 1 => all.into_iter().next().ok_or_else(|| Diagnostic::error("No pipeline", String::new())),
        None if list.is_empty() => {
            Err(Diagnostic::error("No pipeline", "The configuration has no aws_codepipeline resource."))
        }
        None => Err(Diagnostic::error("Which pipeline?", format!("The configuration has several: {list}."))
            .hint("Name one: pipewright pipeline policy ADDRESS")),
    };
    Ok(found?)
}

/// What the policy could not be made exact for.
fn doubts(role: &RoleNeeds, pipeline: &Delivery<'_>) -> Diagnostics {
    let mut out = Diagnostics::new();
    for why in &role.open {
        out.push(
            Diagnostic::warning(
                "The policy may lack something",
                format!("For {}, {why}.", symbol::display(&role.role)),
            )
            .address(pipeline.object.address()),
        );
    }
    let wide: BTreeSet<String> =
        minimal(role).iter().filter(|s| s.resources.iter().any(|r| has_outside(r))).map(|s| s.sid.clone()).collect();
    if !wide.is_empty() {
        let which: Vec<String> = wide.into_iter().collect();
        out.push(
            Diagnostic::warning(
                "A resource is wider than needed",
                format!(
                    "The pipeline does not name what it works on in {}: \"*\" stands there. Put in the ARNs that you know.",
                    which.join(", ")
                ),
            )
            .address(pipeline.object.address()),
        );
    }
    out
}

fn as_json(roles: &[RoleNeeds]) -> String {
    let document = match roles {
        [only] => print::json(&minimal(only)),
        several => {
            let of = |role: &RoleNeeds| (symbol::display(&role.role), print::json(&minimal(role)));
            serde_json::Value::Object(several.iter().map(of).collect())
        }
    };
    format!("{document:#}\n")
}

fn as_hcl(model: &Model<'_>, pipeline: &Delivery<'_>, roles: &[RoleNeeds]) -> String {
    let refs = References::of(model, pipeline);
    let mut extras = BTreeSet::new();
    let label = pipeline.object.instance().resource.name.clone();
    let mut blocks = Vec::new();
    for (number, role) in roles.iter().enumerate() {
        let statements: Vec<MinimalStatement> = minimal(role);
        if statements.is_empty() {
            continue;
        }
        let name = if number == 0 { label.to_string() } else { format!("{label}_{}", number + 1) };
        let whose = refs.expression(&role.role, &mut BTreeSet::new());
        blocks.push(format!(
            "# For {}\n{}",
            whose.trim_matches('"').trim_end_matches(".arn"),
            print::hcl(&name, &statements, &refs, &mut extras)
        ));
    }
    let mut out: Vec<String> =
        refs.missing(&extras, model, pipeline).into_iter().map(|extra| extra.block().to_owned()).collect();
    out.extend(blocks);
    crate::lang::fmt::format(&out.join("\n"))
}
