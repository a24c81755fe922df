//! Clusters to configure: what `language` would make of a definition.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use disco::catalogue::{
    Catalogue, ClusterConfiguration, ClusterContext, Composition, ConfiguredFile, compose, configure,
};
use disco::model::{
    AntiAffinity, CloudFacts, ClusterSpec, FileOverride, Flavor, FrameworkSpec, GroupSpec, Image, Lifecycle, Members,
    NetworkSpec, OnFailure, Role, SettingValue, Sourced, SshAccess, Text, VolumeSpec,
};
use disco::source::{Diagnostic, Diagnostics, Sources, Span};

/// A cluster, a cloud and a text in which every part has a place of its own.
pub(super) struct Lab {
    pub(super) sources: Sources,
    pub(super) catalogue: Catalogue,
    pub(super) spec: ClusterSpec,
    pub(super) facts: CloudFacts,
    pub(super) members: Members,
    places: usize,
}

/// How many cases a law is tried with: the usual number, or what `PROPTEST_CASES` says.
pub(super) fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|wished| wished.parse().ok()).unwrap_or(usual)
}

const TEXT: &str = "a definition with room for many places\n";

impl Lab {
    /// One master and `slaves` slaves with Hadoop, on a cloud with flavors of 512 MiB to 4 TiB.
    pub(super) fn hadoop(slaves: u32) -> Self {
        Self::with(&["hadoop"], slaves)
    }

    /// The same with other frameworks, each in its default version.
    pub(super) fn with(frameworks: &[&str], slaves: u32) -> Self {
        let sources = Sources::new();
        let catalogue = Catalogue::embedded(&sources);
        let id = sources.add("cluster.disco.hcl", TEXT);
        let span = Span::new(id, 0, 1);
        let spec = ClusterSpec {
            called: disco::model::Called::default(),
            name: "analytics".to_owned(),
            origin: span,
            ssh: SshAccess::default(),
            network: NetworkSpec::New {
                ipv6_cidr: None,
                name: None,
                cidr: Sourced::default_of("10.20.0.0/24".parse().unwrap()),
                external_network: None,
                dns_nameservers: Vec::new(),
                origin: span,
            },
            security: Vec::new(),
            groups: vec![group("master", Role::Master, 1, span), group("slaves", Role::Slave, slaves, span)],
            frameworks: Vec::new(),
            lifecycle: Lifecycle {
                prevent_destroy: Sourced::default_of(false),
                on_failure: Sourced::default_of(OnFailure::Keep),
                timeout_minutes: Sourced::default_of(60),
                batch_size: None,
                smoke_test: Sourced::default_of(true),
            },
        };
        let mut lab = Self { sources, catalogue, spec, facts: facts(), members: Members::default(), places: 1 };
        for index in 0..lab.spec.groups.len() {
            let (count, flavor, image) = (lab.place(), lab.place(), lab.place());
            lab.spec.groups[index].count.origin = Some(count);
            lab.spec.groups[index].flavor.origin = Some(flavor);
            lab.spec.groups[index].image.origin = Some(image);
        }
        for name in frameworks {
            lab.add(name);
        }
        lab
    }

    /// Adds a framework of the catalogue in its default version.
    pub(super) fn add(&mut self, name: &str) -> Span {
        let place = self.place();
        let version = self.catalogue.framework(name).unwrap().default_version().to_owned();
        self.spec.frameworks.push(framework(name, &version, place));
        place
    }

    /// What the definition says of a framework.
    pub(super) fn asked(&mut self, name: &str) -> &mut FrameworkSpec {
        self.spec.frameworks.iter_mut().find(|asked| asked.name == name).unwrap()
    }

    /// A place that nothing else has.
    pub(super) fn place(&mut self) -> Span {
        self.places += 1;
        let id = self.spec.origin.source;
        Span::new(id, self.places, self.places + 1)
    }

    pub(super) fn group(&mut self, name: &str) -> &mut GroupSpec {
        self.spec.groups.iter_mut().find(|group| group.name == name).unwrap()
    }

    pub(super) fn add_group(&mut self, name: &str, count: u32) -> &mut GroupSpec {
        let span = self.place();
        self.spec.groups.push(group(name, Role::Slave, count, span));
        self.group(name)
    }

    pub(super) fn flavor(&mut self, group: &str, flavor: &str) -> &mut Self {
        flavor.clone_into(&mut self.group(group).flavor.value);
        self
    }

    /// A flavor of its own for a group.
    pub(super) fn size(&mut self, group: &str, memory_mib: u64, vcpus: u32) -> &mut Self {
        let name = format!("{group}-{memory_mib}-{vcpus}");
        self.facts.flavors.add(name.clone(), flavor(memory_mib, vcpus));
        self.flavor(group, &name)
    }

    pub(super) fn volume(&mut self, group: &str, name: &str) -> &mut Self {
        let origin = self.place();
        self.group(group).volumes.push(VolumeSpec {
            name: name.to_owned(),
            size_gib: Sourced::default_of(100),
            volume_type: None,
            mount: format!("/data/{name}"),
            origin,
        });
        self
    }

    /// Sets a setting of the first framework.
    pub(super) fn set(&mut self, name: &str, value: SettingValue) -> Span {
        let framework = self.spec.frameworks[0].name.clone();
        self.set_of(&framework, name, value)
    }

    pub(super) fn set_of(&mut self, framework: &str, name: &str, value: SettingValue) -> Span {
        let place = self.place();
        self.asked(framework).settings.insert(name.to_owned(), Sourced::new(value, Some(place)));
        place
    }

    /// Sets a key of a file of the first framework.
    pub(super) fn set_key(&mut self, file: &str, key: &str, value: Option<&str>) -> Span {
        let framework = self.spec.frameworks[0].name.clone();
        self.set_key_of(&framework, file, key, value)
    }

    pub(super) fn set_key_of(&mut self, framework: &str, file: &str, key: &str, value: Option<&str>) -> Span {
        let (origin, place) = (self.place(), self.place());
        let file = self.asked(framework).files.entry(file.to_owned()).or_insert(FileOverride {
            origin,
            set: BTreeMap::new(),
            content: None,
            later: BTreeSet::new(),
        });
        file.set.insert(key.to_owned(), Sourced::new(value.map(Text::plain), Some(place)));
        place
    }

    pub(super) fn content(&mut self, file: &str, content: &str) -> Span {
        let (origin, place) = (self.place(), self.place());
        let content = Some(Sourced::new(Text::plain(content), Some(place)));
        let file = self.spec.frameworks[0].files.entry(file.to_owned()).or_insert(FileOverride {
            origin,
            set: BTreeMap::new(),
            content: None,
            later: BTreeSet::new(),
        });
        file.content = content.map(|content| Sourced::new(vec![content.value], content.origin));
        place
    }

    pub(super) fn composed(&self) -> (Composition, Diagnostics) {
        compose(&self.spec, &self.catalogue, &self.sources)
    }

    /// The cluster with all that its values depend on.
    pub(super) fn context<'a>(&'a self, composition: &'a Composition) -> ClusterContext<'a> {
        ClusterContext {
            spec: &self.spec,
            catalogue: &self.catalogue,
            composition,
            facts: &self.facts,
            fixed: &self.members.fixed,
            sources: &self.sources,
        }
    }

    pub(super) fn configure(&self) -> (ClusterConfiguration, Diagnostics) {
        let (composition, mut diagnostics) = self.composed();
        let (configuration, found) = configure(self.context(&composition));
        diagnostics.extend(found);
        (configuration, diagnostics)
    }

    /// The configuration of a cluster without mistakes.
    pub(super) fn configured(&self) -> ClusterConfiguration {
        let (configuration, diagnostics) = self.configure();
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        configuration
    }

    /// The only complaint.
    pub(super) fn complaint(&self) -> Diagnostic {
        let (_, diagnostics) = self.configure();
        let all: Vec<Diagnostic> = diagnostics.into_iter().collect();
        assert_eq!(all.len(), 1, "{all:#?}");
        all.into_iter().next().unwrap()
    }
}

fn group(name: &str, role: Role, count: u32, span: Span) -> GroupSpec {
    GroupSpec {
        name: name.to_owned(),
        role,
        origin: span,
        count: Sourced::default_of(count),
        flavor: Sourced::default_of("m1.medium".to_owned()),
        image: Sourced::default_of("debian-12".to_owned()),
        storage: true,
        frameworks: None,
        floating_ip: Sourced::default_of(false),
        volumes: Vec::new(),
        anti_affinity: Sourced::default_of(AntiAffinity::None),
        availability_zone: None,
    }
}

pub(super) fn framework(name: &str, version: &str, span: Span) -> FrameworkSpec {
    FrameworkSpec {
        name: name.to_owned(),
        origin: span,
        needed_by: None,
        version: Sourced::default_of(version.to_owned()),
        settings: BTreeMap::new(),
        files: BTreeMap::new(),
        later: BTreeSet::new(),
    }
}

pub(super) fn flavor(memory_mib: u64, vcpus: u32) -> Flavor {
    Flavor { id: format!("{memory_mib}-{vcpus}"), vcpus, memory_mib, disk_gib: 20, disabled: false }
}

fn facts() -> CloudFacts {
    let flavors = [
        ("m1.tiny", 512, 1),
        ("m1.small", 2048, 1),
        ("m1.medium", 4096, 2),
        ("m1.large", 8192, 4),
        ("m1.xlarge", 16384, 8),
        ("x1.4tib", 4_194_304, 128),
    ];
    let image = || Image { id: "1".to_owned(), min_disk_gib: 2, min_memory_mib: 256, unusable: None };
    CloudFacts {
        complete: true,
        flavors: flavors.into_iter().map(|(name, memory, vcpus)| (name, flavor(memory, vcpus))).collect(),
        images: ["debian-12", "debian-13", "ubuntu-22.04", "our-own"].map(|name| (name, image())).into_iter().collect(),
        ..CloudFacts::default()
    }
}

/// The file of a group.
pub(super) fn file<'a>(configuration: &'a ClusterConfiguration, group: &str, name: &str) -> &'a ConfiguredFile {
    configuration.groups[group].files.iter().find(|file| file.name == name).unwrap()
}

/// The value of a key in a file of a group.
pub(super) fn key<'a>(configuration: &'a ClusterConfiguration, group: &str, name: &str, key: &str) -> Option<&'a str> {
    let file = file(configuration, group, name);
    file.values.iter().find(|value| value.key == key).map(|value| value.value.value.as_str())
}

/// A setting of Hadoop on a group's nodes.
pub(super) fn number(configuration: &ClusterConfiguration, group: &str, name: &str) -> u64 {
    number_of(configuration, group, &format!("hadoop.{name}"))
}

/// A setting on a group's nodes, as `framework.setting`.
pub(super) fn number_of(configuration: &ClusterConfiguration, group: &str, name: &str) -> u64 {
    let found = configuration.groups[group].settings.iter().find(|value| value.key == name);
    found.unwrap_or_else(|| panic!("{name} on {group}")).value.value.parse().unwrap()
}

/// Everything about one group, for a snapshot.
pub(super) fn told(configuration: &ClusterConfiguration, group: &str) -> String {
    let group = &configuration.groups[group];
    let mut text = String::new();
    writeln!(text, "packages: {}", group.packages.join(" ")).unwrap();
    for archive in &group.archives {
        writeln!(text, "archive: {} {} in {}", archive.name, archive.version, archive.directory).unwrap();
        archive.urls.iter().for_each(|url| writeln!(text, "  from {url}").unwrap());
        writeln!(
            text,
            "  digest {:?} from {:?}",
            archive.sha512,
            archive.sha512_url.as_ref().or(archive.sha256_url.as_ref())
        )
        .unwrap();
    }
    for user in &group.users {
        writeln!(text, "user: {}:{} in {}", user.name, user.group, user.home).unwrap();
    }
    for directory in &group.directories {
        let data = if directory.holds_data { " with data" } else { "" };
        writeln!(text, "directory: {} {} {}{data}", directory.mode, directory.owner, directory.path).unwrap();
    }
    for unit in &group.units {
        writeln!(
            text,
            "unit: {} as {}:{} {} MiB after {:?} step {:?}\n  {}",
            unit.name,
            unit.user,
            unit.group,
            unit.memory_mib,
            unit.after,
            unit.needs_step,
            unit.exec.join(" ")
        )
        .unwrap();
    }
    for probe in &group.probes {
        writeln!(text, "probe: {} within {} s: {:?}", probe.name, probe.timeout_seconds, probe.kind).unwrap();
    }
    for file in &group.files {
        writeln!(text, "\n==> {} {} {} restarts {:?}", file.path, file.mode, file.owner, file.restarts).unwrap();
        text.push_str(&file.content.revealed());
    }
    text
}
