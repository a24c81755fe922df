disco {
  required_version = ">= 99"
  catalogues       = "./frameworks"
  state "s3" { bucket = "states" }
  backend "local" {}
}

disco {}
