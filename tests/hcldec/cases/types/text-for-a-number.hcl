
a = "many"
