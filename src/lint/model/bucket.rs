//! A bucket with the resources that complete it, and buckets of before they were resources of their own.

use super::{Attr, Model, Object};
use crate::domain::policy::Policy;

/// What is known of one aspect.
pub enum Aspect<'m> {
    /// It is set here.
    Set(Attr<'m>),
    /// It is not set here.
    Unset,
    /// It may be set by something whose bucket is not known.
    Unclear,
}

impl<'m> Aspect<'m> {
    /// Where it is set.
    pub fn set(self) -> Option<Attr<'m>> {
        match self {
            Aspect::Set(attr) => Some(attr),
            _ => None,
        }
    }
}

/// A bucket.
#[derive(Clone, Copy)]
pub struct Bucket<'m> {
    model: &'m Model<'m>,
    /// `aws_s3_bucket`.
    pub object: &'m Object<'m>,
}

impl<'m> Bucket<'m> {
    /// The bucket an object describes.
    pub fn new(model: &'m Model<'m>, object: &'m Object<'m>) -> Self {
        Bucket { model, object }
    }

    fn aspect(&self, type_name: &'m str, inline: &str) -> Aspect<'m> {
        if let Some(owned) = self.model.owned_by(type_name, "bucket", self.object).first() {
            return Aspect::Set(owned.root());
        }
        let own = self.object.root().block(inline);
        if !inline.is_empty() && own.value().is_some() {
            return Aspect::Set(own);
        }
        match self.model.may_be_owned(type_name, "bucket", self.object) {
            true => Aspect::Unclear,
            false => Aspect::Unset,
        }
    }

    /// `aws_s3_bucket_public_access_block`.
    pub fn public_access(&self) -> Aspect<'m> {
        self.aspect("aws_s3_bucket_public_access_block", "")
    }

    /// `status` or `enabled` of versioning.
    pub fn versioning(&self) -> Aspect<'m> {
        match self.aspect("aws_s3_bucket_versioning", "versioning") {
            Aspect::Set(attr) if attr.is_root() => Aspect::Set(attr.block("versioning_configuration").get("status")),
            Aspect::Set(attr) => Aspect::Set(attr.get("enabled")),
            other => other,
        }
    }

    /// Whether versioning is on; `None` when not known.
    pub fn is_versioned(&self) -> Option<bool> {
        match self.versioning() {
            Aspect::Set(attr) if attr.is_unknown() => None,
            Aspect::Set(attr) => Some(attr.bool().unwrap_or(attr.str() == "Enabled")),
            Aspect::Unset => Some(false),
            Aspect::Unclear => None,
        }
    }

    /// Lifecycle rules; `None` when it is not known whether there are any.
    pub fn lifecycle(&self) -> Option<Vec<Attr<'m>>> {
        match self.aspect("aws_s3_bucket_lifecycle_configuration", "lifecycle_rule") {
            Aspect::Set(attr) if attr.is_root() => {
                let known = attr.get("rule").value().is_none_or(crate::lang::value::Value::is_known);
                known.then(|| attr.blocks("rule"))
            }
            Aspect::Set(_) => Some(self.object.blocks("lifecycle_rule")),
            Aspect::Unset => Some(Vec::new()),
            Aspect::Unclear => None,
        }
    }

    /// Access logging.
    pub fn logging(&self) -> Aspect<'m> {
        self.aspect("aws_s3_bucket_logging", "logging")
    }

    /// The policy's text.
    pub fn policy(&self) -> Aspect<'m> {
        if let Some(owned) = self.model.owned_by("aws_s3_bucket_policy", "bucket", self.object).first() {
            return Aspect::Set(owned.get("policy"));
        }
        let own = self.object.get("policy");
        if own.text().is_some_and(|t| t.known().is_some() && !t.0.is_empty()) {
            return Aspect::Set(own);
        }
        match self.model.may_be_owned("aws_s3_bucket_policy", "bucket", self.object) {
            true => Aspect::Unclear,
            false => Aspect::Unset,
        }
    }

    /// The policy: `None` when it is not known, a place and an empty document when there is none.
    pub fn parsed_policy(&self) -> Option<(Option<Attr<'m>>, Policy)> {
        match self.policy() {
            Aspect::Set(attr) => {
                let parsed = Policy::parse(attr.text()?.0)?;
                Some((Some(attr), parsed))
            }
            Aspect::Unset => Some((None, Policy::default())),
            Aspect::Unclear => None,
        }
    }

    /// Whether EventBridge hears of its objects; `None` when not known.
    pub fn sends_events(&self) -> Option<bool> {
        match self.aspect("aws_s3_bucket_notification", "") {
            Aspect::Set(attr) => match attr.get("eventbridge") {
                on if on.is_unknown() => None,
                on => Some(on.bool().unwrap_or(false)),
            },
            Aspect::Unset => Some(false),
            Aspect::Unclear => None,
        }
    }
}
