//! hashicorp/template: the data source `template_file`, from the time before `templatefile` was a function.

use super::attribute::{Attr, Kind, computed, optional};
use super::hashes::hexadecimal;
use super::{Data, Spec, text, wrong};
use crate::address::ResourceInstance;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::Templates;
use crate::lang::functions::{CallContext, TemplateRenderer as _};
use crate::lang::value::{Fields, Type, Value, convert};
use crate::provider::Progress;
use async_trait::async_trait;
use sha2::Digest as _;
use std::path::Path;

pub(super) static SPEC: Spec = Spec { name: "template", version: "2.2.0", resources: &[], data: &[&TemplateFile] };

struct TemplateFile;

#[async_trait(?Send)]
impl Data for TemplateFile {
    fn name(&self) -> &'static str {
        "template_file"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                optional("filename", Kind::Text),
                optional("id", Kind::Text).or_computed(),
                computed("rendered", Kind::Text),
                optional("template", Kind::Text),
                optional("vars", Kind::TextMap),
            ]
        }
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        if config.get("filename").is_some_and(|v| !v.is_null()) {
            let text =
                "The argument filename was removed. Use the 'template' attribute instead, with the function file().";
            found.push(wrong("filename", "Removed attribute", text));
        }
    }

    fn is_pure(&self) -> bool {
        true
    }

    async fn read(
        &self,
        _: &ResourceInstance,
        config: &Value,
        _: &dyn Progress,
    ) -> Result<(Vec<(&'static str, Value)>, Diagnostics), Diagnostics> {
        let none = Fields::new();
        let vars = config.get("vars").and_then(Value::fields).unwrap_or(&none);
        let cwd = std::env::current_dir().unwrap_or_else(|_| Path::new(".").to_path_buf());
        let context = CallContext::new(&cwd, &Templates);
        let failed = |why: String| Diagnostics::from(Diagnostic::error("failed to render template", why));
        let rendered = Templates
            .render(&context, "<template_file>", text(config, "template"), vars)
            .map_err(|e| failed(format!("failed to render : {e}")))?;
        let rendered =
            convert(&rendered, &Type::String).map_err(|e| failed(format!("invalid template result: {e}")))?;
        let id = hexadecimal(&sha2::Sha256::digest(rendered.as_str().unwrap_or_default().as_bytes()));
        Ok((vec![("rendered", rendered), ("id", Value::string(id))], Diagnostics::new()))
    }
}
