suits {
  work      = { stream = 2 }
  languages = { java = 3, scala = 2, python = 2, native = 2, r = 1 }
  code      = { storm = 3 }
  home      = { cluster = 1, object = 1, loaded = 1 }
  people    = 1
  survives  = 2
  simple    = 1
  answer    = "10 ms"
  volume    = { to = "10 PB" }
  delivers  = "at-least-once"
  parts     = { needs = ["transport"], minimum_nodes = 1 }

  source "https://storm.apache.org/" {
    about = ["work.stream", "languages.java", "code.storm", "delivers"]
    says  = "unbounded streams in topologies that can be written in any language; a tuple that fails is processed again"
  }
}

sizing {
  cores           = rate.events * rate.peak * 1.5 / 5000
  memory_per_core = 4

  source "https://storm.apache.org/releases/current/FAQ.html" {
    about = ["cores"]
    says  = "one worker a node and topology, sized by what its bolts need; 5,000 events a second for a core, and half as much again to catch up, are our estimate"
  }
}
