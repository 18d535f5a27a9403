locals {
  allow = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "*" }]
  })
}

data "aws_caller_identity" "me" {}

resource "aws_iam_policy" "one" {
  name   = "one"
  policy = local.allow
}

resource "aws_iam_policy" "two" {
  name_prefix = "two-"
  path        = "/team/"
  policy      = local.allow
  tags        = { App = "x" }
}

resource "aws_iam_role" "build" {
  name = "build"
  path = "/ci/"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "run" {
  name   = "run"
  role   = aws_iam_role.build.id
  policy = local.allow
}

resource "aws_iam_role_policies_exclusive" "build" {
  role_name    = aws_iam_role.build.name
  policy_names = [aws_iam_role_policy.run.name]
}

resource "aws_iam_role_policy_attachments_exclusive" "build" {
  role_name   = aws_iam_role.build.name
  policy_arns = [aws_iam_policy.one.arn, aws_iam_policy.two.arn]
}

resource "aws_iam_instance_profile" "min" {
  name = "min"
}

resource "aws_iam_instance_profile" "full" {
  name_prefix = "full-"
  path        = "/ci/"
  role        = aws_iam_role.build.name
  tags        = { App = "x" }
}

resource "aws_iam_openid_connect_provider" "github" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com", "other"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
  tags            = { App = "x" }
}

resource "aws_iam_user" "min" {
  name = "ann"
}

resource "aws_iam_user" "full" {
  name                 = "bot"
  path                 = "/ci/"
  permissions_boundary = aws_iam_policy.one.arn
  force_destroy        = true
  tags                 = { App = "x" }
}

resource "aws_iam_group" "developers" {
  name = "developers"
  path = "/team/"
}

resource "aws_iam_user_policy" "run" {
  name   = "run"
  user   = aws_iam_user.min.name
  policy = local.allow
}

resource "aws_iam_group_policy" "run" {
  group  = aws_iam_group.developers.name
  policy = local.allow
}

resource "aws_iam_user_policy_attachment" "one" {
  user       = aws_iam_user.full.name
  policy_arn = aws_iam_policy.one.arn
}

resource "aws_iam_group_policy_attachment" "one" {
  group      = aws_iam_group.developers.name
  policy_arn = aws_iam_policy.one.arn
}

resource "aws_iam_policy" "shared" {
  name   = "shared"
  policy = local.allow
}

resource "aws_iam_policy_attachment" "shared" {
  name       = "shared"
  policy_arn = aws_iam_policy.shared.arn
  users      = [aws_iam_user.min.name]
  groups     = [aws_iam_group.developers.name]
}

resource "aws_iam_service_linked_role" "autoscaling" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "ci"
  description      = "for CI"
}

data "aws_iam_user" "ann" {
  user_name = aws_iam_user.min.name
}

data "aws_iam_group" "developers" {
  group_name = aws_iam_group.developers.name
}

data "aws_iam_roles" "ci" {
  path_prefix = "/ci/"
  depends_on  = [aws_iam_role.build]
}

data "aws_iam_session_context" "me" {
  arn = data.aws_caller_identity.me.arn
}

data "aws_iam_openid_connect_provider" "github" {
  arn = aws_iam_openid_connect_provider.github.arn
}
