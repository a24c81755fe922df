z = 1
a = { m.a = 1 }
