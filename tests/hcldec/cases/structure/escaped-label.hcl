node "a\"b\\c\u00e9" {
}
node "$${x}" {
}
