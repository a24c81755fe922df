a = upper("x")
b = twice()
c = twice(1, 2)
d = twice("x")
