a = { a = 1, "b" = 2, c: 3, (s) = 4, "x ${n}" = 5 }
b = { null = 1, true = 2, false = 3, for_ = 4 }
c = { 1 = "a", 2.5 = "b" }
d = { a-b = 1, ü = 2 }
e = {
  a = 1,
  b: 2
  "c": 3
}
