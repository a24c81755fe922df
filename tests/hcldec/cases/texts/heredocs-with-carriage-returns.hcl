a = <<-EOT
    one
      two ${1 + 1}

    three
  EOT
b = <<EOT
  x
EOT
