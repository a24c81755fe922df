node "b" { a = [1] }
node "a" { a = [] }
