a = 1
b = [
  1,
  2
]
# comment
c = <<EOT
one
  two
EOT
