//! Roles and policies as one picture: which documents a role has, where each statement stands in the source, and what pipelines need
//! of their roles.

mod document;
mod edit;
mod locate;
mod pipeline;
pub mod print;
mod refer;
mod role;

pub use document::{Document, Kind, documents};
pub use locate::{Form, item, statement_expr};
pub use pipeline::{facts, in_other_account, place};
pub use refer::{Extra, Names, References};
pub use role::{Attached, Role};

use crate::domain::catalog::iam::Catalog;
use crate::domain::needs::{RoleNeeds, needs};
use crate::domain::policy::{
    Caller, Context, Named, Policies, Policy, Request, ResourceKind, Truth, Verdict, evaluate,
};
use crate::lint::model::{Delivery, Model, Object};
use crate::maps::Map;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

/// Everything that rules about permissions look at, made once.
pub struct Picture<'m> {
    /// The model.
    pub model: &'m Model<'m>,
    /// IAM's catalogue.
    pub catalog: &'m Catalog,
    /// Roles made here, by address.
    pub roles: BTreeMap<&'m str, Role<'m>>,
    /// Identity policies.
    pub identity: Vec<Document<'m>>,
    /// Trust policies.
    pub trust: Vec<Document<'m>>,
    /// Pipelines with what their roles need.
    pub pipelines: Vec<Needed<'m>>,
    /// Address of a role made here to its uses: number of the pipeline, number within its needs.
    uses: BTreeMap<&'m str, Vec<(usize, usize)>>,
    /// What objects are called, by module.
    names: RwLock<Map<String, Arc<Names>>>,
    /// Address of what a document is written in to those of the roles that have it.
    holders: BTreeMap<&'m str, Vec<&'m str>>,
}

/// A pipeline with what its roles need.
pub struct Needed<'m> {
    /// The pipeline.
    pub pipeline: Delivery<'m>,
    /// Its roles; the service role first.
    pub roles: Vec<RoleNeeds>,
}

/// One use of a role by a pipeline.
#[derive(Clone, Copy)]
pub struct Use<'p, 'm> {
    /// The pipeline.
    pub pipeline: &'p Delivery<'m>,
    /// What it needs of the role.
    pub needs: &'p RoleNeeds,
    /// Whether it is its service role.
    pub service: bool,
}

impl<'m> Picture<'m> {
    /// The picture of a model.
    pub fn of(model: &'m Model<'m>, catalog: &'m Catalog) -> Self {
        let pipelines: Vec<Needed<'m>> = model
            .pipelines()
            .map(|pipeline| {
                let roles = needs(&facts(&pipeline));
                Needed { pipeline, roles }
            })
            .collect();
        let mut uses: BTreeMap<&'m str, Vec<(usize, usize)>> = BTreeMap::new();
        for (number, needed) in pipelines.iter().enumerate() {
            for (which, role) in needed.roles.iter().enumerate() {
                if let Some(object) = model.resolve_text(&["aws_iam_role"], &role.role).here() {
                    uses.entry(object.address()).or_default().push((number, which));
                }
            }
        }
        let roles = role::roles(model);
        let mut holders: BTreeMap<&'m str, Vec<&'m str>> = BTreeMap::new();
        for (address, role) in &roles {
            let homes: BTreeSet<&'m str> = role.documents.iter().map(|d| d.home().address()).collect();
            homes.into_iter().for_each(|home| holders.entry(home).or_default().push(address));
        }
        Picture {
            model,
            catalog,
            roles,
            holders,
            names: RwLock::default(),
            identity: documents(model, Kind::Identity),
            trust: documents(model, Kind::Trust),
            pipelines,
            uses,
        }
    }

    /// The references that can stand in the module of a pipeline.
    pub fn references(&self, pipeline: &Delivery<'_>) -> References {
        let module = &pipeline.object.instance().module;
        let key = module.to_string();
        let known = self.names.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let names = known.unwrap_or_else(|| {
            let made = Arc::new(Names::of(self.model, module));
            self.names.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&made));
            made
        });
        References::with(names, self.model, pipeline)
    }

    /// A role made here.
    pub fn role(&self, object: &Object<'_>) -> Option<&Role<'m>> {
        self.roles.get(object.address())
    }

    /// Whether several roles have a document: what one of them does not need, another may.
    pub fn is_shared(&self, document: &Document<'_>) -> bool {
        self.holders.get(document.home().address()).is_some_and(|roles| roles.len() > 1)
    }

    /// The one role that has a document.
    pub fn holder(&self, document: &Document<'_>) -> Option<&Role<'m>> {
        match self.holders.get(document.home().address())?.as_slice() {
            [only] => self.roles.get(only),
            _ => None,
        }
    }

    /// Whether the policy of a resource made here, a bucket's or a key's, grants a call to a role.
    pub fn resource_grants(&self, role: &Role<'_>, action: &str, resource: &str) -> Truth {
        let policies = match action.split_once(':').map(|(service, _)| service) {
            Some("s3") => match self.model.bucket_of(resource).here() {
                Some(bucket) => self.model.owned_by("aws_s3_bucket_policy", "bucket", bucket),
                None => return Truth::No,
            },
            Some("kms") => match self.model.resolve_text(&["aws_kms_key"], resource).here() {
                Some(key) => {
                    let mut all = self.model.owned_by("aws_kms_key_policy", "key_id", key);
                    all.push(key);
                    all
                }
                None => return Truth::No,
            },
            _ => return Truth::No,
        };
        Truth::any(policies.into_iter().map(|object| {
            let attr = object.get("policy");
            let Some(text) = attr.text() else { return if attr.is_set() { Truth::Unknown } else { Truth::No } };
            let Some(policy) = Policy::parse(text.0) else { return Truth::Unknown };
            let request = Request {
                caller: Caller::Role { arn: role.arn(), session: None },
                action: action.to_owned(),
                resource: resource.to_owned(),
                context: Context::partial().with("aws:SecureTransport", &["true"]),
            };
            let policies = Policies {
                resource: Some(Named { name: object.address(), policy: &policy }),
                kind: ResourceKind::Guarded,
                ..Policies::default()
            };
            match evaluate(&policies, &request).verdict {
                Verdict::Allowed => Truth::Yes,
                Verdict::Unknown => Truth::Unknown,
                Verdict::Denied | Verdict::NotAllowed => Truth::No,
            }
        }))
    }

    /// What pipelines use a role for.
    pub fn uses<'p>(&'p self, role: &Object<'_>) -> Vec<Use<'p, 'm>> {
        let numbers = self.uses.get(role.address()).map(Vec::as_slice).unwrap_or_default();
        let of = |(number, which): &(usize, usize)| {
            let needed = self.pipelines.get(*number)?;
            Some(Use { pipeline: &needed.pipeline, needs: needed.roles.get(*which)?, service: *which == 0 })
        };
        numbers.iter().filter_map(of).collect()
    }
}
