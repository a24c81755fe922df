
node "a${b}" {
}
