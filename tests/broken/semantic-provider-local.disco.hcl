provider "local" {
  nodes    = "real"
  cloud    = "lab"
  max_resources_per_stack = 3
}
