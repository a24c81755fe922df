a = "one  ${~ x ~}  two"
b = "one  ${~ x}  two"
c = "one  ${x ~}  two"
d = "  %{~ if true ~}  yes  %{~ else ~}  no  %{~ endif ~}  "
e = <<EOT
list:
%{ for l in ls ~}
  - ${l}
%{ endfor ~}
end
EOT
f = <<EOT
  ${~ x ~}
  two
EOT
g = "a \n ${~ x ~} \n b"
h = "%{ for l in ls ~} ${l} %{~ endfor }"
