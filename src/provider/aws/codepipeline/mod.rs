//! CodePipeline: `aws_codepipeline`, its webhooks and custom action types.

mod action_type;
pub(super) mod approvals;
mod bulk;
mod carry;
mod expand;
mod flatten;
mod pipeline;
mod predict;
mod tags;
mod token;
pub(super) mod unmodeled;
mod webhook;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[&pipeline::Pipeline, &webhook::Webhook, &action_type::CustomActionType],
    data: &[],
    bulk: Some(&bulk::Listings),
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
    use crate::provider::aws::attrs::Absent;
    use crate::provider::aws::object::Obj;
    use crate::provider::aws::recorded::{differences, of};

    #[test]
    fn declarations_survive_the_way_there_and_back() {
        for recorded in of("aws_codepipeline") {
            let stored = Obj::new(&recorded.stored);
            let declaration = expand::declaration(&stored).unwrap();
            let back = flatten::pipeline(&declaration, &stored).shape(&recorded.block, &recorded.stored, Absent::Zero);
            let unlike: Vec<_> = differences(&recorded.stored, &back)
                .into_iter()
                .filter(|d| !d.contains("null ≠ []") && !d.contains("null ≠ {}"))
                .collect();
            assert!(unlike.is_empty(), "{}: {unlike:#?}", recorded.name);
        }
    }

    #[test]
    fn a_pipeline_reads_in_the_order_it_was_written_in_and_with_the_token_that_is_known() {
        for recorded in of("aws_codepipeline") {
            let stored = Obj::new(&recorded.stored);
            let mut live = expand::declaration(&stored).unwrap();
            for stage in &mut live.stages {
                stage.actions.reverse();
                for action in &mut stage.actions {
                    let github = action.action_type_id().is_some_and(|k| k.provider() == super::token::PROVIDER);
                    if let Some(configuration) = action.configuration.as_mut().filter(|_| github) {
                        configuration.insert(super::token::KEY.into(), "****".into());
                    }
                }
            }
            let back = flatten::pipeline(&live, &stored).shape(&recorded.block, &recorded.stored, Absent::Zero);
            let differing = differences(recorded.stored.get("stage").unwrap(), back.get("stage").unwrap());
            let unlike: Vec<_> =
                differing.into_iter().filter(|d| !d.contains("null ≠ []") && !d.contains("null ≠ {}")).collect();
            assert!(unlike.is_empty(), "{}: {unlike:#?}", recorded.name);
        }
    }
}
