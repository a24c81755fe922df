node { size = 1 }
node {}
node { size = "3" }
