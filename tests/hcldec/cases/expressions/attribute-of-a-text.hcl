z = 1
a = s.a
