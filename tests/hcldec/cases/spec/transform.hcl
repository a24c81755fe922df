megabytes = 2
node { name = "a" }
node { name = "b" }
