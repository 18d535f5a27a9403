//! Making one object: creating, changing in place, reading data that had to wait.

use super::Applier;
use super::open::When;
use crate::address::{ConfigResource, Mode, ResourceInstance};
use crate::config::model::ResourceBlock;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::decode::decode;
use crate::engine::event::Event;
use crate::engine::objects::{self, Known, conforms, copy_marks, id_of, known_part};
use crate::engine::plan::{Action, ResourceChange};
use crate::engine::planning::ignore_changes;
use crate::engine::proposal::{propose, without_write_only};
use crate::engine::provisioning::{Moment, provision};
use crate::engine::reading::read_data;
use crate::engine::run::{OperationProgress, lock};
use crate::engine::schemas::TypeSchema;
use crate::engine::scope::{Evaluation, ModuleScope, Referred};
use crate::engine::settings::Intent;
use crate::lang::value::{Kind, Path, Value};
use crate::provider::{ApplyRequest, ApplyResponse, Provider};
use crate::state::model::ObjectStatus;
use std::sync::Arc;
use std::time::Instant;

struct Making<'a> {
    change: &'a ResourceChange,
    config_address: ConfigResource,
    block: &'a ResourceBlock,
    schema: Arc<TypeSchema>,
    provider: Arc<dyn Provider>,
}

impl Making<'_> {
    /// An object as expressions elsewhere see it.
    fn referred(&self, value: &Value) -> Referred {
        let type_name = &self.change.address.resource.type_name;
        Referred::of(&self.schema.raw.block, Some(self.provider.as_ref()), type_name, value)
    }
}

impl Applier<'_> {
    pub(super) async fn make(&self, change: &ResourceChange) -> Diagnostics {
        let address = &change.address;
        let config_address = address.config();
        let repeated = lock(&self.repeated).get(address).cloned();
        let (Some(block), Some(scope), Some(repeated), Some(provider), Some(schema)) = (
            self.run.block(&config_address),
            self.run.scope(&address.module),
            repeated,
            self.run.provider(&change.provider),
            self.run.schema(&change.provider, address.resource.mode, &address.resource.type_name),
        ) else {
            return Diagnostic::error(
                "Plan does not fit the configuration",
                format!("The plan changes {address}, but the configuration has no such instance now."),
            )
            .hint("Make a new plan.")
            .address(address)
            .into();
        };
        let making = Making { change, config_address, block, schema, provider };
        let mut evaluation = Evaluation::repeated(&self.run.globals, &scope, &repeated);
        match self.make_with(&making, &scope, &mut evaluation).await {
            Ok(diagnostics) | Err(diagnostics) => diagnostics,
        }
    }

    async fn make_with(
        &self,
        making: &Making<'_>,
        scope: &ModuleScope<'_>,
        evaluation: &mut Evaluation<'_, '_>,
    ) -> Result<Diagnostics, Diagnostics> {
        let (change, block) = (making.change, making.block);
        let address = &change.address;
        let before = self.conditions(&making.config_address, block, address, evaluation, When::Before);
        let ((), mut diagnostics) = before.into_result(())?;
        let (config, found) = decode(&block.body, &making.schema.block, evaluation, block.span);
        let (config, found) = self.run.placed(found, address, Some(block)).into_result(config)?;
        diagnostics.extend(found);
        if config.contains_unknown() {
            return Err(Diagnostic::error(
                "Configuration contains unknown value",
                format!(
                    "Something {address} refers to is still not known although everything it depends on is done: {}.",
                    unknown_paths(&config).join(", ")
                ),
            )
            .at(block.span)
            .within(block.span)
            .address(address)
            .into());
        }
        let value = if address.resource.mode == Mode::Data {
            let (value, found) =
                read_data(&self.run, making.provider.as_ref(), &making.schema, address, &config, block).await?;
            diagnostics.extend(found);
            let known = Known {
                value: value.clone(),
                private: Vec::new(),
                status: ObjectStatus::Ready,
                dependencies: Vec::new(),
                create_before_destroy: false,
            };
            self.keep(making, address, Some(&known));
            value
        } else {
            let (value, found) = self.change_object(making, evaluation, &config).await;
            let failed = found.has_errors();
            diagnostics.extend(found);
            if let Some(value) = &value {
                scope.set_instance(&address.resource, address.key.clone(), making.referred(value));
            }
            match value {
                Some(value) if !failed => value,
                _ => return Err(diagnostics),
            }
        };
        scope.set_instance(&address.resource, address.key.clone(), making.referred(&value));
        let own = making.referred(&value).whole();
        let after = Evaluation {
            globals: evaluation.globals,
            module: evaluation.module,
            repeated: evaluation.repeated,
            self_value: Some(&own),
            scoped: None,
        };
        diagnostics.extend(self.conditions(&making.config_address, block, address, &after, When::After));
        Ok(diagnostics)
    }

    /// Creates or updates. What exists afterwards is in the state and returned, also when there are errors.
    async fn change_object(
        &self,
        making: &Making<'_>,
        evaluation: &Evaluation<'_, '_>,
        config: &Value,
    ) -> (Option<Value>, Diagnostics) {
        let (change, schema, block) = (making.change, &making.schema, making.block);
        let address = &change.address;
        let creating = change.action != Action::Update;
        let place = |found| self.run.placed(found, address, Some(block));
        let nothing = Value::null(schema.block.ty.clone());
        let stored = self.keeper.read(|state| state.current(address).cloned());
        let decoded = stored
            .as_ref()
            .map(|o| objects::decode(making.provider.as_ref(), schema, &address.resource, o))
            .transpose();
        let current = match decoded {
            Ok(current) => current,
            Err(found) => return (None, place(found)),
        };
        let prior = current.as_ref().filter(|_| !creating).map_or(&nothing, |k| &k.value);
        let ignoring = if creating { &nothing } else { &change.before };
        let config = ignore_changes(&block.lifecycle.ignore_changes, ignoring, config);
        let plain = config.unmark_deep();
        let private = current.as_ref().filter(|_| !creating).map_or(&[][..], |k| &k.private);
        let proposal = propose(making.provider.as_ref(), schema, address, prior, &plain, private).await;
        let (proposal, mut diagnostics) = match proposal {
            Ok((proposal, found)) => (proposal, place(found)),
            Err(found) => return (None, place(found)),
        };
        if let Some(path) = contradiction(&change.after, &proposal.planned, &mut Path::root()) {
            diagnostics.extend(place(
                Diagnostic::error(
                    "Provider produced inconsistent final plan",
                    format!(
                        "When expanding the plan for {address} to include new values learned so far during apply, the planned value of \
                         {path} changed. What was planned is not what would be done now; nothing was changed.",
                    ),
                )
                .into(),
            ));
            return (None, diagnostics);
        }
        if let Some(known) = current.as_ref().filter(|k| !creating && k.value.unmark_deep() == proposal.planned) {
            // Only what is sensitive changes: nobody outside needs to know.
            let value = copy_marks(schema.mark(proposal.planned), &config);
            let dependencies = self.dependency_texts(&making.config_address);
            let known = Known { value, dependencies, ..known.clone() };
            self.keep(making, address, Some(&known));
            self.count(|c| c.change += 1);
            return (Some(known.value), diagnostics);
        }
        let action = if creating { Action::Create } else { Action::Update };
        let id = id_of(prior);
        let intent = self.keeper.intend(|intent| Intent {
            id: intent,
            address: address.clone(),
            deposed: None,
            provider: change.provider.clone(),
            action,
            schema_version: schema.raw.version,
            attributes: objects::encode_known_part(schema, &proposal.planned),
        });
        let intent = match intent.await {
            Ok(intent) => intent,
            Err(found) => {
                diagnostics.extend(found);
                return (None, diagnostics);
            }
        };
        let aside =
            (change.action == Action::CreateThenDelete && stored.is_some()).then(|| self.set_aside(address, change));

        let plain_prior = prior.unmark_deep();
        let progress = OperationProgress::new(&self.run, address);
        let request = ApplyRequest {
            address,
            type_name: &address.resource.type_name,
            prior: &plain_prior,
            planned: &proposal.planned,
            config: &plain,
            private: &proposal.private,
            progress: &progress,
        };
        let response = self.operate(making, action, id, request).await;
        let response_failed = response.diagnostics.has_errors();
        let ApplyResponse { object, diagnostics: found } = response;
        diagnostics.extend(place(found));

        let mut value = without_write_only(schema, object.value);
        if !conforms(&value, &schema.block.ty) || (value.contains_unknown() && !response_failed) {
            diagnostics.extend(place(
                Diagnostic::error(
                    "Provider returned invalid result object after apply",
                    format!(
                        "After applying, the provider still had unknown or misshapen values for {address}. This is a bug in the \
                         provider; what is known was saved in the state."
                    ),
                )
                .into(),
            ));
        }
        value = known_part(&value);
        let exists = !value.is_null();
        if !exists {
            if let Some(key) = &aside {
                self.take_back(address, change, key);
            } else if !creating && response_failed {
                // Gone while being changed.
                self.keep(making, address, None);
            }
            self.keeper.settle(intent);
            if !response_failed {
                diagnostics.extend(place(
                    Diagnostic::error(
                        "Provider returned no object after apply",
                        format!("After applying, the provider said that {address} does not exist. This is a bug in the provider."),
                    )
                    .into(),
                ));
            }
            return (None, diagnostics);
        }
        let value = copy_marks(schema.mark(value), &config);
        let mut known = Known {
            value,
            private: object.private,
            status: match current.as_ref() {
                Some(k) if !creating => k.status,
                _ => ObjectStatus::Ready,
            },
            dependencies: self.dependency_texts(&making.config_address),
            create_before_destroy: self.create_first.contains(&making.config_address),
        };
        let failed = diagnostics.has_errors();
        if failed && creating {
            known.status = ObjectStatus::Tainted;
        }
        self.keep(making, address, Some(&known));
        self.keeper.settle(intent);
        if !failed {
            if creating && !block.provisioners.is_empty() {
                let own = making.referred(&known.value).whole();
                let with_self = Evaluation {
                    globals: evaluation.globals,
                    module: evaluation.module,
                    repeated: evaluation.repeated,
                    self_value: Some(&own),
                    scoped: None,
                };
                let (list, connection) = (&block.provisioners, block.connection.as_ref());
                let moment = Moment::Create;
                let found = provision(&self.run, list, connection, Some(block), address, &with_self, moment).await;
                if found.has_errors() {
                    known.status = ObjectStatus::Tainted;
                    self.keep(making, address, Some(&known));
                }
                diagnostics.extend(found);
            }
            self.count(|c| {
                if creating {
                    c.add += 1;
                } else {
                    c.change += 1;
                }
                if change.importing.is_some() {
                    c.import += 1;
                }
            });
        }
        (Some(known.value), diagnostics)
    }

    /// Runs the provider's apply with its events.
    async fn operate(
        &self,
        making: &Making<'_>,
        action: Action,
        id: Option<String>,
        request: ApplyRequest<'_>,
    ) -> ApplyResponse {
        let address = &making.change.address;
        let events = self.run.events;
        self.run
            .operate(async {
                events.event(Event::ApplyStart { address: address.clone(), action, id: id.clone(), deposed: None });
                let begin = Instant::now();
                let response = self
                    .run
                    .ticking(making.provider.apply(request), |elapsed| Event::ApplyProgress {
                        address: address.clone(),
                        action,
                        id: id.clone(),
                        elapsed,
                    })
                    .await;
                let elapsed = begin.elapsed();
                events.event(if response.diagnostics.has_errors() {
                    Event::ApplyErrored { address: address.clone(), action, elapsed }
                } else {
                    Event::ApplyComplete {
                        address: address.clone(),
                        action,
                        id: id_of(&making.schema.mark(response.object.value.clone())),
                        elapsed,
                    }
                });
                response
            })
            .await
    }

    /// Puts an object into the state, or takes it out.
    fn keep(&self, making: &Making<'_>, address: &ResourceInstance, known: Option<&Known>) {
        let provider = &making.change.provider;
        self.keeper.edit(|state| {
            let object = known.and_then(|k| objects::encode(&making.schema, k, state.current(address)));
            state.set_current(address, provider, object);
        });
    }

    /// Makes room for a replacement that is created first. Returns the key of the object set aside.
    fn set_aside(&self, address: &ResourceInstance, change: &ResourceChange) -> String {
        let mut key: String = uuid::Uuid::new_v4().simple().to_string();
        key.truncate(8);
        self.keeper.edit(|state| {
            if let Some(object) = state.current(address).cloned() {
                state.set_deposed(address, &key, &change.provider, Some(object));
                state.set_current(address, &change.provider, None);
            }
        });
        lock(&self.set_aside).insert(address.clone(), key.clone());
        key
    }

    /// Nothing came of the replacement: the old object is in use again.
    fn take_back(&self, address: &ResourceInstance, change: &ResourceChange, key: &str) {
        lock(&self.set_aside).remove(address);
        self.keeper.edit(|state| {
            let object = state.object(address, Some(key)).cloned();
            state.set_current(address, &change.provider, object);
            state.set_deposed(address, key, &change.provider, None);
        });
    }
}

/// The first place where a known planned value became another one.
fn contradiction(planned: &Value, now: &Value, at: &mut Path) -> Option<String> {
    use crate::lang::value::PathStep;
    let text = |at: &Path| if at.0.is_empty() { "the object".to_owned() } else { at.to_string() };
    let mut deeper = |step: PathStep, a: &Value, b: &Value| {
        at.0.push(step);
        let found = contradiction(a, b, at);
        at.0.pop();
        found
    };
    match (planned.kind(), now.kind()) {
        (Kind::Unknown(..), _) => None,
        (Kind::Object(a), Kind::Object(b)) => a.iter().find_map(|(name, a)| {
            let b = b.get(name)?;
            deeper(PathStep::Attr(name.clone()), a, b)
        }),
        (Kind::Map(_, a), Kind::Map(_, b)) if a.len() == b.len() => a.iter().find_map(|(name, a)| match b.get(name) {
            Some(b) => deeper(PathStep::Index(Value::string(name.clone())), a, b),
            None => Some(format!("key {name}")),
        }),
        (Kind::List(_, a), Kind::List(_, b)) | (Kind::Tuple(a), Kind::Tuple(b)) if a.len() == b.len() => {
            a.iter().zip(b.iter()).enumerate().find_map(|(i, (a, b))| deeper(PathStep::index(i), a, b))
        }
        (Kind::Set(_, a), Kind::Set(..)) if a.iter().any(Value::contains_unknown) => None,
        _ if planned.unmark_deep() == now.unmark_deep() => None,
        _ => Some(text(at)),
    }
}

fn unknown_paths(value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let found = value.transform(&mut |path, v| {
        if !v.is_known() {
            out.push(path.to_string());
        }
        Ok::<_, std::convert::Infallible>(v)
    });
    let _ = found;
    out
}
