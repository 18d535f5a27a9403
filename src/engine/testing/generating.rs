//! Configuration written for imported objects.

use super::*;

const IMPORT: &str = r#"
    import {
      to = mock_thing.new
      id = "id-1"
    }
    output "name" { value = mock_thing.new.name }"#;

/// A world with one object that no state knows.
async fn with_object(text: &str) -> Bench {
    let mut bench = Bench::with(text).await;
    bench.state = State::default();
    bench.settings.generate = true;
    bench
}

#[tokio::test]
async fn a_missing_block_is_written_and_planned() {
    let object = r#"
        resource "mock_thing" "old" {
          name   = "x"
          secret = "s"
          size   = 3
          tags   = { b = "2", a = "1" }
          needs  = ["n"]
          stage { name = "one" }
          stage {
            name = "two"
            size = 4
          }
        }"#;
    let bench = with_object(object).await;
    let plan = bench.planned(IMPORT).await;
    assert_eq!(actions(&plan), ["update mock_thing.new importing id-1"], "only the secret cannot be written");
    insta::assert_snapshot!(crate::engine::generating::file(&plan.generated), @r#"
    # __generated__ by Pipewright
    # Please review these resources and move them into your main configuration files.

    # __generated__ by Pipewright from "id-1"
    resource "mock_thing" "new" {
      name   = "x"
      needs  = ["n"]
      secret = null # sensitive
      size   = 3
      tags = {
        a = "1"
        b = "2"
      }

      stage {
        name = "one"
      }

      stage {
        name = "two"
        size = 4
      }
    }
    "#);
}

#[tokio::test]
async fn what_was_written_plans_empty() {
    let bench = with_object(r#"resource "mock_thing" "old" { name = "x" }"#).await;
    let plan = bench.planned(IMPORT).await;
    let written = crate::engine::generating::file(&plan.generated);
    assert!(actions(&plan).is_empty() && plan.summary().import == 1);
    let again = bench.planned(&format!("{IMPORT}\n{written}")).await;
    assert!(actions(&again).is_empty() && again.summary().import == 1);
    assert!(again.generated.is_empty());
}

#[tokio::test]
async fn without_the_option_it_is_named() {
    let mut bench = with_object(r#"resource "mock_thing" "old" { name = "x" }"#).await;
    bench.settings.generate = false;
    let text = "import {\n  to = mock_thing.new\n  id = \"id-1\"\n}";
    let (_, diagnostics) = bench.plan(text).await;
    let error = diagnostics.iter().find(|d| d.is_error()).unwrap();
    assert_eq!(error.summary, "Configuration for import target does not exist");
    assert!(error.detail.contains("-generate-config-out=generated.tf"), "{}", error.detail);
}

#[tokio::test]
async fn keys_repetition_and_modules_cannot_be_written() {
    let bench = with_object(r#"resource "mock_thing" "old" { name = "x" }"#).await;
    for block in [
        "import {\n  to = mock_thing.new[\"a\"]\n  id = \"id-1\"\n}",
        "import {\n  for_each = { a = \"id-1\" }\n  to = mock_thing.new[each.key]\n  id = each.value\n}",
        "import {\n  to = module.m.mock_thing.new\n  id = \"id-1\"\n}",
    ] {
        assert_eq!(bench.errors(block).await, ["Configuration for import target does not exist"], "{block}");
    }
}

#[tokio::test]
async fn what_is_managed_already_is_not_written_again() {
    let mut bench = Bench::with(r#"resource "mock_thing" "new" { name = "x" }"#).await;
    bench.settings.generate = true;
    let text = "import {\n  to = mock_thing.new\n  id = \"id-1\"\n}";
    assert_eq!(bench.errors(text).await, ["Configuration for import target does not exist"]);
}
