//! A role with all policies that it has, as far as known.

use super::document::{Document, Kind};
use crate::config::model::ResourceBlock;
use crate::domain::catalog::iam::managed_policy;
use crate::domain::policy::{self, Context, Decision, Named, Policies, Policy, Request, Truth, Verdict, evaluate};
use crate::lint::model::{Attr, Found, Model, Object};
use std::collections::BTreeMap;

/// A policy attached by ARN.
#[derive(Debug, Clone)]
pub struct Attached<'m> {
    /// Where it is attached.
    pub attr: Attr<'m>,
    /// Its ARN, where it is an AWS managed or otherwise known one.
    pub arn: Option<&'m str>,
    /// Its document, where known here.
    pub policy: Option<Policy>,
}

/// A role made here.
#[derive(Debug, Clone)]
pub struct Role<'m> {
    /// The role.
    pub object: &'m Object<'m>,
    /// Its inline and customer managed policies.
    pub documents: Vec<Document<'m>>,
    /// What is attached by ARN and not written here.
    pub attached: Vec<Attached<'m>>,
    /// Its trust policy.
    pub trust: Option<Document<'m>>,
    /// Its permission boundary: the document, `None` inside when it is not known.
    pub boundary: Option<Option<Policy>>,
    /// Why there may be more policies than these.
    pub open: Vec<String>,
}

const ROLE: &[&str] = &["aws_iam_role"];

/// All roles made here with their policies, by address.
pub fn roles<'m>(model: &'m Model<'m>) -> BTreeMap<&'m str, Role<'m>> {
    let mut roles: BTreeMap<&'m str, Role<'m>> =
        model.all("aws_iam_role").map(|object| (object.address(), Role::new(model, object))).collect();
    // What belongs to a role that is not known may belong to any.
    let mut open = Vec::new();
    for each in model.all("aws_iam_role_policy") {
        match model.resolve(ROLE, &each.get("role")) {
            Found::Here(role) => {
                if let Some(role) = roles.get_mut(role.address()) {
                    role.add_document(model, each.get("policy"), each.address());
                }
            }
            Found::Unknown => open.push(format!("the role of {} is not known", each.address())),
            _ => {}
        }
    }
    for type_name in ["aws_iam_role_policy_attachment", "aws_iam_policy_attachment"] {
        for each in model.all(type_name) {
            let listed = each.get("roles");
            let owners = if listed.value().is_some() { listed.elements() } else { vec![each.get("role")] };
            let mut unknown = listed.is_unknown();
            for owner in owners {
                match model.resolve(ROLE, &owner) {
                    Found::Here(role) => {
                        if let Some(role) = roles.get_mut(role.address()) {
                            role.attach(model, each.get("policy_arn"));
                        }
                    }
                    Found::Unknown => unknown = true,
                    _ => {}
                }
            }
            if unknown {
                open.push(format!("the role of {} is not known", each.address()));
            }
        }
    }
    for each in model.all("aws_iam_role_policy_attachments_exclusive") {
        match model.resolve(ROLE, &each.get("role_name")) {
            Found::Here(role) => {
                if let Some(role) = roles.get_mut(role.address()) {
                    let arns = each.get("policy_arns");
                    if arns.is_unknown() {
                        role.open.push(format!("what {} attaches is not known", each.address()));
                    }
                    for arn in arns.elements() {
                        // What is attached by name as well is there once.
                        if !role.has(model, &arn) {
                            role.attach(model, arn);
                        }
                    }
                }
            }
            Found::Unknown => open.push(format!("the role of {} is not known", each.address())),
            _ => {}
        }
    }
    for role in roles.values_mut() {
        role.open.extend(open.iter().cloned());
    }
    roles
}

impl<'m> Role<'m> {
    /// The role with what its own block says.
    fn new(model: &'m Model<'m>, object: &'m Object<'m>) -> Self {
        let mut role = Role {
            object,
            documents: Vec::new(),
            attached: Vec::new(),
            trust: Document::of(model, object.get("assume_role_policy"), Kind::Trust),
            boundary: None,
            open: Vec::new(),
        };
        for inline in object.blocks("inline_policy") {
            role.add_document(model, inline.get("policy"), "an inline policy");
        }
        // Unknown where it is not written, as what is not told is computed: only a `dynamic` block hides policies.
        let dynamic = |block: &ResourceBlock| block.body.blocks.iter().any(|b| b.is_dynamic_of("inline_policy"));
        if object.get("inline_policy").value().is_some_and(|v| !v.is_known()) && object.block().is_some_and(dynamic) {
            role.open.push("its inline policies are not known".into());
        }
        let listed = object.get("managed_policy_arns");
        // Computed where it is not set: then attachments tell.
        if listed.value().is_some_and(|v| !v.is_known()) && listed.expr().is_some() {
            role.open.push("its managed policies are not known".into());
        }
        for each in listed.elements() {
            role.attach(model, each);
        }
        let boundary = object.get("permissions_boundary");
        if boundary.is_set() {
            role.boundary = Some(match model.resolve(&["aws_iam_policy"], &boundary) {
                Found::Here(policy) => policy.get("policy").text().and_then(|t| Policy::parse(t.0)),
                _ => boundary.known().and_then(managed_policy).map(|m| m.policy.clone()),
            });
        }
        role
    }

    fn add_document(&mut self, model: &'m Model<'m>, attr: Attr<'m>, name: &str) {
        match Document::of(model, attr.clone(), Kind::Identity) {
            Some(document) => self.documents.push(document),
            None if attr.value().is_some() => self.open.push(format!("the document of {name} is not known")),
            None => {}
        }
    }

    fn has(&self, model: &'m Model<'m>, attr: &Attr<'m>) -> bool {
        match model.resolve(&["aws_iam_policy"], attr) {
            Found::Here(policy) => self.documents.iter().any(|d| d.attr.object().address() == policy.address()),
            _ => attr.known().is_some_and(|arn| self.attached.iter().any(|a| a.arn == Some(arn))),
        }
    }

    fn attach(&mut self, model: &'m Model<'m>, attr: Attr<'m>) {
        match model.resolve(&["aws_iam_policy"], &attr) {
            Found::Here(policy) => self.add_document(model, policy.get("policy"), policy.address()),
            _ => {
                let arn = attr.known();
                let policy = arn.and_then(managed_policy).map(|m| m.policy.clone());
                if policy.is_none() {
                    self.open.push(format!("what {} grants is not known", attr.shown()));
                }
                self.attached.push(Attached { attr, arn, policy });
            }
        }
    }

    /// Its ARN, as far as known.
    pub fn arn(&self) -> String {
        self.object.get("arn").text().map(|t| t.0.to_owned()).unwrap_or_default()
    }

    /// What its own policies decide about a call; the resource's policy is not asked.
    pub fn decide(&self, action: &str, resource: &str, context: &Context) -> Verdict {
        let request = Request {
            caller: policy::Caller::Role { arn: self.arn(), session: None },
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: context.clone(),
        };
        self.evaluate(&request).verdict
    }

    /// Whether its policies grant a call, in any case, perhaps, or not at all.
    pub fn grants(&self, action: &str, resource: &str, context: &Context) -> Truth {
        match self.decide(action, resource, context) {
            Verdict::Allowed => Truth::Yes,
            Verdict::Unknown => Truth::Unknown,
            Verdict::Denied | Verdict::NotAllowed => Truth::No,
        }
    }

    fn evaluate(&self, request: &Request) -> Decision<'_> {
        let documents = self.documents.iter().map(|d| Named { name: d.attr.object().address(), policy: &d.policy });
        let attached = self
            .attached
            .iter()
            .filter_map(|a| Some(Named { name: a.arn.unwrap_or("an attached policy"), policy: a.policy.as_ref()? }));
        let boundary = self.boundary.as_ref().and_then(Option::as_ref);
        let policies = Policies {
            identity: documents.chain(attached).collect(),
            boundary: boundary.map(|policy| Named { name: "the permission boundary", policy }),
            identity_partial: !self.open.is_empty(),
            ..Policies::default()
        };
        let mut decision = evaluate(&policies, request);
        if matches!(self.boundary, Some(None)) && decision.verdict == Verdict::Allowed {
            decision.verdict = Verdict::Unknown;
        }
        decision
    }
}
