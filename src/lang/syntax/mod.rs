//! Text to syntax tree: hcl-edit parses, this room guards what it gets silently wrong (heredocs, numbers, BOM, normalisation).

pub mod ast;
