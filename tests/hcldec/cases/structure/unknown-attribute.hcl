name = "a"
sise = 3
