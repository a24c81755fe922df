
a = "a"
