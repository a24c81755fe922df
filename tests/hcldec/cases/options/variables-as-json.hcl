a = a
b = b
c = c.d[1]
