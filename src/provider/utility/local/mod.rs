//! hashicorp/local: files on this machine.

mod contents;
mod data;
mod file;

use super::Spec;

pub(super) static SPEC: Spec = Spec {
    name: "local",
    version: "2.9.0",
    resources: &[&file::FILE, &file::SENSITIVE],
    data: &[&data::FILE, &data::SENSITIVE],
};
