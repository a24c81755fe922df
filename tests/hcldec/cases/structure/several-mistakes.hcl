a = "x"
b = nothing
c = 1
node {
}
node "label" {
}
