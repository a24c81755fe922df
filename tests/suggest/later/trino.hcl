suits {
  work      = { sql = 3, lookup = 0 }
  languages = { sql = 3, python = 1, java = 1 }
  home      = { object = 3, cluster = 2, loaded = 1 }
  people    = 2
  survives  = 1
  simple    = 2
  answer    = "1 s"
  volume    = { from = "100 GB", to = "10 PB" }
  parts     = { needs = ["storage", "tables"], minimum_nodes = 2 }

  source "https://trino.io/docs/current/overview/use-cases.html" {
    about = ["work.sql", "work.lookup", "languages.sql", "home.object"]
    says  = "analytics over warehouses and data lakes with standard SQL; not a general database, and not for transactions"
  }
}

sizing {
  memory_per_core = 8
  throughput      = 30 # our estimate
}
