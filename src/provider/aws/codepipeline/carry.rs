//! An update replaces the whole pipeline, so what the live one has and the schema cannot express (commands of Compute actions, output
//! variables, environment variables, files of artifacts, blockers) is carried over, action by action of the same name and kind.

use aws_sdk_codepipeline::types as t;

/// The wanted declaration with the live one's unmodelled parts.
pub fn unmodelled(mut wanted: t::PipelineDeclaration, live: &t::PipelineDeclaration) -> t::PipelineDeclaration {
    for stage in &mut wanted.stages {
        let Some(before) = live.stages().iter().find(|s| s.name() == stage.name()) else { continue };
        stage.blockers.clone_from(&before.blockers);
        for action in &mut stage.actions {
            let same = |a: &&t::ActionDeclaration| a.name == action.name && a.action_type_id == action.action_type_id;
            let Some(before) = before.actions().iter().find(same) else { continue };
            action.commands.clone_from(&before.commands);
            action.output_variables.clone_from(&before.output_variables);
            action.environment_variables.clone_from(&before.environment_variables);
            for artifact in action.output_artifacts.iter_mut().flatten() {
                let before = before.output_artifacts().iter().find(|a| a.name == artifact.name);
                artifact.files = before.and_then(|a| a.files.clone());
            }
        }
    }
    wanted
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    fn pipeline(commands: Option<&str>) -> t::PipelineDeclaration {
        let kind = t::ActionTypeId::builder()
            .category(t::ActionCategory::Compute)
            .owner(t::ActionOwner::Aws)
            .provider("Commands")
            .version("1")
            .build()
            .unwrap();
        let action = t::ActionDeclaration::builder()
            .name("a")
            .action_type_id(kind)
            .set_commands(commands.map(|c| vec![c.to_owned()]))
            .build()
            .unwrap();
        let stage = t::StageDeclaration::builder().name("s").actions(action).build().unwrap();
        t::PipelineDeclaration::builder().name("p").role_arn("r").stages(stage).build().unwrap()
    }

    #[test]
    fn commands_set_elsewhere_survive_an_update() {
        let merged = unmodelled(pipeline(None), &pipeline(Some("make")));
        assert_eq!(merged.stages()[0].actions()[0].commands(), ["make".to_owned()]);
    }
}
