a = 1+2*3-4/5%6
b = -1
c = 1 - -1
d = !true&&!false||a==b
e = a>=1?b:c
f = foo (1 ,2 , 3)
g = foo(a...)
h = x . y [ 0 ] . z
i = x[ "a" ][*].b
j = [for x in [1,2]:x]
k = {for k,v in m:k=>v if v!=null}
l = {for k,v in m:k=>v...}
m = ( 1+2 )*3
n = [ ]
o = { }
p = [[1,2],[ 3,4 ]]
q = foo(bar( baz ( 1 ) ))
r = - foo(1)
s = a<b&&c>d
t = [ - 1, -a, a - b, a-b ]
u = a ? - 1 : -2
w = x.0.y
x = a==-1
y = { a: 1, b:2, "c" :3 }
z = { (a) = 1, "${b}"=2 }
aa = x.*.y
bb = (-1)
cc = a ||!b
dd = foo([1,2]...)
ee = [1,2][0]
ff = foo()[0]
gg = "a"=="b"?"c":"d"
