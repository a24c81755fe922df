b = 1
a = "x