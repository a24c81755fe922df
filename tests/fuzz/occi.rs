//! Whatever a request of the Service Manager's interface says, it is answered, and nothing of it becomes a header of its own.

use super::Target;
use super::mutate::changed;

/// Requests as people and programs send them.
const REQUESTS: &[&str] = &[
    "icclab.disco.components.heat.masterimage=\"debian-12\",icclab.disco.components.heat.slavecount=\"2\",",
    "icclab.disco.dependencies.inject=\"{'hadoop': '', 'spark': 'default'}\", action=\"suspend\",",
    "icclab.haas.network.dnsservers=\"[\\\"8.8.8.8\\\",\\\"8.8.4.4\\\"]\",icclab.haas.debug.donotdeploy=True",
    "icclab.haas.cluster.name='it is \\u00e9 \\ud83d\\udc18',icclab.disco.frameworks.spark.included=\"True\"",
    "disco; scheme=\"http://schemas.cloudcomplab.ch/occi/sm#\"; class=\"kind\";",
    "Category: disco; scheme=\"http://schemas.cloudcomplab.ch/occi/sm#\"\nX-OCCI-Attribute: a=\"b\"\nLink: x\n",
    "text/html, application/occi+json;q=0.9, text/*;q=0, */*",
    "{'hadoop': '', \"spark\": \"default\",}",
];

pub(super) const TARGET: Target = Target {
    name: "occi",
    make: |corpus, random| {
        let others: Vec<String> = REQUESTS.iter().map(|text| (*text).to_owned()).collect();
        let begin = others[random.below(others.len())].clone();
        // Rarely a whole definition, for what changes one.
        if random.once_in(8) {
            return changed(corpus.files[random.below(corpus.files.len())].clone(), &others, random).into_bytes();
        }
        changed(begin, &others, random).into_bytes()
    },
    check: crate::server::requests,
};
