a = 1

node "x" {
  b = 2
}
