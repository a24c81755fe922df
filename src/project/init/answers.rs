//! What is asked about a first cluster.

use std::fmt;

/// Answers to all questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Name of the cluster.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// Frameworks that it runs.
    pub frameworks: Vec<String>,
    /// How many slaves it has, as it was typed.
    pub slaves: String,
    /// Image of its nodes.
    pub image: String,
    /// Flavor of the master.
    pub master_flavor: String,
    /// Flavor of the slaves.
    pub slave_flavor: String,
    /// Addresses of its network.
    pub cidr: String,
    /// The network that its router leads to.
    pub external_network: String,
}

impl Default for Answers {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            name: text("analytics"),
            place: Place::Simulated,
            frameworks: vec![text("hadoop")],
            slaves: text("3"),
            image: text("debian-12"),
            master_flavor: text("m1.medium"),
            slave_flavor: text("m1.medium"),
            cidr: text("10.20.0.0/24"),
            external_network: text("public"),
        }
    }
}

impl Answers {
    /// The same with larger machines where several frameworks share them and nobody has said how large they are.
    pub(super) fn with_room(mut self) -> Self {
        let usual = Self::default();
        if self.frameworks.len() > 2 {
            for (flavor, usual) in
                [(&mut self.master_flavor, usual.master_flavor), (&mut self.slave_flavor, usual.slave_flavor)]
            {
                if *flavor == usual {
                    "m1.large".clone_into(flavor);
                }
            }
        }
        self
    }

    /// Name of the file of the definition.
    pub(super) fn file(&self) -> String {
        format!("{}.disco.hcl", self.name)
    }
}

/// Where a cluster is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the embedded Heat, with nodes that do nothing.
    Simulated,
    /// On the embedded Heat, with containers of this host.
    Containers,
    /// On this cloud of `clouds.yaml`.
    Cloud(String),
}

impl From<&str> for Place {
    fn from(word: &str) -> Self {
        match word {
            "simulated" => Self::Simulated,
            "containers" | "container" => Self::Containers,
            cloud => Self::Cloud(cloud.to_owned()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Simulated => "simulated",
            Self::Containers => "containers",
            Self::Cloud(name) => name,
        })
    }
}
