locals {
  half    = 3 / 0
  sum     = 1 + "one"
  choice  = "maybe" ? 1 : 2
  longest = max()
  first   = [1, 2, 3][5]
}
