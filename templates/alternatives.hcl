# What does without a cluster. `disco suggest` weighs it against frameworks: see "What a framework is good for" in the
# README beside this file.

alternative "database" {
  title    = "a database on one machine"
  packages = ["postgresql"]

  suits {
    work      = { sql = 3, lookup = 3, batch = 1, graph = 1 }
    languages = { sql = 3, java = 2, python = 2, scala = 2, r = 2, native = 2 }
    home      = { cluster = 2, loaded = 2, object = 1 }
    people    = 2
    survives  = 1
    simple    = 3
    answer    = "1ms"
    volume    = { to = "1 TB" }
    delivers  = "exactly-once"
    parts     = { fills = ["storage"], keeps = true }

    source "https://docs.dask.org/en/stable/spark.html" {
      about = ["work.sql", "volume"]
      says  = "tables in CSV or JSON of 1 TB or less belong in a database such as PostgreSQL, not on a cluster"
    }
    source "https://hbase.apache.org/book.html#arch.overview" {
      about = ["work.lookup"]
      says  = "for some thousand or million rows a relational database is the better choice"
    }
    source "https://www.postgresql.org/about/" {
      about = ["languages.sql", "delivers"]
      says  = "follows the SQL standard; transactions are ACID"
    }
    source "https://docs.dask.org/en/stable/best-practices.html" {
      about = ["simple"]
      says  = "parallel work adds complexity: do without while something simpler is enough"
    }
  }
}

alternative "machine" {
  title    = "one machine"
  packages = ["python3-venv", "python3-pandas"]

  suits {
    work      = { arrays = 2, ml = 2, notebook = 2, batch = 2, graph = 2, tasks = 2, sql = 1, simulation = 1 }
    languages = { python = 3, r = 3, native = 3, java = 2, scala = 2, sql = 1 }
    code      = { pandas = 3, mpi = 2 }
    home      = { loaded = 3, cluster = 2, object = 2 }
    gpu       = 2
    people    = 1
    survives  = 1
    simple    = 3
    answer    = "1ms"
    volume    = { to = "100 GB" }
    parts     = { fills = ["storage"], keeps = true }

    source "https://docs.dask.org/en/stable/best-practices.html" {
      about = ["simple", "volume", "code.pandas", "languages.python"]
      says  = "start small: better algorithms, file formats and samples often make one machine enough, with pandas as it is"
    }
    source "https://www.r-project.org/about.html" {
      about = ["languages.r", "languages.native"]
      says  = "R runs on one machine, and C, C++ and Fortran code can be linked and called"
    }
    source "https://pandas.pydata.org/docs/user_guide/scale.html" {
      about = ["home.loaded"]
      says  = "pandas holds in memory what it works on, loaded by columns or in pieces"
    }
  }
}
