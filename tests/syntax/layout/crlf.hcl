a=1
bcd = 2   # two

x {
y=1
  text = <<EOT
  stays
EOT
}
