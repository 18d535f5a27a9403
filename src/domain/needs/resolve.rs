//! From the facts of a pipeline to the needs of its roles.

use super::facts::{ActionFacts, PipelineFacts, Place, RuleFacts, Settings, StoreFacts};
use super::table::{Row, Strength, Table, When};
use super::{Cause, Need, RoleNeeds};
use crate::domain::policy::{Truth, symbol};

/// The address of symbols for what the pipeline does not name.
const OUTSIDE: &str = "outside";

/// Whether a text has a part that the pipeline does not name.
pub fn has_outside(text: &str) -> bool {
    symbol::pieces(text).iter().any(|p| matches!(p, symbol::Piece::Symbol(s) if s.address == OUTSIDE))
}

/// The text with `*` for every part that the pipeline does not name.
pub fn outside_as_any(text: &str) -> String {
    let piece = |piece: symbol::Piece<'_>| match piece {
        symbol::Piece::Text(text) => text.to_owned(),
        symbol::Piece::Symbol(s) if s.address == OUTSIDE => "*".to_owned(),
        symbol::Piece::Symbol(s) => s.text(),
    };
    symbol::pieces(text).into_iter().map(piece).collect()
}

/// The text for people: what the pipeline does not name in words, in parentheses where it is a part of a longer text.
pub fn told(text: &str) -> String {
    let pieces = symbol::pieces(text);
    let alone = pieces.len() == 1;
    let piece = |piece: symbol::Piece<'_>| match piece {
        symbol::Piece::Text(text) => text.to_owned(),
        symbol::Piece::Symbol(s) if s.address == OUTSIDE && alone => s.attribute,
        symbol::Piece::Symbol(s) if s.address == OUTSIDE => format!("({})", s.attribute),
        symbol::Piece::Symbol(s) => symbol::display(&s.text()),
    };
    pieces.into_iter().map(piece).collect()
}

/// The text for something that the pipeline does not name, such as the roles of a task definition.
pub fn outside(what: &str) -> String {
    symbol::Symbol::new(OUTSIDE, what).text()
}

/// What every role of the pipeline needs: the service role first, then the roles of actions in order.
pub fn needs(pipeline: &PipelineFacts) -> Vec<RoleNeeds> {
    let mut roles = Roles { all: Vec::new() };
    roles.of(&pipeline.role, &pipeline.place);
    if !pipeline.complete {
        roles.of(&pipeline.role, &pipeline.place).open.push("not all of its actions are known".into());
    }
    let store = Scope { pipeline, place: pipeline.place.clone(), settings: &EMPTY, store: None };
    for each in &pipeline.stores {
        let place = place_of(pipeline, each.region.as_deref());
        let scope = Scope { store: Some(each), place, ..store.clone() };
        let role = roles.of(&pipeline.role, &pipeline.place);
        scope.add(Table::get().base("store"), &Cause::Store, role);
        if each.key.is_some() {
            scope.add(Table::get().base("key"), &Cause::Key, role);
        }
    }
    for action in &pipeline.actions {
        of_action(pipeline, action, &mut roles);
    }
    for rule in &pipeline.rules {
        of_rule(pipeline, rule, &mut roles);
    }
    roles.all
}

static EMPTY: Settings = Settings { values: std::collections::BTreeMap::new(), partial: false };

struct Roles {
    all: Vec<RoleNeeds>,
}

impl Roles {
    fn of(&mut self, role: &str, place: &Place) -> &mut RoleNeeds {
        let at = self.all.iter().position(|r| r.role == role).unwrap_or(self.all.len());
        if at == self.all.len() {
            let new = RoleNeeds { role: role.to_owned(), place: place.clone(), needs: Vec::new(), open: Vec::new() };
            self.all.push(new);
        }
        match self.all.get_mut(at) {
            Some(found) => found,
            None => unreachable!("it was just put there"),
        }
    }
}

fn place_of(pipeline: &PipelineFacts, region: Option<&str>) -> Place {
    let region = region.unwrap_or(&pipeline.place.region).to_owned();
    Place { region, ..pipeline.place.clone() }
}

/// The account of a role is where its action works.
fn place_of_role(place: Place, role: &str) -> Place {
    match role.split(':').nth(4) {
        Some(account) if !account.is_empty() => Place { account: account.to_owned(), ..place },
        _ => place,
    }
}

fn of_action(pipeline: &PipelineFacts, action: &ActionFacts, roles: &mut Roles) {
    let mut place = place_of(pipeline, action.region.as_deref());
    if let Some(own) = &action.role {
        place = place_of_role(place, own);
        let cause = Cause::ActionRole { stage: action.stage.clone(), action: action.name.clone() };
        let scope = Scope { pipeline, place: place.clone(), settings: &action.settings, store: None };
        let service = roles.of(&pipeline.role, &pipeline.place);
        scope.add_with(Table::get().base("action_role"), &cause, service, |t| t.replace("{action_role}", own));
    }
    let role = roles.of(action.role.as_deref().unwrap_or(&pipeline.role), &place);
    let Some(kind) = &action.kind else {
        role.open.push(format!("the type of action \"{}\" is not known", action.name));
        return;
    };
    let Some(row) = Table::get().action(kind) else {
        role.open.push(format!("what action type {kind} needs is not known"));
        return;
    };
    if let Some(why) = &row.open {
        role.open.push(why.clone());
    }
    if action.settings.partial {
        role.open.push(format!("the configuration of action \"{}\" is not known", action.name));
    }
    let provider = kind.split('/').nth(2).unwrap_or(kind).to_owned();
    let cause = Cause::Action { stage: action.stage.clone(), action: action.name.clone(), provider };
    let store = store_of(pipeline, action.region.as_deref());
    let scope = Scope { pipeline, place, settings: &action.settings, store };
    let before = role.needs.len();
    let uses = [
        ("read", "key_read", row.artifacts.read && action.inputs),
        ("write", "key_write", row.artifacts.write && action.outputs),
    ];
    for (access, key, used) in uses {
        if !used {
            continue;
        }
        scope.add(Table::get().base(access), &cause, role);
        if store.is_some_and(|s| s.key.is_some()) {
            scope.add(Table::get().base(key), &cause, role);
        }
    }
    // A build fetches and puts artifacts by the role of its project: aws-cdk-lib gives an action's own role none of this, and it runs.
    if action.role.is_some() && kind.contains("/CodeBuild/") {
        role.needs.iter_mut().skip(before).for_each(|need| need.strength = need.strength.min(Strength::Listed));
    }
    scope.add_action(&row.statements, action, &cause, role);
}

fn of_rule(pipeline: &PipelineFacts, rule: &RuleFacts, roles: &mut Roles) {
    let mut place = place_of(pipeline, rule.region.as_deref());
    if let Some(own) = &rule.role {
        place = place_of_role(place, own);
    }
    let role = roles.of(rule.role.as_deref().unwrap_or(&pipeline.role), &place);
    let row = rule.provider.as_ref().and_then(|p| Table::get().rules.iter().find(|r| &r.rule == p));
    let Some(row) = row else {
        role.open.push(format!("what rule \"{}\" needs is not known", rule.name));
        return;
    };
    let cause = Cause::Rule { stage: rule.stage.clone(), rule: rule.name.clone() };
    let scope = Scope { pipeline, place, settings: &rule.settings, store: None };
    scope.add(&row.statements, &cause, role);
}

/// The store that an action in this region works with.
fn store_of<'p>(pipeline: &'p PipelineFacts, region: Option<&str>) -> Option<&'p StoreFacts> {
    let wanted = region.unwrap_or(&pipeline.place.region);
    let same = pipeline.stores.iter().find(|s| s.region.as_deref() == Some(wanted));
    same.or_else(|| pipeline.stores.iter().find(|s| s.region.is_none())).or(pipeline.stores.first())
}

/// What the placeholders of a row stand for.
#[derive(Clone)]
struct Scope<'p> {
    pipeline: &'p PipelineFacts,
    place: Place,
    settings: &'p Settings,
    store: Option<&'p StoreFacts>,
}

impl Scope<'_> {
    fn add(&self, rows: &[Row], cause: &Cause, role: &mut RoleNeeds) {
        self.add_with(rows, cause, role, str::to_owned);
    }

    fn add_action(&self, rows: &[Row], action: &ActionFacts, cause: &Cause, role: &mut RoleNeeds) {
        let inputs = action.inputs;
        for row in rows {
            self.add_row(row, cause, role, Some(inputs), &|t| t.to_owned());
        }
    }

    fn add_with(&self, rows: &[Row], cause: &Cause, role: &mut RoleNeeds, prepare: impl Fn(&str) -> String) {
        for row in rows {
            self.add_row(row, cause, role, None, &prepare);
        }
    }

    fn add_row(
        &self,
        row: &Row,
        cause: &Cause,
        role: &mut RoleNeeds,
        inputs: Option<bool>,
        prepare: &dyn Fn(&str) -> String,
    ) {
        let mut strength = row.need;
        for when in &row.when {
            match self.holds(when, inputs) {
                Truth::No => return,
                Truth::Unknown => strength = Strength::Optional,
                Truth::Yes => {}
            }
        }
        let resources: Vec<String> = row.resources.iter().flat_map(|r| self.resource(&prepare(r))).collect();
        if resources.is_empty() {
            return;
        }
        let value = |v: &String| self.fill(v);
        let of_key = |(key, values): (&String, &Vec<String>)| (self.fill(key), values.iter().map(value).collect());
        let conditions = row.conditions.iter().map(|(op, keys)| (op.clone(), keys.iter().map(of_key).collect()));
        role.needs.push(Need {
            actions: row.actions.clone(),
            any: row.any,
            resources,
            conditions: conditions.collect(),
            strength,
            confidence: row.confidence(),
            cause: cause.clone(),
        });
    }

    fn holds(&self, when: &When, inputs: Option<bool>) -> Truth {
        let set = |keys: &Vec<String>| Truth::any(keys.iter().map(|k| self.settings.has(k)));
        let setting = when.setting.as_deref().unwrap_or_default();
        Truth::all([
            when.one_of.as_ref().map_or(Truth::Yes, |v| self.settings.is_one_of(setting, v)),
            when.not_in.as_ref().map_or(Truth::Yes, |v| !self.settings.is_one_of(setting, v)),
            when.set.as_ref().map_or(Truth::Yes, set),
            when.unset.as_ref().map_or(Truth::Yes, |keys| !set(keys)),
            match (when.inputs, inputs) {
                (Some(want), Some(have)) => (want == have).into(),
                _ => Truth::Yes,
            },
            if when.outside.is_some() { Truth::Unknown } else { Truth::Yes },
        ])
    }

    /// The ARNs that a resource stands for: several with `{each …}`.
    fn resource(&self, template: &str) -> Vec<String> {
        if template == "{secrets}" {
            return self.secrets();
        }
        let Some((before, rest)) = template.split_once("{each config.") else { return vec![self.fill(template)] };
        let (key, after) = rest.split_once('}').unwrap_or((rest, ""));
        let listed = self.settings.get(key).unwrap_or_default();
        let items = listed.split(',').map(str::trim).filter(|i| !i.is_empty());
        items.map(|item| format!("{}{}{}", self.fill(before), vague(item), self.fill(after))).collect()
    }

    fn fill(&self, template: &str) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (inside, tail) = close(after);
            out.push_str(&self.placeholder(inside));
            rest = tail;
        }
        out + rest
    }

    fn placeholder(&self, name: &str) -> String {
        if let Some(what) = name.strip_prefix("outside.") {
            return outside(what);
        }
        if let Some(key) = name.strip_prefix("config.") {
            let (key, default) = match key.split_once('|') {
                Some((key, default)) => (key, Some(default)),
                None => (key, None),
            };
            return match (self.settings.get(key), default) {
                (Some(value), _) => vague(value),
                (None, Some(default)) if !self.settings.partial => self.fill(default),
                _ => outside(key),
            };
        }
        match name {
            "partition" => self.place.partition.clone(),
            "region" => self.place.region.clone(),
            "account" => self.place.account.clone(),
            "pipeline.name" => self.pipeline.name.clone(),
            "artifact_bucket" => self.store.map_or_else(|| outside("artifact bucket"), |s| s.bucket.clone()),
            "artifact_key" => self.store.and_then(|s| s.key.clone()).unwrap_or_else(|| outside("artifact key")),
            "object" => self.source_object(),
            "objects" => self.deployed_objects(),
            "state_machine" => {
                let arn = self.settings.get("StateMachineArn").unwrap_or_default();
                arn.split(':').nth(6).map_or_else(|| outside("state machine"), str::to_owned)
            }
            other => outside(other),
        }
    }

    /// Whoever starts the pipeline may name another object where that is allowed.
    fn source_object(&self) -> String {
        match self.settings.get("S3ObjectKey") {
            Some(key) if self.settings.get("AllowOverrideForS3ObjectKey") != Some("true") => vague(key),
            Some(_) => "*".into(),
            None => outside("S3ObjectKey"),
        }
    }

    /// One object when the artifact is put down as it is; else whatever it holds.
    fn deployed_objects(&self) -> String {
        match (self.settings.get("Extract"), self.settings.get("ObjectKey")) {
            (Some("false"), Some(key)) => vague(&key.replace("{datetime}", "*").replace("{uuid}", "*")),
            (Some("true"), Some(prefix)) => format!("{}/*", vague(prefix.trim_end_matches('/'))),
            _ => "*".into(),
        }
    }

    /// ARNs of the secrets in `EnvironmentVariables`; a secret's ARN ends in six characters that its name does not have.
    fn secrets(&self) -> Vec<String> {
        let Some(text) = self.settings.get("EnvironmentVariables") else { return Vec::new() };
        let Ok(serde_json::Value::Array(variables)) = serde_json::from_str(text) else { return Vec::new() };
        let of = |v: &serde_json::Value, key: &str| v.get(key).and_then(|v| v.as_str()).map(str::to_owned);
        let secret = |v: &serde_json::Value| {
            let value = of(v, "value").filter(|_| of(v, "type").as_deref() == Some("SECRETS_MANAGER"))?;
            // Key, stage and version follow the name or ARN after colons.
            let Place { partition, region, account } = &self.place;
            Some(if value.starts_with("arn:") {
                value.splitn(8, ':').take(7).collect::<Vec<_>>().join(":")
            } else {
                let name = value.split(':').next().unwrap_or_default();
                format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-??????")
            })
        };
        variables.iter().filter_map(secret).collect()
    }
}

/// Variables of the pipeline (`#{namespace.key}`) are only known when it runs.
fn vague(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("#{") {
        let (inside, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(&outside(&format!("#{{{inside}}}")));
        rest = tail;
    }
    out + rest
}

/// Up to the brace that closes, and what follows; braces inside count.
fn close(text: &str) -> (&str, &str) {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default()),
            '}' => depth -= 1,
            _ => {}
        }
    }
    (text, "")
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let values = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Settings { values, partial: false }
    }

    fn action(kind: &str, pairs: &[(&str, &str)]) -> ActionFacts {
        ActionFacts {
            stage: "Stage".into(),
            name: "act".into(),
            kind: Some(kind.into()),
            role: None,
            region: None,
            settings: settings(pairs),
            inputs: !kind.starts_with("Source"),
            outputs: kind.starts_with("Source"),
        }
    }

    fn pipeline(actions: Vec<ActionFacts>) -> PipelineFacts {
        PipelineFacts {
            name: "app".into(),
            role: "arn:aws:iam::111111111111:role/pipeline".into(),
            place: Place { partition: "aws".into(), region: "eu-central-1".into(), account: "111111111111".into() },
            stores: vec![StoreFacts { bucket: "artifacts".into(), key: None, region: None }],
            actions,
            rules: Vec::new(),
            complete: true,
        }
    }

    fn required(role: &RoleNeeds) -> Vec<String> {
        let needs = role.needs.iter().filter(|n| n.strength == Strength::Required);
        let mut all: Vec<String> = needs
            .flat_map(|n| {
                n.actions.iter().flat_map(|a| n.resources.iter().map(move |r| format!("{a} {}", symbol::display(r))))
            })
            .collect();
        all.sort();
        all.dedup();
        all
    }

    #[test]
    fn a_build_needs_its_project_and_its_artifacts() {
        let found = needs(&pipeline(vec![action("Build/AWS/CodeBuild/1", &[("ProjectName", "tests")])]));
        assert_eq!(
            required(&found[0]),
            [
                "codebuild:BatchGetBuilds arn:aws:codebuild:eu-central-1:111111111111:project/tests",
                "codebuild:StartBuild arn:aws:codebuild:eu-central-1:111111111111:project/tests",
                "s3:GetObject arn:aws:s3:::artifacts/*",
            ]
        );
        assert!(found[0].open.is_empty());
    }

    #[test]
    fn a_batch_needs_the_batch_calls_and_a_setting_to_come_makes_both_optional() {
        let batch =
            needs(&pipeline(vec![action("Build/AWS/CodeBuild/1", &[("ProjectName", "t"), ("BatchEnabled", "true")])]));
        assert!(required(&batch[0]).iter().any(|n| n.starts_with("codebuild:StartBuildBatch")));
        let unknown = symbol::symbol("var.batch");
        let vague = needs(&pipeline(vec![action(
            "Build/AWS/CodeBuild/1",
            &[("ProjectName", "t"), ("BatchEnabled", &unknown)],
        )]));
        assert!(!required(&vague[0]).iter().any(|n| n.starts_with("codebuild:")));
    }

    #[test]
    fn an_action_role_takes_its_needs_and_the_service_role_takes_it() {
        let mut deploy = action("Deploy/AWS/S3/1", &[("BucketName", "site"), ("Extract", "true")]);
        deploy.role = Some("arn:aws:iam::222222222222:role/deploy".into());
        let found = needs(&pipeline(vec![deploy]));
        assert_eq!(required(&found[0]), ["sts:AssumeRole arn:aws:iam::222222222222:role/deploy"]);
        assert_eq!(required(&found[1]), ["s3:GetObject arn:aws:s3:::artifacts/*", "s3:PutObject arn:aws:s3:::site/*"]);
        assert_eq!(found[1].place.account, "222222222222");
    }

    #[test]
    fn a_customer_key_is_used_by_those_who_read_and_write() {
        let mut facts = pipeline(vec![action("Source/AWS/ECR/1", &[("RepositoryName", "app")])]);
        facts.stores[0].key = Some("arn:aws:kms:eu-central-1:111111111111:key/1".into());
        let list = required(&needs(&facts)[0]);
        assert!(
            list.contains(&"kms:GenerateDataKey arn:aws:kms:eu-central-1:111111111111:key/1".to_owned()),
            "{list:?}"
        );
        assert!(!list.iter().any(|n| n.starts_with("kms:Decrypt")), "{list:?}");
    }

    #[test]
    fn what_the_pipeline_does_not_name_is_a_symbol() {
        let ecs = action("Deploy/AWS/ECS/1", &[("ClusterName", "#{variables.cluster}"), ("ServiceName", "web")]);
        let list = required(&needs(&pipeline(vec![ecs]))[0]);
        assert!(list.contains(&"iam:PassRole ${outside.task role}".to_owned()), "{list:?}");
        assert!(list.iter().any(|n| n.contains("service/${outside.#{variables.cluster}}/web")), "{list:?}");
    }

    #[test]
    fn an_unknown_or_third_party_action_leaves_the_list_open() {
        let mut odd = action("x", &[]);
        odd.kind = None;
        let found = needs(&pipeline(vec![odd, action("Test/Custom/Mine/1", &[]), action("Deploy/AWS/New/1", &[])]));
        assert_eq!(found[0].open.len(), 3);
    }

    #[test]
    fn secrets_of_environment_variables_are_needed() {
        let text = r#"[{"name":"A","value":"db/password:key","type":"SECRETS_MANAGER"},{"name":"B","value":"x","type":"PLAINTEXT"}]"#;
        let commands = action("Compute/AWS/Commands/1", &[("EnvironmentVariables", text)]);
        let list = required(&needs(&pipeline(vec![commands]))[0]);
        let want =
            "secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-central-1:111111111111:secret:db/password-??????";
        assert_eq!(list.iter().filter(|n| n.starts_with("secretsmanager")).collect::<Vec<_>>(), [want]);
    }

    #[test]
    fn a_stack_needs_what_its_mode_calls() {
        let with = |mode: &str| {
            let stack = action(
                "Deploy/AWS/CloudFormation/1",
                &[("ActionMode", mode), ("StackName", "web"), ("RoleArn", "arn:aws:iam::1:role/cfn")],
            );
            required(&needs(&pipeline(vec![stack]))[0])
        };
        assert!(with("CREATE_UPDATE").iter().any(|n| n.starts_with("cloudformation:CreateStack ")));
        assert!(with("CREATE_UPDATE").contains(&"iam:PassRole arn:aws:iam::1:role/cfn".to_owned()));
        assert!(!with("CHANGE_SET_EXECUTE").iter().any(|n| n.starts_with("iam:PassRole")));
    }
}
