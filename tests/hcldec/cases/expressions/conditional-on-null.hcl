
a = no ? 1 : 2
