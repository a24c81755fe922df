size = 1
legacy_size = 2
