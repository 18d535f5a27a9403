variable "name" {
  description = "Name of the pipeline and prefix of everything around it."
  type        = string
  default     = "quickstart"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "Use 3 to 20 lower-case letters, digits and hyphens, starting with a letter: bucket names are made from it."
  }
}

variable "repository" {
  description = "GitHub repository to deliver, as owner/name."
  type        = string
  default     = "example/website"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "Write the repository as owner/name, such as example/website."
  }
}

variable "branch" {
  description = "Branch whose pushes start the pipeline."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = length(var.branch) >= 1 && length(var.branch) <= 255
    error_message = "A branch name has 1 to 255 characters."
  }
}

variable "alert_emails" {
  description = "E-mail addresses that hear of failures."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "approver_emails" {
  description = "E-mail addresses that are asked for approval."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which build logs are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "trust_source_account" {
  description = "Whether CodePipeline and CloudFormation may assume their roles for this account only. Turn it off when AWS answers that they are not authorized to assume the role."
  type        = bool
  default     = true
  nullable    = false
}

variable "force_destroy" {
  description = "Whether destroy also deletes what the artifact and trail buckets hold."
  type        = bool
  default     = false
  nullable    = false
}

variable "region" {
  description = "AWS Region. Taken from AWS_REGION or the profile when left out."
  type        = string
  default     = null
}

variable "s3_use_path_style" {
  description = "Whether S3 is addressed by path. Needed for an emulator that is reached by a host name; an IP address needs nothing."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Further tags of everything."
  type        = map(string)
  default     = {}
  nullable    = false
}
