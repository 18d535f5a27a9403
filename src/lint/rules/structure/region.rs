//! What is not there in every region.

use crate::domain::catalog::limits;
use crate::lint::finding::Level;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// Availability.
pub const CP021: Rule = Rule {
    id: "CP021",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "An action's service is not available in the pipeline's region",
    rationale: "Connections and some services are missing in a number of regions; the pipeline cannot be created there, or the action fails.",
    source: "CodePipeline User Guide: action reference for CodeStarSourceConnection; Device Farm endpoints",
    bad: concat!("provider \"aws\" {\n  region = \"af-south-1\"\n}\n\n", pipeline!(source!(), build!())),
    good: concat!("provider \"aws\" {\n  region = \"eu-west-1\"\n}\n\n", pipeline!(source!(), build!())),
    check: availability,
};

fn availability(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let Some(region) = pipeline.region() else { continue };
        for action in pipeline.actions() {
            let provider = action.attr.get("provider");
            let place = action.attr.get("region").known().unwrap_or(region);
            match action.provider() {
                "CodeStarSourceConnection" if limits().connections_unavailable_regions.iter().any(|r| r == region) => {
                    found.at(
                        &provider,
                        format!("{} needs a connection, which {region} does not offer", action.title()),
                        "The User Guide lists this region as one without connections. Put the pipeline in another region, or use another source.",
                    );
                }
                "ElasticBeanstalk" if limits().beanstalk_unavailable_regions.iter().any(|r| r == place) => {
                    found.at(
                        &provider,
                        format!("{} deploys with Elastic Beanstalk, which {place} does not offer", action.title()),
                        "Give the action a region that has it and an artifact store there, or deploy another way.",
                    );
                }
                "DeviceFarm" if region != "us-west-2" && action.attr.get("region").known() != Some("us-west-2") => {
                    found.at(
                        &provider,
                        format!("{} uses Device Farm, which runs only in us-west-2", action.title()),
                        "Set region = \"us-west-2\" on the action and add an artifact store there.",
                    );
                }
                _ => {}
            }
        }
    }
}
