z = 1
a = no.a
