//! Does what a plan says.
//!
//! The walk has the configuration's nodes, as planning has, with each resource block split in three: its opening (instances
//! counted, unchanged ones given their values), one node per object to make, and its closing, which everything that refers
//! to the block waits for. Beside them stands one node per object to end; [`order`] says how those go together.

mod end;
mod finish;
mod keeper;
mod make;
mod mirror;
mod open;
mod order;

use super::ephemeral;
use super::event::EventSink;
use super::from_state;
use super::graph::Node;
use super::plan::{Action, Plan, PlanMode, ResourceChange, Summary};
use super::planning::Selection;
use super::run::{Phase, Run, lock};
use super::scope::Repeated;
use super::settings::{ApplyOutcome, Settings, StateSink};
use super::walk::{Outcome, Visit};
use crate::address::{ConfigResource, Mode, ResourceInstance};
use crate::config::model::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::maps::Map;
use crate::provider::Registry;
use keeper::Keeper;
use order::{Steps, Work};
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Makes the changes of a plan, in dependency order and at most `settings.parallelism` at once. Every completed object goes
/// to `store`. A failure stops only what depends on it. After cancelling nothing new begins; what runs is finished and stored.
///
/// Mode, variables, targets and replacements are the plan's, whatever `settings` says; only ephemeral variables, which no plan has, are
/// taken from `settings`.
pub async fn apply(
    config: &Config,
    plan: &Plan,
    registry: &Registry,
    settings: &Settings,
    store: &dyn StateSink,
    events: &dyn EventSink,
    cancel: &CancellationToken,
) -> ApplyOutcome {
    let ephemeral = |name: &String| config.root.variables.get(name).is_some_and(|v| v.ephemeral);
    let mut variables = plan.variables.clone();
    let given = settings.variables.iter().filter(|(name, _)| ephemeral(name));
    variables.extend(given.map(|(name, value)| (name.clone(), value.clone())));
    let settings = Settings {
        mode: plan.mode,
        variables,
        targets: plan.targets.clone(),
        excludes: plan.excludes.clone(),
        force_replace: plan.force_replace.clone(),
        ..settings.clone()
    };
    if plan.errored {
        let error = Diagnostic::error(
            "Cannot apply incomplete plan",
            "Planning failed, so this plan does not say everything that has to be done. Nothing was changed.",
        );
        return ApplyOutcome {
            state: plan.previous_state.clone(),
            diagnostics: error.into(),
            counts: Summary::default(),
            interrupted: false,
        };
    }
    let timestamp = Some(plan.timestamp.clone());
    let (run, diagnostics) = Run::new(Phase::Apply, config, registry, &settings, events, cancel, timestamp);
    let mut applier = Applier::new(run, plan, store);
    if !diagnostics.has_errors() {
        if plan.mode == PlanMode::RefreshOnly {
            applier.walk_values().await;
        } else {
            applier.walk().await;
        }
    }
    let closed = ephemeral::close_all(&applier.run).await;
    let mut outcome = applier.finish(diagnostics);
    outcome.diagnostics.extend(closed);
    outcome
}

/// An applying run.
struct Applier<'r> {
    run: Run<'r>,
    plan: &'r Plan,
    keeper: Keeper<'r>,
    /// Changes of current objects by address.
    by_address: HashMap<ResourceInstance, usize>,
    dependencies: Map<ConfigResource, Vec<ConfigResource>>,
    create_first: HashSet<ConfigResource>,
    selection: Selection,
    /// `each` and `count` of the instances opened so far.
    repeated: Mutex<HashMap<ResourceInstance, Repeated>>,
    /// Objects set aside by a replacement that was created first.
    set_aside: Mutex<HashMap<ResourceInstance, String>>,
    counts: Mutex<Summary>,
    /// Whether the walk left something undone because it was stopped.
    stopped: bool,
}

impl<'r> Applier<'r> {
    fn new(mut run: Run<'r>, plan: &'r Plan, store: &'r dyn StateSink) -> Self {
        for change in &plan.changes {
            super::planning::add_provider(&mut run, Node::Provider(change.provider.clone()));
        }
        let dependencies = run.graph.resource_dependencies();
        let create_first = super::create_first::effective(run.config, &dependencies);
        let selection = Selection::new(&run, &plan.prior_state, &dependencies);
        let by_address = plan
            .changes
            .iter()
            .enumerate()
            .filter(|(_, c)| c.deposed.is_none())
            .map(|(i, c)| (c.address.clone(), i))
            .collect();
        Applier {
            keeper: Keeper::new(store, plan.prior_state.clone()),
            run,
            plan,
            by_address,
            dependencies,
            create_first,
            selection,
            repeated: Mutex::default(),
            set_aside: Mutex::default(),
            counts: Mutex::default(),
            stopped: false,
        }
    }

    async fn walk(&mut self) {
        let steps = Steps::new(&self.run, self.plan, &self.dependencies);
        let outcomes = {
            let (this, steps) = (&*self, &steps);
            let go_on = || this.run.go_on() && !this.keeper.has_failed();
            let walk = async {
                let outcomes = steps.order.walk(this.run.window(), go_on, |number| this.visit(steps, number)).await;
                this.refresh_mirrors().await;
                this.conclude();
                this.keeper.close();
                outcomes
            };
            let (outcomes, ()) = tokio::join!(walk, this.keeper.run());
            outcomes
        };
        let left = outcomes.iter().enumerate().any(|(number, outcome)| {
            *outcome == Outcome::Left && matches!(steps.work.get(number), Some(Work::Make(_) | Work::End(_)))
        });
        self.stopped = left;
    }

    /// Only values are worked out, for outputs; objects are as the refreshed state has them.
    async fn walk_values(&mut self) {
        let this = &*self;
        let walk = async {
            this.run
                .graph
                .order()
                .walk(
                    this.run.window(),
                    || true,
                    |number| async move {
                        match this.run.graph.nodes().get_index(number) {
                            Some(Node::Resource(address)) if address.resource.mode == Mode::Ephemeral => {
                                // Only apply may need it, and nothing is applied; no output holds what comes of it.
                                Visit::Done
                            }
                            Some(Node::Resource(address)) => {
                                from_state::fill(&this.run, &this.plan.prior_state, address);
                                Visit::Done
                            }
                            Some(Node::Provider(_) | Node::Check(..)) | None => Visit::Done,
                            Some(_) => this.run.visit(number).await,
                        }
                    },
                )
                .await;
            this.conclude();
            this.keeper.close();
        };
        tokio::join!(walk, this.keeper.run());
    }

    async fn visit(&self, steps: &Steps, number: usize) -> Visit {
        let Some(work) = steps.work.get(number) else { return Visit::Done };
        let diagnostics = match work {
            Work::Node(node) => {
                if !self.takes_part(steps, *node) {
                    return Visit::Done;
                }
                match self.run.graph.nodes().get_index(*node) {
                    Some(Node::Resource(address)) if address.resource.mode == Mode::Ephemeral => {
                        ephemeral::open(&self.run, address, ephemeral::When::Now).await
                    }
                    Some(Node::Resource(address)) if self.plan.mode == PlanMode::Destroy => {
                        from_state::fill(&self.run, &self.plan.prior_state, address);
                        Diagnostics::new()
                    }
                    Some(Node::Resource(address)) => self.open(address),
                    Some(_) => return self.run.visit(*node).await,
                    None => Diagnostics::new(),
                }
            }
            Work::Close => Diagnostics::new(),
            Work::Make(index) => match self.plan.changes.get(*index) {
                Some(change) => self.make(change).await,
                None => Diagnostics::new(),
            },
            Work::End(index) => match self.plan.changes.get(*index) {
                Some(change) => self.end(change).await,
                None => Diagnostics::new(),
            },
        };
        self.run.tell(number, diagnostics)
    }

    /// When destroying, only what providers need is evaluated.
    fn takes_part(&self, steps: &Steps, node: usize) -> bool {
        match self.plan.mode {
            PlanMode::Destroy => steps.for_providers.contains(node),
            _ => self.selection.is_active(node),
        }
    }

    fn count(&self, change: impl FnOnce(&mut Summary)) {
        change(&mut lock(&self.counts));
    }

    /// What the state keeps as dependencies of objects of a block.
    fn dependency_texts(&self, block: &ConfigResource) -> Vec<String> {
        let all = self.dependencies.get(block).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|d| d.resource.mode != Mode::Ephemeral).map(ToString::to_string).collect()
    }
}

/// Whether a change makes or alters an object (or reads data).
fn makes(change: &ResourceChange) -> bool {
    change.deposed.is_none()
        && matches!(
            change.action,
            Action::Create | Action::Update | Action::Read | Action::DeleteThenCreate | Action::CreateThenDelete
        )
}

/// Whether a change ends an object, or takes it out of the state.
fn ends(change: &ResourceChange) -> bool {
    change.address.resource.mode == Mode::Managed
        && matches!(
            change.action,
            Action::Delete | Action::Forget | Action::DeleteThenCreate | Action::CreateThenDelete
        )
}
