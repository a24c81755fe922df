a = 1
node { size = 1 }
