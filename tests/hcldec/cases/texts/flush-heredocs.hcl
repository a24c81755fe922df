a = <<-EOT
    one
    ${x}
      two
  EOT
b = <<-EOT
    one
  ${sp}
    two
EOT
c = <<-EOT
    ${x} at the beginning
      more
  EOT
d = <<-EOT
	one
		two
  EOT
e = <<-EOT
    one
  
    two
  EOT
f = <<-EOT
    %{ for l in ls ~}
      - ${l}
    %{ endfor ~}
    end
  EOT
g = <<-EOT
    %{ if true }yes%{ else }no%{ endif }
      ${x}${x}
  EOT
h = <<-EOT

    one
  EOT
i = <<-EOT
    one ${x}
  two ${x}
      three
  EOT
j = <<-EOT
      one
     ${
       x
     }
    EOT
