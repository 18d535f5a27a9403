//! CodePipeline: `aws_codepipeline`.

mod carry;
mod expand;
mod flatten;
mod pipeline;
mod predict;
mod token;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service { resources: &[&pipeline::Pipeline], data: &[], bulk: None };

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]
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
}
