node { a = 1 }
node { a = "b" }
node { a = true }
