variable "sites" {
  type        = map(number)
  default     = { bonn = 2, dresden = 1 }
  description = "How many slaves each site has"
}

module "addresses" {
  source = "./addresses"
  sites  = keys(var.sites)
}

module "site" {
  source   = "./site"
  for_each = var.sites
  cidr     = module.addresses.cidrs[each.key]
  slaves   = each.value
}

check "redundancy" {
  assert {
    condition     = length(var.sites) > 1
    error_message = "a single site is a single point of failure"
  }
}

output "masters" { value = { for name, site in module.site : name => site.master } }
