a = [null, "x"]
b = { a = null }
c = { a = null }
d = ["x", null]
e = [null, 1]
f = [null, null]
