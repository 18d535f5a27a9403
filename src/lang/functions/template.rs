//! `templatefile` and `templatestring`.

use super::call::{Call, CallContext, FunctionError, Inside, Outcome};
use super::filesystem;
use crate::lang::value::{Fields, Type, Value, convert, quote};

fn render(call: &Call<'_>, name: &str, inside: Inside, source_name: &str, text: &str, vars: &Value) -> Outcome {
    if call.context.inside != Inside::Configuration {
        return Err(format!("cannot recursively call {name} from inside another template function").into());
    }
    let Some(fields) = vars.fields() else {
        return Err(FunctionError::argument(1, "invalid vars value: must be a map"));
    };
    check_names(fields)?;
    let context = CallContext { inside, ..call.context.clone() };
    let value = call.context.templates.render(&context, source_name, text, fields)?;
    if value.is_null() {
        return Err("Template result is null: a template must have a value".into());
    }
    Ok(value)
}

fn check_names(fields: &Fields) -> Result<(), FunctionError> {
    let valid = |name: &str| {
        let mut chars = name.chars();
        chars.next().is_some_and(|c| c.is_alphabetic()) && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    };
    match fields.keys().find(|name| !valid(name)) {
        None => Ok(()),
        Some(name) => Err(FunctionError::argument(
            1,
            format!(
                "invalid template variable name {}: must start with a letter, followed by zero or more letters, digits, and \
                 underscores",
                quote(name)
            ),
        )),
    }
}

pub fn templatefile(call: &Call<'_>) -> Outcome {
    let (path, vars) = (call.arg(0)?, call.arg(1)?);
    let marks = path.marks() | vars.marks_deep();
    let vars = vars.unmark_deep();
    if call.context.inside != Inside::Configuration {
        return Err("cannot recursively call templatefile from inside another template function".into());
    }
    if !path.is_known() || !vars.is_known() {
        return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
    }
    let name = call.text(0)?;
    let text = filesystem::read_text(call.context, name, path.marks())?;
    Ok(render(call, "templatefile", Inside::TemplateFile, name, &text, &vars)?.with_marks(marks))
}

pub fn templatestring(call: &Call<'_>) -> Outcome {
    let name = "<templatestring argument>";
    let value = render(call, "templatestring", Inside::TemplateString, name, call.text(0)?, call.arg(1)?)?;
    convert(&value, &Type::String).map_err(|e| format!("invalid template result: {e}").into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;
    use super::super::{TemplateRenderer, call, lookup};
    use super::*;

    /// Renders `NAME` as the variable of that name, and `inner` as a call inside the template.
    struct Names;

    impl TemplateRenderer for Names {
        fn render(&self, context: &CallContext<'_>, _: &str, text: &str, vars: &Fields) -> Outcome {
            match text {
                "inner" => call(lookup("templatestring").unwrap(), context, &[s("x"), Value::object(Fields::new())]),
                "file" => call(lookup("file").unwrap(), context, &[s("x")]),
                name => vars.get(name).cloned().ok_or_else(|| FunctionError::argument(1, format!("no {name}"))),
            }
        }
    }

    fn render(text: &str, vars: Value) -> Outcome {
        call(lookup("templatestring").unwrap(), &CallContext::new(".", &Names), &[s(text), vars])
    }

    #[test]
    fn templates_see_their_variables_only() {
        let vars = Value::object_of([("a", n(1).sensitive())]);
        assert_eq!(render("a", vars.clone()).unwrap(), s("1").sensitive());
        assert_eq!(render("b", vars).unwrap_err(), FunctionError::argument(1, "no b"));
    }

    #[test]
    fn names_of_variables_are_checked() {
        let error = render("a", Value::object_of([("a b", n(1))])).unwrap_err();
        assert!(error.message.starts_with("invalid template variable name \"a b\": "));
        assert_eq!(render("a", n(1)).unwrap_err().message, "invalid vars value: must be a map");
    }

    #[test]
    fn templates_inside_templates_are_refused() {
        let message = render("inner", Value::object(Fields::new())).unwrap_err().message;
        assert_eq!(message, "cannot recursively call templatestring from inside another template function");
        assert!(render("file", Value::object(Fields::new())).unwrap_err().message.starts_with("cannot use filesystem"));
    }
}
