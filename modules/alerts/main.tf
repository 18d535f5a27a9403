# Tells people when a pipeline fails: EventBridge rules that write one readable sentence to an SNS topic.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  # The link opens the pipeline in the console; <...> are variables of the input transformer.
  console = "https://${local.region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/<pipeline>/view?region=${local.region}"

  pipeline_paths = {
    pipeline  = "$.detail.pipeline"
    execution = "$.detail.execution-id"
    time      = "$.time"
  }
  stage_paths  = merge(local.pipeline_paths, { stage = "$.detail.stage" })
  action_paths = merge(local.stage_paths, { action = "$.detail.action" })

  # Each text is one JSON string: SNS mails it as it is. Events carry state names in capitals, CANCELED with one L.
  alerts = {
    pipeline_failed = {
      description = "A pipeline failed"
      detail_type = "CodePipeline Pipeline Execution State Change"
      detail      = { state = ["FAILED"] }
      paths       = local.pipeline_paths
      text        = "Pipeline <pipeline> failed at <time> (execution <execution>). Look: ${local.console}"
    }
    stage_failed = {
      description = "A stage of a pipeline failed"
      detail_type = "CodePipeline Stage Execution State Change"
      detail      = { state = ["FAILED"] }
      paths       = local.stage_paths
      text        = "Stage <stage> of pipeline <pipeline> failed at <time> (execution <execution>). Retry or repair: ${local.console}"
    }
    approval_rejected = {
      description = "A manual approval was rejected or nobody answered in time"
      detail_type = "CodePipeline Action Execution State Change"
      detail      = { state = ["FAILED"], type = { category = ["Approval"] } }
      paths       = local.action_paths
      text        = "Approval <action> in stage <stage> of pipeline <pipeline> was rejected or timed out at <time> (execution <execution>). Look: ${local.console}"
    }
    approval_needed = {
      description = "A manual approval waits for an answer"
      detail_type = "CodePipeline Action Execution State Change"
      detail      = { state = ["STARTED"], type = { category = ["Approval"] } }
      paths       = local.action_paths
      text        = "Approval <action> in stage <stage> of pipeline <pipeline> waits since <time> (execution <execution>). Answer: ${local.console}"
    }
  }
  chosen = { for key, alert in local.alerts : key => alert if contains(var.notify_on, key) }

  # Written out instead of read from the objects: the policies are complete before the first rule exists.
  topic_name = "${var.name}-alerts"
  topic_arn  = "arn:${local.partition}:sns:${local.region}:${local.account_id}:${local.topic_name}"
  rule_names = { for key in keys(local.chosen) : key => "${var.name}-${replace(key, "_", "-")}" }
  rule_arns  = { for key, name in local.rule_names : key => "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${name}" }

  create_key = var.kms_key == null
  key_arn    = local.create_key ? aws_kms_key.this[0].arn : var.kms_key.arn
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.chosen

  name        = local.rule_names[each.key]
  description = each.value.description
  tags        = var.tags
  # Said, so that an alert somebody switched off by hand is switched on again.
  state = "ENABLED"

  event_pattern = jsonencode({
    source        = ["aws.codepipeline"]
    "detail-type" = [each.value.detail_type]
    detail        = merge(each.value.detail, { pipeline = sort(var.pipeline_names) })
  })
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.chosen

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "sns"
  # Through the policy, so that the first event finds the topic open.
  arn = aws_sns_topic_policy.this.arn

  input_transformer {
    input_paths    = each.value.paths
    input_template = "\"${each.value.text}\""
  }
}

resource "aws_sns_topic" "this" {
  name              = local.topic_name
  display_name      = "Pipeline alerts: ${var.name}"
  kms_master_key_id = local.key_arn
  tags              = var.tags
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "RulesOfThisModulePublish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    # A rule's ARN names its account too, so this also keeps other accounts out.
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = values(local.rule_arns)
    }
  }

  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.email_subscriptions

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.value
}

data "aws_iam_policy_document" "key" {
  count = local.create_key ? 1 : 0

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
    sid       = "RulesPublishEncrypted"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    # EventBridge sends KMS no aws:SourceArn or aws:SourceAccount for an encrypted topic, so the topic itself is the limit.
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:sns:topicArn"
      values   = [local.topic_arn]
    }
  }
}

resource "aws_kms_key" "this" {
  count = local.create_key ? 1 : 0

  description             = "Encrypts the topic ${local.topic_name}"
  enable_key_rotation     = true
  deletion_window_in_days = var.kms_deletion_window_in_days
  policy                  = data.aws_iam_policy_document.key[0].json
  tags                    = var.tags
}

resource "aws_kms_alias" "this" {
  count = local.create_key ? 1 : 0

  name          = "alias/${local.topic_name}"
  target_key_id = aws_kms_key.this[0].key_id
}
