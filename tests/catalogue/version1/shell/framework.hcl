description = "A script of one's own on every node, when it starts"

version "1" {}

setting "greeting" {
  type        = "string"
  description = "What each node says"
  default     = "welcome to ${cluster.name}"
}

file "setup.sh" {
  format   = "template"
  path     = "/usr/local/bin/site-setup"
  template = "setup.sh"
  mode     = "0755"
  restarts = ["setup"]
}

service "setup" {
  description = "Setup of the site"
  on          = ["master", "slaves"]
  unit        = "site-setup"
  user        = "root"
  exec        = "/usr/local/bin/site-setup --then-wait"
  memory      = 8
}

step "everywhere" {
  moment = "smoke-test"
  action = {
    kind     = "job"
    commands = [["cat", "/etc/motd"]]
    expect   = "welcome"
  }
}
