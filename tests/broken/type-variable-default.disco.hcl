variable "slaves" {
  type    = number
  default = "many"
}

variable "disk" {
  type    = object({ size = number, type = optional(string) })
  default = { sise = 100 }
}

variable "names" {
  type     = list(string)
  nullable = false
  default  = null
}
