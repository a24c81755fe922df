z = 1
a = s * 2
