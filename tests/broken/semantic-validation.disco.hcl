variable "slaves" {
  type    = number
  default = 0
  validation {
    condition     = var.slaves >= 1
    error_message = "a cluster needs a slave"
  }
  validation {
    condition     = var.slaves <= var.most
    error_message = "at most ${var.most} slaves."
  }
  validation {
    condition     = "perhaps"
    error_message = "never shown"
  }
}

variable "most" { default = -1 }
