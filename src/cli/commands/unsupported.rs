//! Commands of Terraform that Pipewright does not have: each says so, and what serves instead. Nothing is read or changed.

use crate::cli::Exit;
use crate::cli::output::{Output, Style};
use crate::diagnostics::Diagnostic;

fn refuse(summary: &str, text: &str, hint: &str) -> Exit {
    Output::new(Style::default()).failed(&Diagnostic::error(summary, text).hint(hint).into())
}

/// `test`
pub fn test() -> Exit {
    refuse(
        "Pipewright does not run tests",
        "Files of tests (.tftest.hcl) are laid out by fmt, and otherwise not looked at.",
        "What holds for every run belongs into validation rules, pre- and postconditions and check blocks, which plan and apply verify; \
         `pipewright lint` and `pipewright alerts test` check a configuration offline. To run the files themselves, use `terraform test`.",
    )
}

/// `login`
pub fn login() -> Exit {
    refuse(
        "Pipewright has no login",
        "Nothing is stored for services: state is kept in files and in S3, whose credentials are those of AWS.",
        "The token of a module registry is taken from TF_TOKEN_<host>, from a credentials block of the CLI configuration, and from what \
         `terraform login` has stored.",
    )
}

/// `logout`
pub fn logout() -> Exit {
    refuse(
        "Pipewright has no logout",
        "It stores no credentials, so there are none to remove.",
        "Unset TF_TOKEN_<host>, or remove the token from the credentials block or file it stands in (~/.terraform.d/credentials.tfrc.json).",
    )
}

/// `stacks`
pub fn stacks() -> Exit {
    refuse(
        "Pipewright has no stacks",
        "Stacks are a feature of HCP Terraform.",
        "Use modules with count or for_each, and one folder or workspace for each deployment.",
    )
}
