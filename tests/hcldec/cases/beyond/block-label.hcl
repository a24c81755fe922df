node "slave" "one" { size = 1 }
node master two {}
