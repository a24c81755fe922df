a = foo(
1,
      bar(
  2
 ),
)
b = [{
x=1
},{
y=2
}]
c = [
[
1
],[
2
]]
d = foo({
a=1
bb=2
})
e = (
a
&&
b
)
f = a ? (
  1
) : (
2
)
g = [ # comment
1, # one
 22,   # two
  333 # three
]
/* a block
     comment
   */
h = 1 /* within */ + 2
j = { # opens
  a = 1
  }   # closes
k = foo(1, [
2, 3 ], {
  a=1 }
)
