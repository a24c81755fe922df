node "one" "two" {}
