node {
  size = 1
}

node {
}
