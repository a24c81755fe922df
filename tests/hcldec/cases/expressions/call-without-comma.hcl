z = 1
a = max(1 2)
