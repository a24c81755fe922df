provider "openstak" { cloud = "lab" }

provider "local" { nodes = "simulated" }
