node {}
