//! Runs rules over a model.

use super::comments;
use super::finding::{Finding, Fix, Level, Note};
use super::hidden::Hidden;
use super::iam::Picture;
use super::model::{Attr, Delivery, Model, Object};
use super::rule::{Family, Rule};
use super::settings::{Setting, Settings};
use crate::domain::catalog::iam::Catalog;
use crate::parallel;
use std::sync::OnceLock;

/// What a rule looks at.
pub struct Context<'m> {
    /// All resources.
    pub model: &'m Model<'m>,
    /// What the team asks for.
    pub settings: &'m Settings,
    catalog: &'m Catalog,
    iam: OnceLock<Picture<'m>>,
    pipelines: OnceLock<Vec<Delivery<'m>>>,
    hidden: OnceLock<Hidden>,
}

impl<'m> Context<'m> {
    /// What rules see of a model, with the catalogue in the program.
    pub fn new(model: &'m Model<'m>) -> Self {
        Self::with_catalog(model, Catalog::embedded())
    }

    /// The same with another catalogue of IAM.
    pub fn with_catalog(model: &'m Model<'m>, catalog: &'m Catalog) -> Self {
        static DEFAULTS: OnceLock<Settings> = OnceLock::new();
        Context {
            model,
            settings: DEFAULTS.get_or_init(Settings::default),
            catalog,
            iam: OnceLock::new(),
            pipelines: OnceLock::new(),
            hidden: OnceLock::new(),
        }
    }

    /// The same with what the team asks for.
    #[must_use]
    pub fn with_settings(mut self, settings: &'m Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Every pipeline with what belongs to it; looked up once for all rules.
    pub fn pipelines(&self) -> impl Iterator<Item = &Delivery<'m>> {
        self.pipelines.get_or_init(|| self.model.pipelines().collect()).iter()
    }

    /// What must not be shown; looked for once.
    fn hidden(&self) -> &Hidden {
        self.hidden.get_or_init(|| Hidden::of(self.model, self.pipelines()))
    }

    /// Roles and policies, and what pipelines need of them; made at first use.
    pub fn iam(&self) -> &Picture<'m> {
        self.iam.get_or_init(|| Picture::of(self.model, self.catalog))
    }
}

/// Below this number of objects one thread is done before others have started.
const FEW: usize = 500;

/// What came of a run.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Sorted by file and place, then by rule.
    pub findings: Vec<Finding>,
    /// What could not be decided, sorted, without duplicates.
    pub notes: Vec<Note>,
    /// What excerpts of the source must not show.
    pub hidden: Hidden,
}

impl Report {
    /// How many findings are of this severity.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|f| f.severity == level).count()
    }

    /// The worst severity found.
    pub fn worst(&self) -> Option<Level> {
        self.findings.iter().map(|f| f.severity).max()
    }
}

/// Takes what one rule finds.
pub struct Reporter<'r> {
    rule: &'static Rule,
    report: &'r mut Report,
}

impl Reporter<'_> {
    /// A finding about an attribute or block. `apart` tells several findings at one place from each other: what is wrong, not where.
    pub fn at(&mut self, attr: &Attr<'_>, summary: impl Into<String>, detail: impl Into<String>) -> &mut Finding {
        self.push(attr.object(), attr.span(), &attr.place(), summary.into(), detail.into(), "")
    }

    /// Like [`Reporter::at`], for one of several findings at one place.
    pub fn at_part(
        &mut self,
        attr: &Attr<'_>,
        part: &str,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> &mut Finding {
        self.push(attr.object(), attr.span(), &attr.place(), summary.into(), detail.into(), part)
    }

    /// A finding about a whole object.
    pub fn on(&mut self, object: &Object<'_>, summary: impl Into<String>, detail: impl Into<String>) -> &mut Finding {
        self.push(object, object.span(), "", summary.into(), detail.into(), "")
    }

    /// Like [`Reporter::on`], for one of several findings about one object.
    pub fn on_part(
        &mut self,
        object: &Object<'_>,
        part: &str,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> &mut Finding {
        self.push(object, object.span(), "", summary.into(), detail.into(), part)
    }

    /// Something that could not be decided because a value is not known.
    pub fn note(&mut self, object: &Object<'_>, text: impl Into<String>) {
        let note = Note { rule: self.rule.id.to_owned(), address: object.address().to_owned(), text: text.into() };
        self.report.notes.push(note);
    }

    /// A finding that was made elsewhere.
    pub(super) fn add(&mut self, finding: Finding) {
        self.report.findings.push(finding);
    }

    /// The severity findings of this rule get unless a finding is set to another one.
    pub fn severity(&self) -> Level {
        self.rule.severity
    }

    fn push(
        &mut self,
        object: &Object<'_>,
        range: Option<crate::diagnostics::Span>,
        place: &str,
        summary: String,
        detail: String,
        part: &str,
    ) -> &mut Finding {
        let finding = Finding {
            rule: self.rule.id,
            severity: self.rule.severity,
            address: object.address().to_owned(),
            range,
            context: object.header(),
            summary,
            detail,
            fingerprint: Finding::fingerprint_of(self.rule.id, object.address(), place, part),
            fix: None,
        };
        self.report.findings.push(finding);
        match self.report.findings.last_mut() {
            Some(finding) => finding,
            None => unreachable!("a finding was pushed"),
        }
    }
}

impl Finding {
    /// Sets another severity than the rule's.
    pub fn with_severity(&mut self, severity: Level) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Adds the repair.
    pub fn with_fix(&mut self, fix: Fix) -> &mut Self {
        self.fix = Some(fix);
        self
    }
}

/// Runs these rules.
pub fn run<'a>(context: &Context<'_>, rules: impl IntoIterator<Item = &'a &'static Rule>) -> Report {
    let rules: Vec<&'static Rule> = rules.into_iter().copied().collect();
    let mut report = checked(context, &rules);
    comments::apply(context, &rules, &mut report);
    for finding in &mut report.findings {
        if let Some(Setting::At(level)) = context.settings.rules.get(finding.rule) {
            finding.severity = *level;
        }
    }
    report.findings.sort_by(|a, b| order(a).cmp(&order(b)));
    report.findings.dedup_by(|a, b| a.fingerprint == b.fingerprint && a.summary == b.summary);
    report.notes.sort();
    report.notes.dedup();
    context.hidden().clone().in_report(&mut report);
    report
}

/// What the rules find, in no order. Over many objects they run side by side.
fn checked(context: &Context<'_>, rules: &[&'static Rule]) -> Report {
    // The picture of all roles is made beside the rules that do not look at it, and not waited for by all.
    let (drawn, plain): (Vec<_>, Vec<_>) = rules.iter().copied().partition(|rule| rule.family() == Family::Permissions);
    let picture = (!drawn.is_empty()).then_some(Work::Picture);
    let work: Vec<Work> =
        picture.into_iter().chain([Work::Hidden]).chain(plain.into_iter().chain(drawn).map(Work::Rule)).collect();
    let share = if context.model.objects().count() < FEW { usize::MAX } else { 1 };
    let mut all = Report::default();
    for report in parallel::each(&work, share, |work| work.done(context)) {
        all.findings.extend(report.findings);
        all.notes.extend(report.notes);
    }
    all
}

/// A piece of a run.
enum Work {
    /// Makes what rules about permissions look at.
    Picture,
    /// Finds what must not be shown.
    Hidden,
    Rule(&'static Rule),
}

impl Work {
    fn done(&self, context: &Context<'_>) -> Report {
        let mut report = Report::default();
        match self {
            Work::Picture => {
                context.iam();
            }
            Work::Hidden => {
                context.hidden();
            }
            Work::Rule(rule) => (rule.check)(context, &mut Reporter { rule, report: &mut report }),
        }
        report
    }
}

fn order(finding: &Finding) -> (Option<crate::diagnostics::Span>, &str, &str, &str) {
    (finding.range, &finding.address, finding.rule, &finding.summary)
}
