output "topic_arn" {
  description = "ARN of the topic. Subscribe chat or paging services to it."
  value       = aws_sns_topic.this.arn
}

output "rule_arns" {
  description = "ARN of each rule by what it tells about."
  value       = { for key, rule in aws_cloudwatch_event_rule.this : key => rule.arn }
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts the topic: the given one or the one created here."
  value       = local.key_arn
}
