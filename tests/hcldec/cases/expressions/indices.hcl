a = l[0]
b = l["1"]
c = m.a
d = m["b"]
e = d.x.y[0].z
f = d["x"]["y"][0]["z"]
g = d["a b"]
h = l.2
i = d.x.y.0.z
j = { "1" = "x" }[1]
k = [10, 20][n - 4]
