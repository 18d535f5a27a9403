//! Functions of providers: values and errors as Terraform 1.11.4 gives them with hashicorp/aws 5.100 and its builtin provider.

use pipewright::diagnostics::{Diagnostic, Diagnostics, Sources};
use pipewright::lang::eval::{NoFunction, Resolved, Scope, Templates, evaluate};
use pipewright::lang::functions::{CallContext, Function};
use pipewright::lang::syntax::ast::Traversal;
use pipewright::lang::syntax::parse_expression;
use pipewright::lang::value::{Kind, Marks, Type, Value, to_json};
use pipewright::provider::Factory;
use pipewright::provider::aws::AwsFactory;
use pipewright::provider::builtin::Builtin;

struct Module {
    aws: AwsFactory,
    context: CallContext<'static>,
}

impl Module {
    fn new() -> Self {
        Module { aws: AwsFactory::new().unwrap(), context: CallContext::new(".", &Templates) }
    }

    fn answer(&self, sources: &Sources, text: &str) -> Result<Value, Diagnostics> {
        evaluate(&parse_expression(sources.add("t", text), text, 0)?, self)
    }
}

impl Scope for Module {
    fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics> {
        let value = match &*reference.root.name {
            "secret" => Value::string("arn:aws:iam::123456789012:role/a").sensitive(),
            "later" => Value::unknown_not_null(Type::list(Type::String)),
            name => return Err(Diagnostic::error("Undeclared", name).into()),
        };
        Ok(Resolved { value, consumed: 0 })
    }

    fn call_context(&self) -> Option<&CallContext<'_>> {
        Some(&self.context)
    }

    fn provider_function(&self, provider: &str, function: &str) -> Result<&'static Function, NoFunction> {
        let functions = match provider {
            "aws" => self.aws.functions(),
            "terraform" => Builtin.functions(),
            _ => return Err(NoFunction::Provider),
        };
        let found = functions.iter().find(|f| f.name == function);
        found.ok_or_else(|| NoFunction::Function(functions.iter().map(|f| f.name).collect()))
    }
}

#[test]
fn provider_functions_have_terraforms_values_and_errors() {
    let module = Module::new();
    let mut wrong = Vec::new();
    for line in include_str!("provider_functions.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let sources = Sources::new();
        let said = match module.answer(&sources, row["expr"].as_str().unwrap()) {
            Ok(value) => serde_json::json!({"expr": row["expr"], "value": to_json(&value)}),
            Err(diagnostics) => {
                let first = diagnostics.iter().next().unwrap();
                // Terraform underlines less: of a string what is between the quotes, of a call its name.
                let mut at = sources.text(first.span.unwrap());
                let theirs = row["at"].as_str().unwrap_or_default();
                if at.trim_start_matches('"').starts_with(theirs) {
                    theirs.clone_into(&mut at);
                }
                serde_json::json!({"expr": row["expr"], "summary": first.summary, "detail": first.detail, "at": at})
            }
        };
        if said != row {
            wrong.push(format!("{said}\n  instead of\n{row}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn marks_and_what_is_known_pass_through_provider_functions() {
    let module = Module::new();
    let value = |text: &str| module.answer(&Sources::new(), text).unwrap();
    assert!(value("provider::aws::arn_parse(secret).resource").marks().contains(Marks::SENSITIVE));
    assert_eq!(value("startswith(provider::terraform::encode_expr(later), \"[\")"), Value::bool(true));
    assert!(matches!(value("provider::terraform::decode_tfvars(later[0])").kind(), Kind::Unknown(Type::Dynamic, _)));
    assert!(matches!(value("provider::aws::arn_parse(later[0]).region").kind(), Kind::Unknown(Type::String, _)));
}

#[test]
fn a_misspelt_provider_function_gets_a_suggestion() {
    let errors = Module::new().answer(&Sources::new(), "provider::aws::arn_pars(\"x\")").unwrap_err();
    let hint = errors.iter().next().unwrap().hint.clone();
    assert_eq!(hint.as_deref(), Some("Did you mean \"provider::aws::arn_parse\"?"));
}
