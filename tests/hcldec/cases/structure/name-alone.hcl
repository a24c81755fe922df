
a
