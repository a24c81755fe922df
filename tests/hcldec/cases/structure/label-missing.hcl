node "slave" "one" {}

node "slave" {
}
