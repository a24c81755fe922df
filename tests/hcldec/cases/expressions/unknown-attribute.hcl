z = 1
a = m.c
