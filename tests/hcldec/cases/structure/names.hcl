with-dash   = 1
under_score = 2
größe       = 3
数           = 4
e2          = 5
