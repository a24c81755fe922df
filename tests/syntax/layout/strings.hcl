a = "x${ foo }"
b = "x${ foo( 1,2 ) }y${bar}z"
c = "%{ if a }b%{ else }c%{ endif }"
d = "${~ a ~}  ${ -1 }"
e = "  spaces   stay  "
f = "x${ {a=1} }"
g = "${ [1,2][0] }${ b }"
h = "a\"b" # quoted
i = "x${"nested ${ deep }"}"
j = <<EOT
  text   stays
    ${ foo( 1,2 ) }   as  it is
  %{ for x in y }  line ${x}
  %{ endfor }
EOT
k = <<-EOT
      indented
        more ${ a+b }
      EOT
l = 1
mm = foo(<<EOT
  text
EOT
, 2)
n = [
<<-A
  one
  A
,
      "two",
]
o = "x${
foo
}"
p = 1
