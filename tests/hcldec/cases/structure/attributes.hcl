number = 1
text   = "a"
truth  = true
nothing = null

list = [1, "a", true]
object = { a = 1 }
