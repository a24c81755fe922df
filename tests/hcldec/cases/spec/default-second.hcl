legacy_size = 2
size = null
