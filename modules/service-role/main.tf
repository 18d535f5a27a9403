# A role for one service, whose policy is derived from a description of what it works with.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  purposes = {
    codepipeline   = "CodePipeline runs a pipeline with it"
    codebuild      = "CodeBuild runs builds with it"
    cloudformation = "CloudFormation changes a stack with it"
    events         = "EventBridge starts a pipeline with it"
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${var.service}.amazonaws.com"]
    }

    dynamic "condition" {
      for_each = var.trust_source_account ? [local.account_id] : []

      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }

    dynamic "condition" {
      for_each = length(var.trust_source_arns) > 0 ? [var.trust_source_arns] : []

      content {
        test     = "ArnLike"
        variable = "aws:SourceArn"
        values   = condition.value
      }
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  path                 = var.path
  description          = coalesce(var.description, local.purposes[var.service])
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "this" {
  name   = "work"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.work.json

  lifecycle {
    precondition {
      condition     = local.statement_count > 0
      error_message = "The role ${var.name} would not be allowed anything: describe what it works with."
    }
  }
}
