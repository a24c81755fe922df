node "a" {}
node "b" {}
node "a" {}
