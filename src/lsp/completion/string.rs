//! What stands between quotes: labels, words, names of the cloud, keys of files.

use super::super::lookup;
use super::super::wire::kind;
use super::{Item, Offer};
use crate::catalogue::Framework;
use crate::language::{Kind, Label};
use crate::model::Flavor;
use crate::source::{CODE_PREFIX, CODES};
use crate::syntax::ValueSite;

/// The labels of a block with this word.
pub(super) fn labels(offer: &mut Offer<'_>, word: &str) {
    let analysis = offer.analysis;
    let blocks = &offer.here.blocks;
    let Ok(examined) = &analysis.examined else { return };
    match word {
        "framework" => {
            for framework in examined.catalogue().frameworks() {
                let version = framework.default_version();
                let item = Item::new(framework.name.as_str(), kind::VALUE).detail(version);
                offer.add(item.help(framework.description.as_str()));
            }
        }
        "config" => {
            let Some(framework) = lookup::framework(analysis, blocks) else { return };
            for file in framework.file_names() {
                offer.add(Item::new(file, kind::VALUE).detail(format!("a file of {}", framework.name)));
            }
        }
        "allow" => {
            for (name, says) in
                [("ssh", "logging in"), ("web-ui", "every web page of the frameworks"), ("custom", "ports of your own")]
            {
                offer.add(Item::new(name, kind::ENUM_MEMBER).detail(says));
            }
            let cluster = lookup::label(blocks, "cluster").and_then(|name| lookup::cluster_block(analysis, name));
            let frameworks: Vec<&Framework> =
                cluster.into_iter().flat_map(|cluster| lookup::frameworks_of(analysis, cluster)).collect();
            for framework in frameworks {
                for port in framework.port_names() {
                    offer.add(Item::new(port, kind::VALUE).detail(format!("a port of {}", framework.name)));
                }
            }
        }
        lookup::DYNAMIC => {
            let Some(schema) = lookup::schema(blocks) else { return };
            for inner in schema.blocks {
                offer.add(Item::new(inner.schema.word, kind::MODULE).detail(inner.schema.says));
            }
        }
        _ => {
            let Some(schema) = lookup::schema(blocks) else { return };
            for inner in schema.blocks.iter().filter(|inner| inner.schema.word == word) {
                if let Label::Word(label) = inner.schema.label {
                    offer.add(Item::new(label, kind::ENUM_MEMBER).detail(inner.schema.says));
                }
            }
        }
    }
}

/// What a string can be.
pub(super) fn strings(offer: &mut Offer<'_>, site: &ValueSite) {
    let blocks = &offer.here.blocks;
    if site.is_key && !(site.attribute == "set" || lookup::is_in(blocks, "lint")) {
        return;
    }
    for (word, detail) in words(offer, site) {
        offer.add(Item::new(word, kind::VALUE).detail(detail));
    }
}

/// The strings that an attribute can have, each with what it is.
pub(super) fn words(offer: &Offer<'_>, site: &ValueSite) -> Vec<(String, String)> {
    let analysis = offer.analysis;
    let blocks = &offer.here.blocks;
    let Ok(examined) = &analysis.examined else { return Vec::new() };
    let facts = || analysis.project.known_offers(examined);
    let plain = |name: &str| (name.to_owned(), String::new());
    match site.attribute.as_str() {
        "flavor" => {
            let facts = facts();
            let describe = |flavor: &Flavor| {
                format!("{} processors, {} MiB, {} GiB", flavor.vcpus, flavor.memory_mib, flavor.disk_gib)
            };
            facts.flavors.iter().map(|(name, flavor)| (name.to_owned(), describe(flavor))).collect()
        }
        "image" => facts().images.names().map(plain).collect(),
        "external_network" => facts().external_networks.names().map(plain).collect(),
        "existing" => facts().networks.names().map(plain).collect(),
        "key_pair" => facts().key_pairs.names().map(plain).collect(),
        "availability_zone" => facts().zones.names().map(plain).collect(),
        "set" if site.is_key && lookup::is_in(blocks, "config") => keys(offer),
        "ignore" | "error" if lookup::is_in(blocks, "lint") => {
            let short = |code: &&str| code.trim_start_matches(CODE_PREFIX).to_owned();
            CODES.iter().map(|(code, meaning)| (short(code), (*meaning).to_owned())).collect()
        }
        "to" if lookup::is_in(blocks, "allow") => {
            let cluster = lookup::label(blocks, "cluster").and_then(|name| lookup::cluster_block(analysis, name));
            let groups = cluster.map(lookup::groups).unwrap_or_default();
            std::iter::once("all").chain(groups).map(plain).collect()
        }
        name if lookup::is_in(blocks, "framework") => {
            let Some(framework) = lookup::framework(analysis, blocks) else { return Vec::new() };
            if name == "version" {
                return framework.versions.iter().map(|version| plain(&version.name)).collect();
            }
            let setting = framework.setting(name);
            setting.into_iter().flat_map(|setting| &setting.one_of).map(|word| plain(word)).collect()
        }
        name => {
            let Some(schema) = lookup::schema(blocks) else { return Vec::new() };
            match schema.attributes().find(|attribute| attribute.name == name).map(|attribute| attribute.kind) {
                Some(Kind::OneOf(words)) => {
                    words.iter().map(|(word, says)| ((*word).to_owned(), (*says).to_owned())).collect()
                }
                _ => Vec::new(),
            }
        }
    }
}

/// The keys of the file around.
fn keys(offer: &Offer<'_>) -> Vec<(String, String)> {
    let blocks = &offer.here.blocks;
    let framework = lookup::framework(offer.analysis, blocks);
    let Some((framework, file)) = framework.zip(lookup::label(blocks, "config")) else { return Vec::new() };
    let says = |default: Option<&str>| match default {
        None => "computed by DISCO".to_owned(),
        Some("") => String::new(),
        Some(default) => format!("default: {default}"),
    };
    framework.keys_of(file).into_iter().map(|(key, default)| (key.to_owned(), says(default))).collect()
}
