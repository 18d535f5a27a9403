output "pipeline_name" {
  description = "Name of the pipeline."
  value       = aws_codepipeline.this.name
}

output "pipeline_arn" {
  description = "ARN of the pipeline."
  value       = aws_codepipeline.this.arn
}

output "pipeline_url" {
  description = "The pipeline in the console."
  value       = "https://${local.region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/${aws_codepipeline.this.name}/view?region=${local.region}"
}

output "connection_arn" {
  description = "ARN of the connection to GitHub. It waits in state PENDING until somebody completes it in the console."
  value       = aws_codestarconnections_connection.github.arn
}

output "artifact_bucket" {
  description = "Bucket that holds the artifacts."
  value       = module.artifacts.name
}

output "alert_topic_arn" {
  description = "Topic that tells about failures."
  value       = module.alerts.topic_arn
}

output "approval_topic_arn" {
  description = "Topic that asks for approvals."
  value       = aws_sns_topic.approvals.arn
}

output "key_alias" {
  description = "Alias of the key that encrypts artifacts, logs, alerts and the trail."
  value       = aws_kms_alias.this.name
}

output "trail_bucket" {
  description = "Bucket that holds the trail's log files."
  value       = module.trail_bucket.name
}
