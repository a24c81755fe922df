suits {
  work      = { sql = 3, batch = 2, lookup = 0 }
  languages = { sql = 3, java = 1, scala = 1, python = 1 }
  code      = { hive = 3 }
  home      = { cluster = 3, object = 2, loaded = 1 }
  people    = 2
  survives  = 2
  simple    = 1
  answer    = "1 min"
  volume    = { from = "100 GB", to = "100 PB" }
  parts     = { fills = ["tables"], needs = ["storage", "scheduler"], minimum_nodes = 3 }
  beside    = { hiveserver2 = false } # whoever reads the tables has its memory

  source "https://cwiki.apache.org/confluence/display/Hive/Home" {
    about = ["work.sql", "work.lookup", "languages.sql", "code.hive", "home.cluster"]
    says  = "SQL over large data that only grows, in distributed storage: for batches of a warehouse, not for transactions or single rows"
  }
}

sizing {
  memory_per_core = 4
  throughput      = 10 # our estimate
}
