a = 1 + 2 * 3
b = (1 + 2) * 3
c = 10 - 4 - 3
d = 2 * 3 % 4
e = 1 + 1 == 2 && 2 > 1
f = true || false && false
g = !t || t
h = -n + 1
i = 1 < 2 == true
j = t ? 1 : t ? 2 : 3
k = -(-n)
