"""CodePipeline: pipelines, executions that advance by a clock, approvals, transitions, webhooks, custom actions."""
