node {
  a = 1 }
