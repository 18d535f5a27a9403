//! The state file, version 4: text to [`State`] and back, byte for byte as Terraform lays it out.
//!
//! Keys this program does not know are kept at every level but that of outputs, which every apply writes anew; numbers keep
//! every digit.

pub mod json;
mod read;
mod write;

pub use json::Digest;
pub use read::read;
pub use write::{digest, write, write_to};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// A file with every field that Terraform 1.11 writes, in its layout.
    const WHOLE: &str = include_str!("whole.tfstate");

    #[test]
    fn a_file_is_written_back_byte_for_byte() {
        let state = read(WHOLE.as_bytes(), "whole.tfstate").unwrap();
        assert_eq!(write(&state), WHOLE);
    }

    #[test]
    fn order_in_the_file_does_not_matter() {
        let mut json: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
        json["resources"].as_array_mut().unwrap().reverse();
        for resource in json["resources"].as_array_mut().unwrap() {
            resource["instances"].as_array_mut().unwrap().reverse();
        }
        let state = read(json.to_string().as_bytes(), "x").unwrap();
        assert_eq!(write(&state), WHOLE);
    }

    #[test]
    fn an_empty_file_is_an_empty_state() {
        let state = read(b"", "x").unwrap();
        assert!(state.is_empty());
        assert_eq!((state.serial, state.lineage.as_str()), (0, ""));
    }

    #[test]
    fn content_ignores_serial_lineage_and_writer() {
        let a = read(WHOLE.as_bytes(), "x").unwrap();
        let mut b = a.clone();
        b.serial += 1;
        b.lineage = "other".into();
        b.terraform_version = "1.9.0".into();
        assert_eq!(digest(&a), digest(&b));
        b.outputs.clear();
        assert_ne!(digest(&a), digest(&b));
    }

    fn error(text: &str) -> String {
        let errors = read(text.as_bytes(), "terraform.tfstate").unwrap_err();
        let first = errors.iter().next().unwrap();
        format!("{}: {}", first.summary, first.detail)
    }

    #[test]
    fn a_newer_format_is_refused_with_both_versions() {
        let text = error(r#"{"version": 5, "terraform_version": "2.0.0"}"#);
        assert!(text.contains("version 5") && text.contains("version 4") && text.contains("2.0.0"), "{text}");
    }

    #[test]
    fn an_older_format_is_refused_with_the_way_out() {
        let text = error(r#"{"version": 3, "terraform_version": "0.11.14"}"#);
        assert!(text.contains("version 3") && text.contains("Terraform"), "{text}");
    }

    #[test]
    fn broken_json_is_reported_with_its_place() {
        let text = error("{\"version\": 4,\n  \"serial\": }");
        assert!(text.contains("line 2"), "{text}");
        assert!(error("not json").contains("line 1"));
        assert!(error("[]").contains("object"));
        assert!(error("{}").contains("version"));
    }

    #[test]
    fn an_encrypted_state_is_named_as_such() {
        let text = error(r#"{"meta":{},"encrypted_data":"eA==","encryption_version":"v0"}"#);
        assert!(text.contains("encrypted"), "{text}");
    }

    #[test]
    fn wrong_fields_are_reported_with_their_path() {
        let with = |resources: &str| error(&format!(r#"{{"version":4,"resources":[{resources}]}}"#));
        let instance = |instance: &str| {
            with(&format!(
                r#"{{"mode":"managed","type":"t","name":"n","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{instance}]}}"#
            ))
        };
        assert!(with(r#"{"mode":"odd"}"#).contains("resources[0].mode"));
        assert!(instance(r#"{"status":"odd"}"#).contains("resources[0].instances[0].status"));
        assert!(instance(r#"{"deposed":"abc"}"#).contains("resources[0].instances[0].deposed"));
        assert!(instance(r#"{"index_key":1.5}"#).contains("index_key"));
        assert!(instance(r#"{"private":"%"}"#).contains("private"));
        assert!(instance("{},{}").contains("twice"));
        assert!(error(r#"{"version":4,"serial":-1}"#).contains("serial"));
        assert!(error(r#"{"version":4,"outputs":{"a":{"value":1,"type":"odd"}}}"#).contains("outputs.a"));
    }

    #[test]
    fn unknown_keys_survive_at_every_level() {
        let text = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{},"resources":[
            {"mode":"managed","type":"t","name":"n","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[
              {"schema_version":0,"attributes":{},"sensitive_attributes":[],"identity_schema_version":0,"identity":{"id":"x"},
               "skip_destroy":true,"later":1}],"new_here":{"a":1}}],"check_results":null,"top":[1.50]}"#;
        let state = read(text.as_bytes(), "x").unwrap();
        let written: serde_json::Value = serde_json::from_str(&write(&state)).unwrap();
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(text).unwrap());
        assert!(write(&state).contains("1.50"));
    }

    #[test]
    fn legacy_flat_attributes_and_each_are_read() {
        let text = r#"{"version":4,"resources":[{"mode":"managed","type":"t","name":"n","each":"list",
            "provider":"provider[\"terraform.io/builtin/terraform\"]",
            "instances":[{"index_key":0,"schema_version":0,"attributes_flat":{"id":"x"}}]}]}"#;
        let state = read(text.as_bytes(), "x").unwrap();
        let written = write(&state);
        assert!(written.contains("attributes_flat") && !written.contains("\"each\""), "{written}");
    }

    #[test]
    fn a_provider_written_on_instances_is_understood() {
        let text = r#"{"version":4,"resources":[{"mode":"managed","type":"t","name":"n","instances":[
            {"schema_version":0,"attributes":{},"provider":"provider[\"registry.opentofu.org/hashicorp/aws\"]"}]}]}"#;
        let state = read(text.as_bytes(), "x").unwrap();
        let resource = state.resources.values().next().unwrap();
        assert_eq!(resource.provider.source.name, "aws");
    }
}
