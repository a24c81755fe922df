secret    = sensitive("hidden")
number    = 5
template  = "Hello, $${name}!"
templates = {
  greeting  = "Hi $${name}%%{ if true }.%%{ endif }"
  single    = "$${name}"
  plain     = "nothing to fill in"
  broken    = "a $${name"
  nested    = "$${templatestring(name, {})}"
  functions = "$${upper(name)} $${file(\"files/sub/b.txt\")}"
}
