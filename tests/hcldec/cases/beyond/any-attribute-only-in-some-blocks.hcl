node { a = 1 }
node {}
