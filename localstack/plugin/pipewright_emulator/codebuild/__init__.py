"""CodeBuild: projects kept field by field, builds that run nothing but finish, webhooks, source credentials."""
