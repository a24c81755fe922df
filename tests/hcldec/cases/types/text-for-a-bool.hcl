
a = "yes"
