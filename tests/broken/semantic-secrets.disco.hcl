variable "password" {
  type      = string
  sensitive = true
  default   = "correct horse"
  validation {
    condition     = length(var.password) > 100
    error_message = "too short: ${var.password}"
  }
}

cluster "analytics" {
  image = var.password
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1-${var.password}" }
}

output "password" { value = var.password }

locals { number = tonumber(var.password) }
