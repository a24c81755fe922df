variable "slaves" { default = 3 }

variable "burst" { default = var.slaves * 2 }

locals { all = var.slaves + var.burst }
