//! `disco`, `state` and `provider`: the project as a whole.

use crate::language::schema::{
    BlockSchema, Choice, InnerBlock, Label, Often, Unread, attributes, boolean, one_of, other, string, strings, whole,
};
use crate::model::{NodeDriver, Sourced};

/// Where the state is if nothing is said.
pub(crate) const STATE_PATH: &str = "disco.state.json";

/// Most resources of a stack if nothing is said: Heat's own default.
pub(crate) const MAX_RESOURCES: u32 = 1000;

/// A stack must at least hold a cluster's network, its security group and a node.
const LEAST_RESOURCES: i64 = 50;

/// A thousand times what Heat allows.
const MOST_RESOURCES: i64 = 1_000_000;

pub(crate) static DISCO: BlockSchema = BlockSchema {
    word: "disco",
    name: "a `disco` block",
    label: Label::None,
    says: "Settings of the whole project.",
    attributes: &[DiscoAttributes::LIST],
    blocks: &[
        InnerBlock { schema: &STATE, often: Often::AtMostOnce },
        InnerBlock { schema: &STATE_HTTP, often: Often::AtMostOnce },
        InnerBlock { schema: &STATE_S3, often: Often::AtMostOnce },
        InnerBlock { schema: &STATE_POSTGRES, often: Often::AtMostOnce },
        InnerBlock { schema: &ENCRYPTION, often: Often::AtMostOnce },
        InnerBlock { schema: &LINT, often: Often::AtMostOnce },
    ],
};

pub(crate) static LINT: BlockSchema = BlockSchema {
    word: "lint",
    name: "a `lint` block",
    label: Label::None,
    says: "Which warnings of the project are not meant to be heard, and which are errors.",
    attributes: &[LintAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a `lint` block says.
    LintAttributes {
        ignore: Unread = other("ignore", "an object: the code of a warning, and why nobody needs to hear of it")
            .says("Warnings that are not said anywhere in the project."),
        error: Vec<Sourced<String>> = strings("error", "codes of warnings")
            .default("[]")
            .says("Warnings that are errors in this project."),
    }
}

attributes! {
    /// What a `disco` block says.
    DiscoAttributes {
        required_version: String = string("required_version", "a requirement on versions, such as `>= 0.1, < 2`")
            .says("Which versions of DISCO may read this project."),
        catalogues: Vec<Sourced<String>> = strings("catalogues", "paths of folders, relative to the project")
            .default("[]")
            .says("Folders with frameworks of your own."),
    }
}

pub(crate) static STATE: BlockSchema = BlockSchema {
    word: "state",
    name: "a `state` block",
    label: Label::Word("local"),
    says: "Where DISCO keeps the state: what it created and last knew of it.",
    attributes: &[StateAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a `state` block says.
    StateAttributes {
        path: String = string("path", "a path, relative to the project")
            .default("\"disco.state.json\"")
            .says("The file of the state."),
    }
}

pub(crate) static STATE_HTTP: BlockSchema = BlockSchema {
    word: "state",
    name: "the state `http`",
    label: Label::Word("http"),
    says: "A server that keeps the state and locks it, by Terraform's protocol for it.",
    attributes: &[HttpStateAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What `state "http"` says.
    HttpStateAttributes {
        address: String = string("address", "an address that begins with `https://` or `http://`; `{workspace}` in it stands for the name of the workspace")
            .required("\"https://state.example.org/lab\"")
            .says("Where the state is read (`GET`), written and deleted (`DELETE`)."),
        update_method: String = string("update_method", "").default("\"POST\"").says("The method that writes the state."),
        lock_address: String = string("lock_address", "an address, as above").default("`address`").says("Where the state is locked."),
        lock_method: String = string("lock_method", "").default("\"LOCK\"").says("The method that locks it."),
        unlock_address: String = string("unlock_address", "an address, as above").default("`lock_address`").says("Where the state is unlocked."),
        unlock_method: String = string("unlock_method", "").default("\"UNLOCK\"").says("The method that unlocks it."),
        username: String = string("username", "").default("`DISCO_HTTP_USERNAME`").says("Who signs in to the server."),
        password: String = string("password", "a secret variable, say").default("`DISCO_HTTP_PASSWORD`").says("With which password."),
    }
}

pub(crate) static STATE_S3: BlockSchema = BlockSchema {
    word: "state",
    name: "the state `s3`",
    label: Label::Word("s3"),
    says: "An S3 store that keeps the state as an object, and its lock as another one. It has to judge the conditions of requests (`If-Match`, `If-None-Match`), which is looked at.",
    attributes: &[S3StateAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What `state "s3"` says.
    S3StateAttributes {
        bucket: String = string("bucket", "").required("\"lab-states\"").says("The bucket, which has to be there."),
        key: String = string("key", "`{workspace}` in it stands for the name of the workspace")
            .required("\"lab/disco.state.json\"")
            .says("The object of the state; that of its lock is called so with `.lock` at its end."),
        region: String = string("region", "").default("`AWS_REGION`, then `us-east-1`").says("The region."),
        endpoint: String = string("endpoint", "an address that begins with `https://` or `http://`")
            .default("`AWS_ENDPOINT_URL_S3`, then Amazon's")
            .says("The address of the store."),
        use_path_style: bool = boolean("use_path_style").default("true where there is an `endpoint`").says("Whether the bucket stands in the path of addresses, not in their host."),
        access_key: String = string("access_key", "").default("`AWS_ACCESS_KEY_ID`").says("Who signs in to the store."),
        secret_key: String = string("secret_key", "a secret variable, say").default("`AWS_SECRET_ACCESS_KEY`").says("With which secret."),
    }
}

pub(crate) static STATE_POSTGRES: BlockSchema = BlockSchema {
    word: "state",
    name: "the state `postgres`",
    label: Label::Word("postgres"),
    says: "A PostgreSQL database (14 or newer) that keeps the state as a row, each workspace another one. Its lock ends by itself when whoever has it dies.",
    attributes: &[PostgresStateAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What `state "postgres"` says.
    PostgresStateAttributes {
        name: String = string("name", "").required("\"lab\"").says("What the state is called in the database: each project that keeps its state there has another name."),
        conn_str: String = string("conn_str", "an address such as `postgres://disco@db.example.org/states`, or `host=… dbname=…`; a secret variable, say")
            .default("`PG_CONN_STR`, then `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER`, `PGPASSWORD`, `PGSSLMODE` and `PGSSLROOTCERT`")
            .says("The database, in the words of libpq. Without an `sslmode` the server's certificate is verified, except on this machine."),
        schema_name: String = string("schema_name", "small letters, digits and `_`").default("\"disco\"").says("The schema of DISCO's table; both are made where they are missing."),
    }
}

pub(crate) static ENCRYPTION: BlockSchema = BlockSchema {
    word: "encryption",
    name: "an `encryption` block",
    label: Label::None,
    says: "What states and saved plans are encrypted with before they are written anywhere. Who loses it has lost the state.",
    attributes: &[EncryptionAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What an `encryption` block says.
    EncryptionAttributes {
        key: String = string("key", "32 random bytes as Base64 or in hexadecimal digits: `file(\"disco.key\")`")
            .says("The key; this or `passphrase` is required."),
        passphrase: String = string("passphrase", "a secret of at least 16 characters, such as a variable with `sensitive = true`")
            .says("What the key is derived from (PBKDF2, 600,000 rounds)."),
        previous: Unread = other("previous", "a list of objects, each with `key` or `passphrase`")
            .default("[]")
            .says("Earlier keys, which still read; `disco state encrypt` rewrites everything with the present one."),
    }
}

impl Choice for NodeDriver {
    const WORDS: &'static [(&'static str, &'static str)] = &[
        ("simulated", "they answer as nodes would, and nothing runs"),
        ("container", "each is a container on this host, with systemd, on which everything runs"),
    ];

    fn of(word: &str) -> Option<Self> {
        [Self::Simulated, Self::Container].into_iter().find(|driver| driver.word() == word)
    }
}

attributes! {
    /// What every provider says.
    ProviderAttributes {
        max_resources_per_stack: i64 = whole("max_resources_per_stack", LEAST_RESOURCES, MOST_RESOURCES, "resources")
            .default("1000")
            .says("How many resources the cloud allows in a stack; larger clusters are spread over several stacks."),
    }
}

pub(crate) static LOCAL: BlockSchema = BlockSchema {
    word: "provider",
    name: "the provider `local`",
    label: Label::Word("local"),
    says: "The Heat that is built into DISCO; what a project uses that has no `provider` block.",
    attributes: &[LocalAttributes::LIST, ProviderAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What `provider "local"` says.
    LocalAttributes {
        nodes: NodeDriver = one_of::<NodeDriver>("nodes").default("\"simulated\"").says("What the nodes are."),
    }
}

pub(crate) static OPENSTACK: BlockSchema = BlockSchema {
    word: "provider",
    name: "the provider `openstack`",
    label: Label::Word("openstack"),
    says: "A real OpenStack, with the settings of every OpenStack tool: `clouds.yaml` or `OS_*` environment variables.",
    attributes: &[OpenStackAttributes::LIST, ProviderAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What `provider "openstack"` says.
    OpenStackAttributes {
        cloud: String = string("cloud", "").default("`OS_CLOUD`, then the other `OS_*` variables").says("The entry of `clouds.yaml`."),
        region: String = string("region", "").default("the cloud's own").says("The region of the cloud."),
    }
}
