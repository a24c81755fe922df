second = "2"
first  = 1
