a = t ? 1 : 2
b = t ? 1 : "a"
c = false ? null : "x"
d = t ? null : 1
e = t ? [] : [1]
f = n > 3 ? "many" : "few"
g = t ? { a = 1 } : { a = "x" }
