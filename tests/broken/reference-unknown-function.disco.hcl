locals {
  key  = fil("~/.ssh/id_ed25519.pub")
  now  = timestamp()
  text = uper("a")
}
