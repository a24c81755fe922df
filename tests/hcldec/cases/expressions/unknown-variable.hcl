z = 1
a = mm.a
