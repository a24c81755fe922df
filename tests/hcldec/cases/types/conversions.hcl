a = 12
b = 1.50
c = "1.50"
d = "true"
e = "false"
f = true
g = null
h = null
