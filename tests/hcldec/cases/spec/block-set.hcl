node { a = 1 }
node { a = 1.0 }
node { a = "1" }
