# What the pipeline stands on: names, the key that encrypts everything, the artifact bucket, the way to the source.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  # Names and ARNs that policies need before the object itself exists.
  site_bucket     = "${var.name}-site-${local.account_id}-${local.region}"
  site_bucket_arn = "arn:${local.partition}:s3:::${local.site_bucket}"
  stack_name      = "${var.name}-site"
  trail_name      = "${var.name}-trail"
  trail_bucket    = "${var.name}-trail-${local.account_id}-${local.region}"
  trail_arn       = "arn:${local.partition}:cloudtrail:${local.region}:${local.account_id}:trail/${local.trail_name}"
  alert_topic_arn = "arn:${local.partition}:sns:${local.region}:${local.account_id}:${var.name}-alerts"
  project_arns    = { for key in keys(local.projects) : key => "arn:${local.partition}:codebuild:${local.region}:${local.account_id}:project/${var.name}-${key}" }
  log_group_names = { for key in keys(local.projects) : key => "/aws/codebuild/${var.name}-${key}" }
  log_group_arns  = { for key, name in local.log_group_names : key => "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${name}" }
}

# One key for artifacts, logs, alerts and the trail. IAM in this account decides who else may use it.
data "aws_iam_policy_document" "key" {
  statement {
    sid       = "IamInThisAccountDecides"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }

  statement {
    sid       = "AlertRulesPublishEncrypted"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    # EventBridge sends KMS no aws:SourceArn for an encrypted topic, so the topic itself is the limit.
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:sns:topicArn"
      values   = [local.alert_topic_arn]
    }
  }

  statement {
    sid       = "TrailEncrypts"
    actions   = ["kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = [local.trail_arn]
    }
  }

  statement {
    sid       = "TrailFindsKey"
    actions   = ["kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }
  }

  statement {
    sid       = "BuildLogsEncrypt"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${local.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = values(local.log_group_arns)
    }
  }
}

resource "aws_kms_key" "this" {
  description             = "Encrypts what belongs to the pipeline ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

module "artifacts" {
  source = "./modules/artifact-bucket"

  name          = "${var.name}-artifacts-${local.account_id}-${local.region}"
  kms_key       = { arn = aws_kms_key.this.arn }
  force_destroy = var.force_destroy
}

# A new connection waits in state PENDING until somebody opens it once in the console and lets GitHub in.
resource "aws_codestarconnections_connection" "github" {
  name          = var.name
  provider_type = "GitHub"
}
