//! CodeBuild: `aws_codebuild_project`, its webhooks, source credentials and report groups.

mod bulk;
mod expand;
mod flatten;
mod predict;
mod project;
mod report_group;
mod source_credential;
mod webhook;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[
        &project::Project,
        &webhook::Webhook,
        &source_credential::SourceCredential,
        &report_group::ReportGroup,
    ],
    data: &[],
    bulk: Some(&bulk::Projects),
};

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::{expand, flatten};
    use crate::lang::value::Value;
    use crate::provider::aws::attrs::Absent;
    use crate::provider::aws::object::{Obj, is_zero};
    use crate::provider::aws::recorded::of;
    use aws_sdk_codebuild::types::Project;

    #[test]
    fn blocks_survive_the_way_there_and_back() {
        for recorded in of("aws_codebuild_project") {
            let config = Obj::new(&recorded.config);
            let artifacts: Vec<_> =
                config.blocks("secondary_artifacts").iter().map(|b| expand::artifacts(b).unwrap()).collect();
            let sources: Vec<_> =
                config.blocks("secondary_sources").iter().map(|b| expand::source(b).unwrap()).collect();
            let batch = config.has("build_batch_config").then(|| expand::batch(&config));
            let project = Project::builder()
                .set_environment(expand::environment(&config).unwrap())
                .artifacts(expand::artifacts(&config.block("artifacts").unwrap()).unwrap())
                .source(expand::source(&config.block("source").unwrap()).unwrap())
                .set_secondary_artifacts(Some(artifacts))
                .set_secondary_sources(Some(sources))
                .set_secondary_source_versions(Some(expand::source_versions(&config).unwrap()))
                .cache(expand::cache(&config).unwrap())
                .logs_config(expand::logs(&config).unwrap())
                .vpc_config(expand::vpc(&config))
                .set_build_batch_config(batch)
                .set_file_system_locations(Some(expand::file_systems(&config)))
                .build();
            let back = flatten::project(&project).shape(&recorded.block, &recorded.config, Absent::Zero);
            for name in recorded.block.blocks.keys() {
                let (a, b) = (recorded.config.get(name).unwrap(), back.get(name).unwrap());
                assert!(covers(b, a), "{} {name}: {a:?} {b:?}", recorded.name);
            }
        }
    }

    /// Whether everything set in `want` stands in `got`; what is not set there may be filled in.
    fn covers(got: &Value, want: &Value) -> bool {
        match (got.fields(), want.fields(), got.elements(), want.elements()) {
            (Some(g), Some(w), ..) => w.iter().all(|(k, v)| is_zero(v) || g.get(k).is_some_and(|g| covers(g, v))),
            (_, _, Some(g), Some(w)) => w.iter().all(|w| g.iter().any(|g| covers(g, w))),
            _ => got == want,
        }
    }
}
