a = "${greeting}, ${upper}"
b = twice(numbers[1])
c = smallest(numbers...)
d = joined("x")
e = joined(
  "x", # first
  [for n in numbers : twice(n)]...
)
