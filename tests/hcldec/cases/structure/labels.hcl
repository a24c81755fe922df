node slave "one" {
  a = 1
}
node "slave" two {
  a = 2
}
node "master" "drei ü" { a = 3 }
