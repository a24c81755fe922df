use super::*;
use crate::heat::auth::{ApplicationCredential, InDomain, Named, Secret, SignIn};
use crate::heat::catalog::{Interface, Service};
use crate::source::Sources;

const LAB: &str = "
clouds:
  lab:
    auth: {auth_url: 'https://lab:5000/v3', username: ada, project_name: demo, user_domain_name: People}
    region_name: north
    interface: internalURL
    verify: false
    orchestration_endpoint_override: https://lab:8004/v1/%(tenant_id)s
  robots:
    auth: {auth_url: 'https://lab:5000', application_credential_id: abc, application_credential_secret: s3}
    regions: [north, {name: south, values: {}}]
";

fn file(text: &str) -> ConfigFile {
    ConfigFile { path: "clouds.yaml".to_owned(), bytes: text.as_bytes().to_vec() }
}

fn inputs(clouds: &str, environment: &[(&str, &str)]) -> CloudInputs {
    CloudInputs {
        clouds: Some(file(clouds)).filter(|file| !file.bytes.is_empty()),
        searched: vec!["./clouds.yaml".to_owned(), "/etc/openstack/clouds.yaml".to_owned()],
        environment: environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..CloudInputs::default()
    }
}

fn choice(cloud: Option<&str>) -> CloudChoice {
    let sources = Sources::new();
    let id = sources.add("main.disco.hcl", "provider \"openstack\" {}");
    CloudChoice { cloud: cloud.map(str::to_owned), region: None, origin: Some(Span::new(id, 0, 8)) }
}

fn read(inputs: &CloudInputs, cloud: Option<&str>) -> Result<CloudConfig, Vec<String>> {
    let (config, found) = configure(inputs, &choice(cloud));
    config.ok_or_else(|| {
        let words = |one: &Diagnostic| format!("{} | {}", one.message, one.help.as_deref().unwrap_or_default());
        found.iter().map(words).collect()
    })
}

fn name(name: &str, domain: Named) -> InDomain {
    InDomain::Name { name: name.to_owned(), domain }
}

#[test]
fn an_entry_is_completed_by_the_secure_file_and_the_environment() {
    let mut inputs = inputs(LAB, &[("OS_PASSWORD", "from the shell"), ("OS_USERNAME", "eve")]);
    let password = |inputs: &CloudInputs| match read(inputs, Some("lab")).unwrap().sign_in {
        SignIn::Password { user, password, project } => {
            assert_eq!(user, name("ada", Named::Name("People".to_owned())), "a variable overrides no entry");
            assert_eq!(project, name("demo", Named::Id("default".to_owned())));
            password
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(password(&inputs), Secret::new("from the shell"));
    inputs.secure = Some(file("clouds: {lab: {auth: {password: 0123}}}"));
    assert_ne!(password(&inputs), Secret::new("from the shell"), "secure.yaml lies above");
    let config = read(&inputs, Some("lab")).unwrap();
    assert_eq!(config.region.as_deref(), Some("north"));
    assert_eq!(config.interface, Interface::Internal);
    assert!(!config.tls.verify);
    assert_eq!(config.endpoints[&Service::Orchestration], "https://lab:8004/v1/%(tenant_id)s");
}

#[test]
fn which_cloud_is_meant() {
    let which = |clouds: &str, environment: &[(&str, &str)], cloud| {
        read(&inputs(clouds, environment), cloud).map(|config| config.name.to_string())
    };
    let variables = [
        ("OS_AUTH_URL", "http://other:5000"),
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", "p"),
        ("OS_PROJECT_ID", "1"),
        ("OS_CLOUD", "robots"),
    ];
    assert_eq!(which(LAB, &variables, Some("lab")).unwrap(), "lab", "the definition's word counts most");
    assert_eq!(which(LAB, &variables, None).unwrap(), "robots");
    assert_eq!(which(LAB, &variables[..4], None).unwrap(), "OS_* environment");
    let one = "clouds: {only: {auth: {auth_url: 'http://h', token: t}}}";
    assert_eq!(which(one, &[], None).unwrap(), "only");
    assert_eq!(
        which(LAB, &[], None).unwrap_err(),
        [
            "clouds.yaml contains 2 clouds, and none is selected | set OS_CLOUD, or write `cloud = \"NAME\"` here: `lab`, `robots`"
        ]
    );
    assert_eq!(
        which(LAB, &[("OS_CLOUD", "labb")], None).unwrap_err(),
        ["cloud `labb` does not exist in clouds.yaml | did you mean `lab`?"]
    );
    let nothing = which("", &[], None).unwrap_err();
    assert!(nothing[0].contains("looked for: ./clouds.yaml, /etc/openstack/clouds.yaml"), "{nothing:?}");
    // A file that is there and empty is there.
    for empty in ["\n", "clouds:\n", "clouds: {}\n"] {
        assert_eq!(
            which(empty, &[("OS_CLOUD", "lab")], None).unwrap_err(),
            [
                "cloud `lab` does not exist: clouds.yaml has no clouds | write the cloud into it: `clouds:`, below it `lab:`, and \
              below that its `auth:`"
            ]
        );
        let none = which(empty, &[], None).unwrap_err();
        assert!(none[0].contains("set OS_CLOUD to a cloud of clouds.yaml (clouds.yaml has no clouds)"), "{none:?}");
    }
}

#[test]
fn each_way_to_sign_in() {
    let sign_in = |environment: &[(&str, &str)]| {
        let at = [("OS_AUTH_URL", "http://h:5000/v3")];
        read(&inputs("", &[&at, environment].concat()), None).map(|config| config.sign_in)
    };
    assert_eq!(
        sign_in(&[("OS_TOKEN", "t"), ("OS_TENANT_NAME", "demo"), ("OS_PROJECT_DOMAIN_ID", "d")]).unwrap(),
        SignIn::Token { token: Secret::new("t"), project: Some(name("demo", Named::Id("d".to_owned()))) }
    );
    let credential = [
        ("OS_AUTH_TYPE", "v3applicationcredential"),
        ("OS_APPLICATION_CREDENTIAL_NAME", "ci"),
        ("OS_APPLICATION_CREDENTIAL_SECRET", "s"),
        ("OS_USER_ID", "u1"),
    ];
    assert_eq!(
        sign_in(&credential).unwrap(),
        SignIn::ApplicationCredential {
            credential: ApplicationCredential::Name { name: "ci".to_owned(), user: InDomain::Id("u1".to_owned()) },
            secret: Secret::new("s"),
        }
    );
    assert_eq!(
        sign_in(&[]).unwrap_err(),
        [
            "`username` is missing: neither OS_USERNAME nor a cloud of clouds.yaml sets it | set OS_USERNAME, or name a \
             cloud of clouds.yaml in OS_CLOUD",
            "`password` is missing: neither OS_PASSWORD nor a cloud of clouds.yaml sets it | set OS_PASSWORD, or name a \
             cloud of clouds.yaml in OS_CLOUD",
            "`project_name` is missing: neither OS_PROJECT_NAME nor a cloud of clouds.yaml sets it | set OS_PROJECT_NAME, \
             or name a cloud of clouds.yaml in OS_CLOUD",
        ],
        "all in one run"
    );
    let other = sign_in(&[("OS_AUTH_TYPE", "v3oidcpassword")]).unwrap_err();
    assert!(other[0].starts_with("`auth_type` \"v3oidcpassword\" in the environment variable OS_AUTH_TYPE is not"));
}

#[test]
fn profiles_lie_below_and_regions_are_checked() {
    let mut inputs = inputs(
        "clouds: {a: {profile: vendor, auth: {username: u, password: p, project_id: 007}, region_name: west}}",
        &[],
    );
    let message = read(&inputs, None).unwrap_err();
    assert!(message[0].starts_with("profile `vendor` of cloud `a` does not exist"), "{message:?}");
    inputs.profiles = Some(file("public-clouds: {vendor: {auth: {auth_url: 'https://v/v3'}, regions: [east, west]}}"));
    let config = read(&inputs, None).unwrap();
    assert_eq!((config.auth_url.as_str(), config.region.as_deref()), ("https://v/v3", Some("west")));
    let mut choice = choice(None);
    choice.region = Some("eats".to_owned());
    let (config, found) = configure(&inputs, &choice);
    assert!(config.is_none());
    let found = found.iter().next().unwrap();
    assert_eq!(found.message, "region `eats` does not exist in cloud `a`");
    assert_eq!(found.help.as_deref(), Some("did you mean `east`?"));
}

#[test]
fn what_cannot_be_read_is_told_without_being_quoted() {
    for (clouds, expected) in [
        ("clouds:\n  a: {auth: {password: hunter2\n", "is not valid YAML"),
        ("clouds: [hunter2]", "clouds.yaml has no map under `clouds`"),
        ("clouds: {a: hunter2}", "cloud `a` in clouds.yaml is not a map"),
        ("clouds: {a: {auth: {auth_url: hunter2}}}", "`auth_url` in clouds.yaml is not valid"),
        ("clouds: {a: {verify: hunter2, auth: {auth_url: 'http://h'}}}", "`verify` in clouds.yaml is not valid"),
        ("clouds: {a: {interface: hunter2, auth: {auth_url: 'http://h'}}}", "`interface` in clouds.yaml is not valid"),
    ] {
        let messages = read(&inputs(clouds, &[]), None).unwrap_err();
        assert!(messages.iter().any(|message| message.contains(expected)), "{clouds}: {messages:?}");
        assert!(!messages.concat().contains("hunter2"), "{messages:?}");
    }
    let config = read(&inputs(LAB, &[("OS_PASSWORD", "hunter2")]), Some("lab")).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}
