//! Every file is read as a state or refused; what was read is written so that it reads the same.

use pipewright::provider::Registry;
use pipewright::provider::aws::AwsFactory;
use pipewright::provider::builtin::Builtin;
use pipewright::state::codec::{read, write};
use std::sync::{Arc, OnceLock};

/// As a state file, and what its objects decode to.
pub fn check(data: &[u8]) {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    let state = match read(data, "fuzz.tfstate") {
        Ok(state) => state,
        Err(problems) => return assert!(problems.has_errors()),
    };
    let text = write(&state);
    let again = read(text.as_bytes(), "written").expect("what is written can be read");
    assert_eq!(write(&again), text);
    let registry = REGISTRY.get_or_init(providers);
    for (address, resource, instance) in state.instances() {
        let kind = &address.resource;
        let schema = registry.resource_schema(&resource.provider.source, kind.mode, &kind.type_name);
        let objects = instance.current.iter().chain(instance.deposed.values());
        for object in objects {
            if let Some(schema) = &schema {
                let _ = object.decode(schema);
            }
        }
    }
}

fn providers() -> Registry {
    let mut registry = Registry::new();
    registry.register(Arc::new(Builtin));
    registry.register(Arc::new(AwsFactory::new().expect("the embedded schemas parse")));
    registry
}
