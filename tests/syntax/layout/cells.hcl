a=1
bcd   =2 # two
ef = "three"# three
   g    =   [ 1,2 ,3 ]   // four

h={ x=1,y = 2 } /* five */
ij = null
lmnop = -1  # six

# a comment between
q = 1
# another one
rstuv = 2
w=3 # seven
x = {
y = 1 # eight
zzz = 2     # nine
}
yy = 4 # ten
é = "é" # eleven
日本語 = "ab" # twelve
n = 1
