data "aws_availability_zones" "all" {}

data "aws_availability_zones" "some" {
  state         = "available"
  exclude_names = ["us-east-1a"]
}

data "aws_service_principal" "pipeline" {
  service_name = "codepipeline"
}

data "aws_default_tags" "none" {}

data "aws_arn" "role" {
  arn = "arn:aws:iam::123456789012:role/a/b"
}

output "zones" {
  value = [data.aws_availability_zones.all.names, data.aws_availability_zones.some.zone_ids]
}

output "principal" {
  value = data.aws_service_principal.pipeline.name
}

output "tags" {
  value = data.aws_default_tags.none.tags
}

output "role" {
  value = data.aws_arn.role
}
