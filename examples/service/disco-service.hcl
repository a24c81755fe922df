# The service of a team: disco serve --config disco-service.hcl
service {
  # A folder for each project of the cloud; below it lie the definitions, their states and the history.
  projects = "/var/lib/disco"

  # A proxy that speaks TLS stands before it (nginx.conf).
  listen     = "127.0.0.1:8080"
  public_url = "https://disco.example.org"

  # What the credentials are encrypted with that outlive a token: head -c 32 /dev/urandom | base64 > disco.key
  key_file = "/etc/disco/disco.key"
}

# Where people sign in, and where their clusters are: provider "openstack" { cloud = "lab" }
cloud "lab" {
  auth_url = "https://keystone.example.org:5000/v3"
  region   = "RegionOne"

  # Keystone's roles, by what those who have one may do here.
  see    = ["reader"]
  work   = ["member"]
  manage = ["manager", "admin"]
}

# What one person may ask for.
limits {
  requests = 20
  burst    = 60
}

# What a cluster of the Service Manager (/disco/) has where a request says nothing.
occi {
  image            = "debian-12"
  master_flavor    = "m1.large"
  slave_flavor     = "m1.large"
  external_network = "public"
}
