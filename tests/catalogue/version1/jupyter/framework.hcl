description = "Notebooks, on the master"
uses        = ["spark >= 4"]

version "4.3" {}

setting "token" {
  type        = "string"
  description = "Token that the page asks for"
  secret      = true
  generated   = true
}

user "jupyter" {}

directory {
  path       = "/srv/notebooks"
  owner      = "jupyter:jupyter"
  mode       = "0750"
  on         = "master"
  holds_data = true
}

file "jupyter_server_config.json" {
  format   = "template"
  path     = "/etc/jupyter/jupyter_server_config.json"
  template = "config.json"
  owner    = "root:jupyter"
  mode     = "0640"
  on       = "master"
  restarts = ["server"]
}

file "start.sh" {
  format   = "template"
  path     = "/usr/local/bin/jupyter-start"
  template = "start.sh"
  mode     = "0755"
  on       = "master"
}

service "server" {
  description = "JupyterLab"
  on          = "master"
  unit        = "jupyter"
  user        = "root"
  exec        = ["/usr/local/bin/jupyter-start"]
  memory      = 512
  stores_data = true
  ready {
    port    = "jupyter"
    path    = "/login"
    timeout = 900
  }
}

port "jupyter" {
  description = "JupyterLab"
  service     = "server"
  port        = 8888
  users       = true
  page        = "/"
}
