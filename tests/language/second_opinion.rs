//! An independent parser (hcl-edit) sees the same blocks and attributes in the same places.

use hcl_edit::Span as _;
use pipewright::diagnostics::Sources;
use pipewright::lang::syntax::ast::Body;
use pipewright::lang::syntax::parse_body;
use std::path::{Path, PathBuf};

/// One line per attribute and block: depth, names, and where its value or label stands.
fn outline(body: &Body, depth: usize, out: &mut Vec<String>) {
    let mut items: Vec<(u32, Result<_, _>)> = body.attributes.iter().map(|a| (a.span.start, Ok(a))).collect();
    items.extend(body.blocks.iter().map(|b| (b.span.start, Err(b))));
    items.sort_by_key(|(start, _)| *start);
    for (_, item) in items {
        match item {
            Ok(attribute) => {
                out.push(format!("{depth} {} = {}", attribute.name.name, attribute.expr.span.start));
            }
            Err(block) => {
                let labels: Vec<_> = block.labels.iter().map(|l| &*l.name).collect();
                out.push(format!("{depth} {} {labels:?}", block.kind.name));
                outline(&block.body, depth + 1, out);
            }
        }
    }
}

fn their_outline(body: &hcl_edit::structure::Body, depth: usize, out: &mut Vec<String>) {
    for structure in body {
        if let Some(attribute) = structure.as_attribute() {
            out.push(format!("{depth} {} = {}", attribute.key.as_str(), attribute.value.span().unwrap().start));
        } else if let Some(block) = structure.as_block() {
            let labels: Vec<_> = block.labels.iter().map(|l| l.as_str()).collect();
            out.push(format!("{depth} {} {labels:?}", block.ident.as_str()));
            their_outline(&block.body, depth + 1, out);
        }
    }
}

fn configuration_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            configuration_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "tf") {
            out.push(path);
        }
    }
}

#[test]
fn another_parser_sees_the_same_items() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["examples", "modules"] {
        configuration_files(&root.join(folder), &mut files);
    }
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (body, diagnostics) = parse_body(Sources::new().add("t.tf", text.as_str()), &text);
        assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", file.display());
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        outline(&body, 0, &mut ours);
        their_outline(&hcl_edit::parser::parse_body(&text).unwrap(), 0, &mut theirs);
        assert_eq!(ours, theirs, "{}", file.display());
    }
}
