terraform {
  required_version = ">= 1.0, < 2.0"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0", configuration_aliases = [aws.other] }
  }
  backend "s3" {
    bucket = "b"
  }
}
provider "aws" {
  alias  = "other"
  region = var.region
}
variable "region" {
  type        = object({ a = optional(string, "x"), b = list(map(number)) })
  description = <<-EOT
    Some ${"text"}
  EOT
  sensitive   = true
  nullable    = false
  validation {
    condition     = length(var.region) > 0
    error_message = "No."
  }
}
locals {
  a = { for k, v in var.region : k => upper(v)... if v != "" }
  b = [for x in local.c[*].d : "${x}%{if x == 1}one%{else}other%{endif}"]
}
resource "aws_codepipeline" "p" {
  for_each = toset(["a"])
  name     = each.key
  provider = aws.other
  dynamic "stage" {
    for_each = local.b
    iterator = it
    content {
      name = it.value
    }
  }
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [tags["a"], stage[0].name]
    precondition {
      condition     = self.name != null ? true : false
      error_message = "x"
    }
  }
  provisioner "local-exec" {
    when    = destroy
    command = "true"
  }
}
module "m" {
  source    = "./m"
  count     = 2
  providers = { aws = aws.other }
}
moved {
  from = aws_codepipeline.q["x"]
  to   = aws_codepipeline.p["a"]
}
import {
  to = aws_codepipeline.p["a"]
  id = "x"
}
removed {
  from = module.n.aws_iam_role.r
  lifecycle {
    destroy = false
  }
}
check "c" {
  data "aws_caller_identity" "x" {}
  assert {
    condition     = true
    error_message = "x"
  }
}
output "o" {
  value = module.m[*].x
}
