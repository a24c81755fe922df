z = 1
a = "a" < "b"
