//! Artifact stores and the regions they are for.

use crate::lint::finding::Level;
use crate::lint::model::Attr;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// Regions and stores.
pub const CP015: Rule = Rule {
    id: "CP015",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "An action runs in a region that has no artifact store",
    rationale: "Each region with an action needs an artifact store of its own, and so does the region of the pipeline. With one store it has no region, with several each has one.",
    source: "CodePipeline User Guide: add a cross-region action; artifact store structure",
    bad: concat!(
        "provider \"aws\" {\n  region = \"eu-central-1\"\n}\n\n",
        pipeline!(
            source!(),
            stage!("Build", action!("Build", "Build", "AWS", "CodeBuild", "      region = \"us-east-1\"\n"))
        )
    ),
    good: concat!(
        "provider \"aws\" {\n  region = \"eu-central-1\"\n}\n\n",
        pipeline!(
            source!(),
            stage!("Build", action!("Build", "Build", "AWS", "CodeBuild", "      region = \"eu-central-1\"\n"))
        )
    ),
    check: stores,
};

fn stores(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let stores = pipeline.stores();
        if stores.is_empty() || pipeline.object.get("artifact_store").value().is_some_and(|v| v.contains_unknown()) {
            continue;
        }
        let regions: Vec<Attr<'_>> = stores.iter().map(|s| s.get("region")).collect();
        if let [store] = stores.as_slice() {
            let region = store.get("region");
            if region.is_set() {
                found.at(
                    &region,
                    "The only artifact store has a region",
                    "With one artifact store CodePipeline takes no region: it is that of the pipeline. Leave it out, or add stores for other regions.",
                );
            }
        } else {
            for store in stores.iter().filter(|s| !s.get("region").is_set()) {
                found.at(
                    store,
                    "One of several artifact stores has no region",
                    "With several artifact stores each needs the region it is for.",
                );
            }
            for (number, region) in regions.iter().enumerate() {
                let same = |r: &Attr<'_>| r.text().is_some_and(|t| region.text().is_some_and(|own| own.is(t.0)));
                if region.is_set() && regions.iter().take(number).any(same) {
                    found.at(
                        region,
                        format!("Two artifact stores are for {}", region.shown()),
                        "Each region has one artifact store. Take one of them out.",
                    );
                }
            }
            let own = pipeline.region();
            if let Some(own) = own
                && !regions.iter().any(|r| r.text().is_none_or(|t| t.may_be(own)))
            {
                found.on(
                    pipeline.object,
                    format!("There is no artifact store for {own}, the region of the pipeline"),
                    "With several artifact stores one must be for the pipeline's own region.",
                );
            }
        }
        for action in pipeline.actions() {
            let region = action.attr.get("region");
            let Some(wanted) = region.known().filter(|r| !r.is_empty()) else { continue };
            let has_one = match stores.len() {
                1 => pipeline.region().is_none_or(|own| own == wanted),
                _ => regions.iter().any(|r| r.text().is_none_or(|t| t.may_be(wanted))),
            };
            if !has_one {
                found.at(
                    &region,
                    format!("{} runs in {wanted}, which has no artifact store", action.title()),
                    format!("Add an artifact_store with region = \"{wanted}\" and a bucket there, and give the others their region."),
                );
            }
            if action.category() == "Source" && pipeline.region().is_some_and(|own| own != wanted) {
                found.at_part(
                    &region,
                    "source",
                    format!("The source action {} runs in another region than the pipeline", action.title()),
                    "Source actions must be in the pipeline's own region.",
                );
            }
        }
    }
}
