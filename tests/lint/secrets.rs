//! Secrets of the configuration are in no output.

use crate::fixture::example;
use pipewright::lint::{self, Level, Report, Rule};
use pipewright::view::lint as view;
use pipewright::view::style::Palette;

const TOKEN: &str = "fedcba9876543210fedcba9876543210fedcba98";
const PASSWORD: &str = "correct-horse-battery";
const DEFAULT: &str = "by-variable-horse";

/// A pipeline in which much is wrong around its secrets: what is found stands beside them, and at them.
fn text() -> String {
    format!(
        r##"variable "hook" {{
  sensitive = true
  default   = "{DEFAULT}"
}}

resource "aws_codepipeline" "shop" {{
  name = "shop ${{var.hook}}"
  stage {{
    name = "Source"
    action {{
      name             = "Code"
      category         = "Source"
      owner            = "ThirdParty"
      provider         = "GitHub"
      version          = "1"
      output_artifacts = ["source"]
      configuration = {{
        Owner                = "acme"
        Repo                 = "shop"
        Brunch               = "main"
        OAuthToken           = "{TOKEN}"
        PollForSourceChanges = "yes"
      }}
    }}
  }}
  stage {{
    name = "Build"
    action {{
      name            = "Build"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source", "${{var.hook}}"]
      configuration = {{
        EnvironmentVariables = jsonencode([{{ name = "DB_PASSWORD", value = "{PASSWORD}" }}])
        UserName             = "#{{Nothing.{DEFAULT}}}"
      }}
    }}
  }}
}}
"##
    )
}

fn outputs(
    report: &Report,
    rules: &[&'static Rule],
    sources: &pipewright::diagnostics::Sources,
) -> Vec<(&'static str, String)> {
    vec![
        ("human", view::human::report(report, sources, Palette::plain(), true)),
        ("json", view::json::text(report, sources)),
        ("sarif", view::sarif::document(report, rules, sources).to_string()),
        ("junit", view::junit::document(report, rules, Level::Info, sources)),
        ("github", view::github::commands(report, sources)),
        ("markdown", view::markdown::text(report, sources)),
    ]
}

#[test]
fn no_output_shows_a_secret() {
    let fixture = example(&text());
    let rules: Vec<&'static Rule> = lint::rules().collect();
    let report = fixture.report(&rules);
    for id in ["PL005", "CP009", "CP010", "CP005", "CP016"] {
        assert!(report.findings.iter().any(|f| f.rule == id), "{id} says nothing: the test proves less than it should");
    }
    for (format, output) in outputs(&report, &rules, &fixture.config.sources) {
        for secret in [TOKEN, PASSWORD, DEFAULT] {
            assert!(!output.contains(secret), "{format} shows {secret}:\n{output}");
        }
    }
    let human = view::human::report(&report, &fixture.config.sources, Palette::plain(), false);
    assert!(human.contains("OAuthToken           = \"****"), "{human}");
}

#[test]
fn the_diff_of_a_repair_does_not_show_the_secret_beside_it() {
    let fixture = example(&text());
    let rules: Vec<&'static Rule> = lint::rules().collect();
    let report = fixture.report(&rules);
    let files = lint::repair::repaired(&report.findings, &fixture.config.sources, &|_| true);
    let after = &files[0].after;
    assert!(after.contains("Branch ") && after.contains(TOKEN), "the file keeps what it has:\n{after}");
    assert!(!report.hidden.mask(after).contains(TOKEN));
}
