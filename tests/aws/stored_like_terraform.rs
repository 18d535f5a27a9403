//! Every recorded case: what is stored after a create is what Terraform stored for the same configuration, the plan after it is
//! empty, the plan over Terraform's own attributes is empty, a bulk read finds what a single one finds, an import stores what
//! Terraform's stores, a change gives what Terraform's change gives (in place, or by a new object where Terraform makes one), a
//! delete works twice, and what is gone reads as gone.

use super::cases::{Case, File, World, changes, differences, files};
use super::live::{Live, call, endpoint};
use pipewright::lang::value::{Value, from_json_state, to_json};
use pipewright::provider::{Object, ReadHint, Silent};
use serde_json::Value as Json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_is_stored_as_terraform_stores_it() {
    let Some(endpoint) = endpoint() else { return };
    let mut wrong = Vec::new();
    for file in files() {
        for wanted in &file.before {
            call(&endpoint, wanted);
        }
        let live = Live::new(&endpoint, file.provider.clone()).await;
        let mut run = Run { live, file: &file, world: World::default(), wrong: Vec::new() };
        run.create_all().await;
        run.read_in_bulk().await;
        run.import_all().await;
        run.update_all().await;
        run.delete_all().await;
        wrong.extend(run.wrong);
    }
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}

struct Run<'a> {
    live: Live,
    file: &'a File,
    world: World,
    wrong: Vec<String>,
}

impl<'a> Run<'a> {
    fn note(&mut self, case: &Case, what: &str, found: Vec<String>) {
        if !found.is_empty() {
            self.wrong.push(format!("{}: {}: {what}:\n    {}", self.file.name, case.address(), found.join("\n    ")));
        }
    }

    /// What is stored, against what Terraform recorded.
    fn compare(&mut self, case: &Case, what: &str, object: &Object, recorded: &Json) {
        let theirs = self.world.exchange(&recorded["attributes"]);
        self.note(case, what, differences(&object.value, &theirs, &case.mask()));
        if let Some(private) = recorded.get("private").and_then(Json::as_str) {
            let ours = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &object.private);
            if ours != private {
                self.note(case, &format!("{what}, private bytes"), vec![format!("ours {ours} terraform {private}")]);
            }
        }
    }

    fn resources(&self) -> impl DoubleEndedIterator<Item = &'a Case> + use<'a> {
        let file: &'a File = self.file;
        file.cases.iter().filter(|c| !c.is_data())
    }

    async fn create_all(&mut self) {
        let file = self.file;
        for case in &file.cases {
            let object = if case.is_data() { self.read_data(case).await } else { self.create(case).await };
            self.world.note(case, &object.value, &case.terraform()["attributes"]);
            self.world.made.insert(case.address(), object);
        }
    }

    async fn read_data(&mut self, case: &Case) -> Object {
        let value = self.live.read_data(case.ty(), &self.world.refer(case.config())).await;
        let object = Object { value, private: Vec::new() };
        // Blocks that are not there are empty here and null there.
        let theirs = self.world.exchange(&case.terraform()["attributes"]);
        let mut unlike = differences(&object.value, &theirs, &case.mask());
        unlike.retain(|d| !d.ends_with("ours [] terraform null"));
        self.note(case, "read otherwise", unlike);
        object
    }

    async fn create(&mut self, case: &Case) -> Object {
        let ty = case.ty();
        let config = self.live.config(ty, &self.world.refer(case.config()));
        let object = self.apply(case, &self.live.none(ty), &config, case.terraform()).await;
        self.compare(case, "stored otherwise", &object, case.terraform());
        let fresh = self.settled(case, &object, &config, "create").await;

        // Over Terraform's own attributes, with the generated ones exchanged for ours.
        let mut theirs = self.world.exchange(&case.terraform()["attributes"]);
        for masked in case.mask() {
            theirs[masked] = to_json(object.value.get(masked).unwrap()).unwrap();
        }
        let theirs = Object { value: from_json_state(&theirs, &object.value.ty()).unwrap(), private: Vec::new() };
        let over = self.live.plan(ty, &theirs, &config).await;
        self.note(case, "not empty over terraform's state", changes(&theirs.value, &over.planned));
        fresh
    }

    /// Applies. What is configured may come otherwise than planned only where Terraform stores the same.
    async fn apply(&mut self, case: &Case, prior: &Object, config: &Value, recorded: &Json) -> Object {
        let (object, mut surprises) = self.live.try_apply(case.ty(), prior, config).await;
        let theirs = self.world.exchange(&recorded["attributes"]);
        let unlike = differences(&object.value, &theirs, &[]);
        surprises.retain(|surprise| {
            let name = surprise.split(':').next().unwrap();
            let configured = config.get(name).is_some_and(|v| !v.is_null());
            !configured || unlike.iter().any(|d| d.split(':').next() == Some(name))
        });
        self.note(case, "what was planned is not what came", surprises);
        object
    }

    /// The object read again; plans before and after the read must be empty.
    async fn settled(&mut self, case: &Case, object: &Object, config: &Value, after: &str) -> Object {
        let ty = case.ty();
        let again = self.live.plan(ty, object, config).await;
        self.note(case, &format!("not empty after {after}"), changes(&object.value, &again.planned));
        let fresh = self.live.read(ty, object).await;
        self.note(case, &format!("drifts by itself after {after}"), changes(&object.value, &fresh.value));
        let again = self.live.plan(ty, &fresh, config).await;
        self.note(case, &format!("not empty after {after} and refresh"), changes(&fresh.value, &again.planned));
        fresh
    }

    async fn read_in_bulk(&mut self) {
        let mut hints = Vec::new();
        let mut single = Vec::new();
        for case in self.resources() {
            let object = self.world.made[&case.address()].clone();
            hints.push(ReadHint { type_name: case.ty().to_owned(), prior: object.value.clone() });
            single.push((case, self.live.read(case.ty(), &object).await, object));
        }
        self.live.provider.prefetch(&hints, &Silent).await;
        for (case, single, object) in single {
            let bulk = self.live.read(case.ty(), &object).await;
            self.note(case, "read otherwise in bulk", changes(&single.value, &bulk.value));
        }
    }

    async fn import_all(&mut self) {
        for case in self.resources() {
            let object = self.world.made[&case.address()].clone();
            let Some(id) = case.import_id(&object.value) else { continue };
            let ty = case.ty();
            let imported = match self.live.provider.import(ty, &id, &Silent).await {
                Ok(imported) => self.live.read(ty, &imported[0].object).await,
                Err(refused) => {
                    self.note(case, "import refused", vec![super::live::say(&refused)]);
                    continue;
                }
            };
            if imported.value.is_null() {
                self.note(case, "import", vec![format!("{id} not found")]);
                continue;
            }
            let Some(recorded) = case.terraform().get("import") else { continue };
            // Defaults are filled in here, so that the plan after an import is empty; there the next apply brings them.
            let theirs = self.world.exchange(&recorded["attributes"]);
            let mut unlike = differences(&imported.value, &theirs, &case.mask());
            unlike.retain(|d| !d.ends_with(" terraform null") && !d.ends_with("ours null terraform \"\""));
            let changing: Vec<&str> = recorded["changes"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
            // Nor is it wrong to find at once what the plan after Terraform's import would add.
            unlike.retain(|d| {
                !changing.iter().any(|name| d.starts_with(&format!("{name}: ")) && d.ends_with("terraform []"))
            });
            self.note(case, "imported otherwise", unlike);
            let config = self.live.config(ty, &self.world.refer(case.config()));
            let plan = self.live.plan(ty, &imported, &config).await;
            let theirs = changing;
            // What only apply can tell is told so here; there it stays what it was. A default that was filled in and is not the configured
            // value is changed to it; there nothing is taken for zero.
            let filled = |name: &str| {
                recorded["attributes"].get(name).is_some_and(Json::is_null)
                    && !imported.value.get(name).is_none_or(|v| v.is_null())
            };
            let of = |c: &str| c.split(": ").next().unwrap_or_default().to_owned();
            let more = |c: &String| {
                let told = theirs.iter().any(|name| c.starts_with(&format!("{name}: ")));
                !(c.ends_with("→ None") || told || filled(&of(c)) && c.ends_with("→ Some(\"0\")"))
            };
            let changed = changes(&imported.value, &plan.planned).into_iter().filter(more).collect();
            self.note(case, "changes more after an import than Terraform's plan", changed);
        }
    }

    async fn update_all(&mut self) {
        for case in self.resources() {
            let Some(update) = case.update() else { continue };
            let ty = case.ty();
            let config = self.live.config(ty, &self.world.refer(update));
            let before = self.mirrored(case).await;
            let recorded = case.terraform().get("update");
            let theirs = recorded.and_then(|r| r.get("replaces")).and_then(Json::as_array);
            let theirs: Vec<&str> = theirs.into_iter().flatten().filter_map(Json::as_str).collect();
            let plan = self.live.plan(ty, &before, &config).await;
            let mut ours: Vec<String> = plan.requires_replace.iter().map(outermost).collect();
            ours.sort();
            ours.dedup();
            let replaced = !ours.is_empty();
            if recorded.is_some() && ours != theirs {
                self.note(case, "replaced for other reasons", vec![format!("ours {ours:?} terraform {theirs:?}")]);
            }
            let now = if replaced {
                self.live.delete(ty, &before).await;
                self.apply(case, &self.live.none(ty), &config, recorded.unwrap_or(&Json::Null)).await
            } else {
                self.apply(case, &before, &config, recorded.unwrap_or(&Json::Null)).await
            };
            if let Some(recorded) = recorded {
                self.compare(case, "stored otherwise after update", &now, &unset_as_ours(recorded, &now.value));
            }
            let fresh = self.settled(case, &now, &config, "update").await;
            self.world.made.insert(case.address(), fresh);
        }
    }

    /// The object with what it shows of others as it is now, as the end of an apply stores it.
    async fn mirrored(&self, case: &Case) -> Object {
        let mut object = self.world.made[&case.address()].clone();
        let mirrors = self.live.provider.mirrors(case.ty());
        if !mirrors.is_empty() {
            let now = self.live.read(case.ty(), &object).await;
            for mirror in mirrors.iter().filter(|_| !now.value.is_null()) {
                object.value =
                    object.value.with_field(mirror.attribute, now.value.get(mirror.attribute).unwrap().clone());
            }
        }
        object
    }

    async fn delete_all(&mut self) {
        for case in self.resources().rev() {
            let (ty, object) = (case.ty(), self.world.made[&case.address()].clone());
            // As a destroy does: what others made of the object meanwhile is known.
            let now = self.live.read(ty, &object).await;
            let object = if now.value.is_null() { object } else { now };
            self.live.delete(ty, &object).await;
            self.live.delete(ty, &object).await;
            let gone = self.live.read(ty, &object).await;
            if !gone.value.is_null() && !case.stays() {
                self.note(case, "delete", vec!["still there".into()]);
            }
        }
    }
}

/// What is recorded, with unset collections as ours has them: a refresh before Terraform's change made them empty there.
fn unset_as_ours(recorded: &Json, ours: &Value) -> Json {
    let mut recorded = recorded.clone();
    let attributes = recorded["attributes"].as_object_mut().unwrap();
    for (name, value) in attributes.iter_mut() {
        let empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(|o| o.is_empty());
        if empty && ours.get(name).is_some_and(Value::is_null) {
            *value = Json::Null;
        }
    }
    recorded
}

fn outermost(path: &pipewright::lang::value::Path) -> String {
    let text = path.to_string();
    text.split(['.', '[']).find(|part| !part.is_empty()).unwrap_or_default().to_owned()
}
