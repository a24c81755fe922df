cluster "analytics"   {
image="debian-12"
      ssh_keys=[file( "~/.ssh/id.pub" )]


network{
   cidr = "10.20.0.0/24"
external_network="public"
   dns_nameservers = [
"9.9.9.9",
       "149.112.112.112"   ,
   ]
}
  security   {
 allow "ssh" { from=local.office }
}
 master { }
 slaves    "burst"{
 count=2
	flavor =	"m1.medium"
	}
     # at the end
}
output "yarn_ui" { value=cluster.analytics.ui.yarn }
variable "x" {}


locals {
  a = 1


  bb = 2
}
