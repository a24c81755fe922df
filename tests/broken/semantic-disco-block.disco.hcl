disco {
  required_version = ">= 99"
  catalogues       = "./frameworks"
  state "gcs" { bucket = "states" }
  backend "local" {}
}

disco {}
