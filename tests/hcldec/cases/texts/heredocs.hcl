a = <<EOT
one
  two

EOT
b = <<-EOT
    one
      two

    three
  EOT
c = [<<EOT
in a list
EOT
, "after"]
d = <<EOT
EOT
e = <<EOT
"quotes" \n \ $${x} %%{y} $x %x
EOT
f = <<-END_of-it
  EOT
  END_of-it
g = { h = <<EOT
in an object
EOT
}
