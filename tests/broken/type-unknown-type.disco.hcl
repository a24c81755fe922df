variable "slaves" {
  type = nubmer
}

variable "names" {
  type = list(string, number)
}

variable "disk" {
  type = "string"
}
