a = [net.cidr, net["hosts"][0], other.x.1.y, "${net.hosts[count.index]} %{ if cond }${ü.é}%{ endif }"]
b = { net = 1, (key) = [for k, v in map : v.id if k != outer], "${t}" = net.hosts[*].x }
node {
  name = upper(one.*.two[0], f(three)...)
}
node { name = a ? b.c : d["e"].f }
more {
  x "l" { y = (p).q }
}
