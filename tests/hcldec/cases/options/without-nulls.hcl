a = { x = null, y = [null, { z = null }] }
