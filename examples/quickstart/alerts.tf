# Who is told: readers of failures, and approvers.

module "alerts" {
  source = "./modules/alerts"

  name                = var.name
  pipeline_names      = [aws_codepipeline.this.name]
  kms_key             = { arn = aws_kms_key.this.arn }
  email_subscriptions = var.alert_emails
}

resource "aws_sns_topic" "approvals" {
  name              = "${var.name}-approvals"
  display_name      = "Approvals: ${var.name}"
  kms_master_key_id = aws_kms_key.this.arn
}

# Replaces the policy that a topic is born with, which lets everybody in the account publish. Without it IAM decides, and
# only the pipeline's role is allowed to.
data "aws_iam_policy_document" "approvals" {
  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.approvals.arn]

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

resource "aws_sns_topic_policy" "approvals" {
  arn    = aws_sns_topic.approvals.arn
  policy = data.aws_iam_policy_document.approvals.json
}

resource "aws_sns_topic_subscription" "approvers" {
  for_each = var.approver_emails

  topic_arn = aws_sns_topic.approvals.arn
  protocol  = "email"
  endpoint  = each.value
}
