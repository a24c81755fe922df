a = true && false
b = true || false
c = !false
d = "true" && true
e = t == true
f = no == null
g = [1, 2] == [1, 2]
