a = (
  1
  +
  2
)
b = [
  1,

  2,
]
c = {
  a = 1

  b = 2,
  c = 3,
}
d = (t
  ? "yes"
  : "no")
e = m[
  "a"
]
f = [for x in l :
  x
  if x > 1
]
g = ((((1))))
