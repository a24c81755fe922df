z = 1
a = -l
