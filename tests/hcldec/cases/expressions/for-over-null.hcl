
a = [for x in no : x]
