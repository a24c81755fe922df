node {}

node {}
