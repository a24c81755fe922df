node {
  a = 1
