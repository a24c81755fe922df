
a = "x${null}"
