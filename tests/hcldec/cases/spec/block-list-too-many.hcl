node {
  a = 1
}
node {
  a = 2
}
