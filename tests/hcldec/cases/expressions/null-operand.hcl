z = 1
a = 1 + no
