provider "local" {
  nodes    = "real"
  endpoint = "127.0.0.1:8004"
  cloud    = "lab"
  max_resources_per_stack = 3
}
