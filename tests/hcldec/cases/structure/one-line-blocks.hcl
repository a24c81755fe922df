node {}
node { }
node { a = 1 }
node { a = [1, { b = "x" }][1].b }
node {
  a = 2
}
