# The two roles of the workflows: one that may look, one that may change. Both belong to one repository, and the second to
# one environment of it. Apply this once by hand, with your own rights.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {}

variable "repository" {
  description = "GitHub repository that runs the workflows, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "Write the repository as owner/name: a wildcard would let other repositories in."
  }
}

variable "name" {
  description = "Name of the pipeline. The roles reach only what is called so or starts with it and a hyphen, as in examples/quickstart."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "Use 3 to 20 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "branch" {
  description = "Branch on which the nightly comparison runs."
  type        = string
  default     = "main"
}

variable "environment" {
  description = "GitHub environment of the apply job. Its protection rules guard the second role."
  type        = string
  default     = "production"
}

variable "state" {
  description = "Where the shared state lies: bucket, object key, and the customer managed key of the bucket."
  type = object({
    bucket      = string
    key         = string
    kms_key_arn = optional(string)
  })
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  in_region  = "${data.aws_region.current.name}:${local.account_id}"
  issuer     = "token.actions.githubusercontent.com"

  state_arn = "arn:${local.partition}:s3:::${var.state.bucket}/${var.state.key}"

  # Who GitHub says is calling.
  subjects = {
    plan  = ["repo:${var.repository}:pull_request", "repo:${var.repository}:ref:refs/heads/${var.branch}"]
    apply = ["repo:${var.repository}:environment:${var.environment}"]
  }

  buckets     = ["arn:${local.partition}:s3:::${var.name}-*"]
  connections = ["arn:${local.partition}:codestar-connections:${local.in_region}:connection/*", "arn:${local.partition}:codeconnections:${local.in_region}:connection/*"]
  keys        = ["arn:${local.partition}:kms:${local.in_region}:key/*"]
  log_groups  = ["arn:${local.partition}:logs:${local.in_region}:log-group:/aws/codebuild/${var.name}-*"]
  pipelines   = ["arn:${local.partition}:codepipeline:${local.in_region}:${var.name}"]
  projects    = ["arn:${local.partition}:codebuild:${local.in_region}:project/${var.name}-*"]
  roles       = ["arn:${local.partition}:iam::${local.account_id}:role/${var.name}-*"]
  rules       = ["arn:${local.partition}:events:${local.in_region}:rule/${var.name}-*"]
  topics      = ["arn:${local.partition}:sns:${local.in_region}:${var.name}-*"]
  trails      = ["arn:${local.partition}:cloudtrail:${local.in_region}:trail/${var.name}-*"]
}

data "aws_iam_policy_document" "trust" {
  for_each = local.subjects

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:oidc-provider/${local.issuer}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = each.value
    }
  }
}

# What a plan reads.
data "aws_iam_policy_document" "look" {
  statement {
    sid       = "ReadState"
    actions   = ["s3:GetObject"]
    resources = [local.state_arn]
  }

  statement {
    sid       = "FindState"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::${var.state.bucket}"]
  }

  # A plan holds the lock too, so that it does not read while an apply writes.
  statement {
    sid       = "LockState"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${local.state_arn}.tflock"]
  }

  dynamic "statement" {
    for_each = var.state.kms_key_arn[*]

    content {
      sid       = "UseStateKeyThroughS3"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${data.aws_region.current.name}.amazonaws.com"]
      }
    }
  }

  statement {
    sid = "LookAtBuckets"
    actions = [
      "s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation", "s3:GetBucketLogging",
      "s3:GetBucketObjectLockConfiguration", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment",
      "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket",
    ]
    resources = local.buckets
  }

  statement {
    sid       = "LookAtRoles"
    actions   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies"]
    resources = local.roles
  }

  statement {
    sid       = "LookAtPipelines"
    actions   = ["codepipeline:GetPipeline", "codepipeline:ListTagsForResource"]
    resources = local.pipelines
  }

  statement {
    sid       = "LookAtProjects"
    actions   = ["codebuild:BatchGetProjects"]
    resources = local.projects
  }

  statement {
    sid = "LookAtConnections"
    actions = [
      "codeconnections:GetConnection", "codeconnections:ListTagsForResource",
      "codestar-connections:GetConnection", "codestar-connections:ListTagsForResource",
    ]
    resources = local.connections
  }

  statement {
    sid       = "LookAtRules"
    actions   = ["events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"]
    resources = local.rules
  }

  statement {
    sid       = "LookAtTopics"
    actions   = ["sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListTagsForResource"]
    resources = local.topics
  }

  statement {
    sid       = "LookAtTrails"
    actions   = ["cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors", "cloudtrail:GetTrailStatus", "cloudtrail:ListTags"]
    resources = local.trails
  }

  statement {
    sid       = "LookAtLogGroups"
    actions   = ["logs:ListTagsForResource"]
    resources = local.log_groups
  }

  statement {
    sid       = "LookAtKeys"
    actions   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
    resources = local.keys
  }

  # These list, and know no smaller resource.
  statement {
    sid       = "List"
    actions   = ["cloudtrail:DescribeTrails", "kms:ListAliases", "logs:DescribeLogGroups"]
    resources = ["*"]
  }
}

# What an apply changes, on top of looking.
data "aws_iam_policy_document" "change" {
  source_policy_documents = [data.aws_iam_policy_document.look.json]

  statement {
    sid       = "WriteState"
    actions   = ["s3:PutObject"]
    resources = [local.state_arn]
  }

  statement {
    sid = "ChangeBuckets"
    actions = [
      "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
    ]
    resources = local.buckets
  }

  statement {
    sid = "ChangeRoles"
    actions = [
      "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
    ]
    resources = local.roles
  }

  statement {
    sid       = "PassRoles"
    actions   = ["iam:PassRole"]
    resources = local.roles

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["codebuild.amazonaws.com", "codepipeline.amazonaws.com"]
    }
  }

  statement {
    sid = "ChangePipelines"
    actions = [
      "codepipeline:CreatePipeline", "codepipeline:DeletePipeline", "codepipeline:TagResource", "codepipeline:UntagResource",
      "codepipeline:UpdatePipeline",
    ]
    resources = local.pipelines
  }

  statement {
    sid       = "ChangeProjects"
    actions   = ["codebuild:CreateProject", "codebuild:DeleteProject", "codebuild:UpdateProject"]
    resources = local.projects
  }

  # Connections and keys carry no name in their ARN: a new one is recognised by the tag Project in the request, an existing
  # one by its own.
  statement {
    sid = "CreateConnections"
    actions = [
      "codeconnections:CreateConnection", "codeconnections:TagResource",
      "codestar-connections:CreateConnection", "codestar-connections:TagResource",
    ]
    resources = local.connections

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/Project"
      values   = [var.name]
    }
  }

  statement {
    sid = "ChangeConnections"
    actions = [
      "codeconnections:DeleteConnection", "codeconnections:PassConnection", "codeconnections:UntagResource", "codeconnections:UseConnection",
      "codestar-connections:DeleteConnection", "codestar-connections:PassConnection", "codestar-connections:UntagResource", "codestar-connections:UseConnection",
    ]
    resources = local.connections

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Project"
      values   = [var.name]
    }
  }

  statement {
    sid       = "CreateKeys"
    actions   = ["kms:CreateKey", "kms:TagResource"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/Project"
      values   = [var.name]
    }
  }

  statement {
    sid = "ChangeKeys"
    actions = [
      "kms:CreateAlias", "kms:CreateGrant", "kms:Decrypt", "kms:DeleteAlias", "kms:EnableKeyRotation", "kms:GenerateDataKey",
      "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
    ]
    resources = local.keys

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Project"
      values   = [var.name]
    }
  }

  statement {
    sid       = "ChangeAliases"
    actions   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
    resources = ["arn:${local.partition}:kms:${local.in_region}:alias/${var.name}", "arn:${local.partition}:kms:${local.in_region}:alias/${var.name}-*"]
  }

  statement {
    sid = "ChangeRules"
    actions = [
      "events:DeleteRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
    ]
    resources = local.rules
  }

  statement {
    sid = "ChangeTopics"
    actions = [
      "sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe", "sns:UntagResource",
    ]
    resources = local.topics
  }

  statement {
    sid = "ChangeTrails"
    actions = [
      "cloudtrail:AddTags", "cloudtrail:CreateTrail", "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:RemoveTags",
      "cloudtrail:StartLogging", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail",
    ]
    resources = local.trails
  }

  statement {
    sid = "ChangeLogGroups"
    actions = [
      "logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource",
    ]
    resources = concat(local.log_groups, [for arn in local.log_groups : "${arn}:*"])
  }
}

resource "aws_iam_role" "plan" {
  name               = "ci-${var.name}-plan"
  description        = "GitHub Actions of ${var.repository} plans ${var.name} with it"
  assume_role_policy = data.aws_iam_policy_document.trust["plan"].json
}

resource "aws_iam_role" "apply" {
  name               = "ci-${var.name}-apply"
  description        = "GitHub Actions of ${var.repository} applies ${var.name} with it"
  assume_role_policy = data.aws_iam_policy_document.trust["apply"].json
}

resource "aws_iam_role_policy" "plan" {
  name   = "look"
  role   = aws_iam_role.plan.id
  policy = data.aws_iam_policy_document.look.json
}

resource "aws_iam_role_policy" "apply" {
  name   = "change"
  role   = aws_iam_role.apply.id
  policy = data.aws_iam_policy_document.change.json
}

output "plan_role_arn" {
  description = "Set it as the repository variable PIPEWRIGHT_PLAN_ROLE_ARN."
  value       = aws_iam_role.plan.arn
}

output "apply_role_arn" {
  description = "Set it as the variable PIPEWRIGHT_APPLY_ROLE_ARN of the environment."
  value       = aws_iam_role.apply.arn
}
