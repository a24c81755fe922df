
a = [for x : x]
