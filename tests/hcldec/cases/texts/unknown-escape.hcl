
a = "x \d y"
