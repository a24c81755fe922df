a = { for x in l : "k${x}" => x }
b = { for k, v in m : v => k }
c = { for x in ["aa", "b", "cc"] : "${x == "b"}" => x... }
d = { for x in l : x => x if x > 1 }
e = { for i, x in o : i => x.id }
f = { for x in [true, false] : x => 1 }
