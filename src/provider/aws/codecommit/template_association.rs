//! `aws_codecommit_approval_rule_template_association`: a template that holds for a repository.

use super::GONE;
use super::template::NO_TEMPLATE;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;

/// The type.
pub struct TemplateAssociation;

#[async_trait(?Send)]
impl ResourceType for TemplateAssociation {
    fn name(&self) -> &'static str {
        "aws_codecommit_approval_rule_template_association"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codecommit_approval_rule_template_association.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let config = change.config;
        let names = config.opt("approval_rule_template_name").zip(config.opt("repository_name"));
        if let Some((template, repository)) = names.filter(|_| change.is_create()) {
            change.set_str("id", format!("{template},{repository}"));
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let (template, repository) = (plan.str("approval_rule_template_name"), plan.str("repository_name"));
        let call = cx.aws.codecommit().associate_approval_rule_template_with_repository();
        call.approval_rule_template_name(template).repository_name(repository).send().await?;
        made.id(format!("{template},{repository}"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (template, repository) = parse(prior.str("id"))?;
        let mut next = None;
        loop {
            let call = cx.aws.codecommit().list_associated_approval_rule_templates_for_repository();
            let page = call.repository_name(repository).set_next_token(next).send().await.or_gone(GONE)?;
            let Some(page) = page else { return Ok(None) };
            if page.approval_rule_template_names().iter().any(|name| name == template) {
                return Ok(Some(
                    Attrs::new()
                        .str("id", prior.str("id"))
                        .str("approval_rule_template_name", template)
                        .str("repository_name", repository),
                ));
            }
            next = page.next_token;
            if next.is_none() {
                return Ok(None);
            }
        }
    }

    /// Every attribute needs a new object.
    async fn update(&self, _cx: &Cx<'_>, _prior: &Obj<'_>, _plan: &Obj<'_>) -> Outcome<()> {
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (template, repository) = parse(prior.str("id"))?;
        let call = cx.aws.codecommit().disassociate_approval_rule_template_from_repository();
        let call = call.approval_rule_template_name(template).repository_name(repository);
        let gone: Vec<&str> = GONE.iter().copied().chain([NO_TEMPLATE]).collect();
        call.send().await.or_gone(&gone)?;
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        parse(id)?;
        Ok(Attrs::new().str("id", id))
    }
}

fn parse(id: &str) -> Outcome<(&str, &str)> {
    id.split_once(',').filter(|(template, repository)| !template.is_empty() && !repository.is_empty()).ok_or_else(
        || {
            Failure::said(
                "Invalid association id",
                format!("{id:?} is not of the form approval-rule-template-name,repository-name."),
            )
        },
    )
}
