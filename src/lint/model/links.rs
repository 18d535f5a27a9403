//! Who belongs to whom: from a value that names something to the object it names.

use super::{Attr, Model, Object, Text};
use crate::lang::value::Value;
use crate::lang::value::symbol::{self, Piece};

/// What a value that names something leads to.
#[derive(Debug, Clone, Copy)]
pub enum Found<'m> {
    /// An object made in this configuration.
    Here(&'m Object<'m>),
    /// Something that exists elsewhere: a known name or ARN no object here has, or what a data source reads.
    Elsewhere,
    /// Not known yet what.
    Unknown,
    /// Nothing is named.
    Nothing,
}

impl<'m> Found<'m> {
    /// The object, if it is made here.
    pub fn here(self) -> Option<&'m Object<'m>> {
        match self {
            Found::Here(object) => Some(object),
            _ => None,
        }
    }

    /// Whether this is that object.
    pub fn is(self, object: &Object<'_>) -> bool {
        self.here().is_some_and(|o| o.address() == object.address())
    }
}

/// Attributes that name an object, beside `id`, `arn` and `name`.
fn identities(type_name: &str) -> &'static [&'static str] {
    match type_name {
        "aws_s3_bucket" => &["bucket"],
        "aws_kms_key" => &["key_id"],
        "aws_sqs_queue" => &["url"],
        "aws_lambda_function" => &["function_name", "qualified_arn", "invoke_arn"],
        "aws_iam_role" => &["unique_id"],
        "aws_codecommit_repository" => &["repository_name"],
        _ => &[],
    }
}

pub(super) fn names_of<'a>(object: &'a Object<'_>) -> impl Iterator<Item = &'a str> + 'a {
    let names = ["id", "arn", "name"].into_iter().chain(identities(object.type_name()).iter().copied());
    names.filter_map(|name| object.value.get(name).and_then(Value::as_str)).filter(|text| !text.is_empty())
}

impl<'c> Model<'c> {
    /// What an attribute names, among objects of these types.
    pub fn resolve<'a>(&'a self, types: &[&str], attr: &Attr<'_>) -> Found<'a> {
        match (attr.value(), attr.text()) {
            (None, _) => Found::Nothing,
            (_, Some(text)) => self.resolve_text(types, text.0),
            (Some(_), None) => Found::Unknown,
        }
    }

    /// What a name, id or ARN names, among objects of these types.
    pub fn resolve_text<'a>(&'a self, types: &[&str], text: &str) -> Found<'a> {
        if text.is_empty() {
            return Found::Nothing;
        }
        if let Some(symbol) = symbol::only_symbol(text) {
            return match self.object(&symbol.address) {
                Some(object) if object.is_managed() && types.contains(&object.type_name()) => Found::Here(object),
                Some(object) if types.contains(&object.type_name()) => Found::Elsewhere,
                // The ARN of something else is not one of these; only that of an alias may stand for what it names.
                Some(object)
                    if symbol.attribute == "arn" && !object.type_name().contains("alias") && object.is_managed() =>
                {
                    Found::Elsewhere
                }
                // An alias names its key, an alias of a function the function: what is read through is not followed further.
                _ => Found::Unknown,
            };
        }
        for type_name in types {
            let numbers = self.by_type.get(*type_name).and_then(|kin| kin.by_identity.get(text));
            let numbers = numbers.map(Vec::as_slice).unwrap_or_default();
            let mut objects = numbers.iter().filter_map(|n| self.objects.get(*n));
            if let Some(object) = objects.clone().find(|o| o.is_managed()).or_else(|| objects.next()) {
                return if object.is_managed() { Found::Here(object) } else { Found::Elsewhere };
            }
        }
        // An ARN with a literal account names an object whose account is not known yet.
        let mut vague = Vec::new();
        for object in types.iter().flat_map(|t| self.perhaps_named(t, text)) {
            if names_of(object).any(|name| comparable(name, text) && symbol::may_equal(name, text)) {
                vague.push(object);
            }
        }
        match (vague.as_slice(), Text(text).known()) {
            ([only], _)
                if most_is_known(text) && names_of(only).any(|n| most_is_known(n) && symbol::may_equal(n, text)) =>
            {
                Found::Here(only)
            }
            ([], Some(_)) => Found::Elsewhere,
            _ => Found::Unknown,
        }
    }

    /// The bucket that a bucket or object ARN, or a bucket name, is about.
    pub fn bucket_of(&self, text: &str) -> Found<'_> {
        const BUCKET: &[&str] = &["aws_s3_bucket"];
        let pieces = symbol::pieces(text);
        let whole = match pieces.as_slice() {
            // `${aws_s3_bucket.b.arn}/*`
            [Piece::Symbol(first), ..]
                if self.object(&first.address).is_some_and(|o| o.type_name() == "aws_s3_bucket") =>
            {
                return self.resolve_text(BUCKET, &first.text());
            }
            _ => text,
        };
        let name = match whole.find(":::") {
            Some(at) if whole.starts_with("arn:") => whole.get(at + 3..).unwrap_or_default(),
            _ => whole,
        };
        let name = name.split('/').next().unwrap_or_default();
        self.resolve_text(BUCKET, name)
    }
}

/// Names are compared with names, ARNs with ARNs; a name that is all symbol says nothing.
fn comparable(a: &str, b: &str) -> bool {
    a.starts_with("arn:") == b.starts_with("arn:") && symbol::only_symbol(a).is_none()
}

/// Whether the last part of a name or ARN is known, so that only account or region are not.
fn most_is_known(text: &str) -> bool {
    let last = last_part(text);
    !last.is_empty() && !symbol::has_symbol(last)
}

/// What stands behind the last colon or slash.
pub(super) fn last_part(text: &str) -> &str {
    match symbol::pieces(text).last() {
        Some(Piece::Text(end)) => match end.rfind([':', '/']) {
            Some(at) => end.get(at + 1..).unwrap_or_default(),
            None => text,
        },
        // A symbol may stand for anything.
        _ => text,
    }
}
