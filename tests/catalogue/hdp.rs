//! Hadoop's memory beside the rule that Hortonworks published for HDP ("Determining HDP Memory Configuration Settings"),
//! as vectors to compare with. The table is kept, and says in words where and why ours differs.

use super::lab::{Lab, key, number};
use crate::support::snapshot;
use std::fmt::Write as _;

/// What HDP's rule reserves for the system, GiB, up to that much memory, GiB.
const RESERVED: [(u64, u64); 10] =
    [(4, 1), (8, 2), (16, 2), (24, 4), (48, 6), (64, 8), (72, 8), (96, 12), (128, 24), (256, 32)];

/// Sizes by HDP's rule, MiB: reserved, smallest container, containers, memory of all of them. The number of disks is
/// left out of it: the rule allows 1.8 containers a disk, which a cloud's volumes would make 1.
struct Hdp {
    reserved: u64,
    container: u64,
    containers: u64,
}

fn hdp(memory_gib: u64, vcpus: u64) -> Hdp {
    let reserved =
        RESERVED.iter().find(|(memory, _)| memory_gib <= *memory).map_or(64, |(_, reserved)| *reserved) * 1024;
    let smallest = match memory_gib {
        ..=4 => 256,
        5..=8 => 512,
        9..=24 => 1024,
        _ => 2048,
    };
    let left = memory_gib * 1024 - reserved;
    let containers = (2 * vcpus).min(left / smallest).max(1);
    Hdp { reserved, container: smallest.max(left / containers), containers }
}

#[test]
fn our_containers_beside_hdps() {
    let mut text = String::from(
        "Columns: memory and vCPUs of a slave; HDP's reserve, containers and sum; then the same of ours, where the\n\
         daemons (DataNode and NodeManager) are told apart. MiB.\n\n\
         GiB vCPU | HDP reserve  containers   sum | ours reserve  daemons  containers   sum\n",
    );
    for (memory, vcpus) in [
        (2, 1),
        (4, 2),
        (8, 4),
        (16, 8),
        (24, 8),
        (32, 8),
        (48, 16),
        (64, 16),
        (96, 24),
        (128, 32),
        (256, 32),
        (512, 64),
    ] {
        let rule = hdp(memory, vcpus);
        let mut lab = Lab::hadoop(3);
        lab.size("slaves", memory * 1024, u32::try_from(vcpus).unwrap());
        let ours = lab.configured();
        let reserved = number(&ours, "slaves", "reserved_memory");
        let daemons: u64 = ours.groups["slaves"].units.iter().map(|unit| unit.memory_mib).sum();
        let (container, all) = (number(&ours, "slaves", "container_memory"), number(&ours, "slaves", "yarn_memory"));
        let line = format!(
            "{memory:>3} {vcpus:>4} | {:>11} {:>5} x {:>4} {:>6} | {reserved:>12} {daemons:>8} {:>5} x {container:>4} {all:>6}",
            rule.reserved,
            rule.containers,
            rule.container,
            rule.containers * rule.container,
            all / container,
        );
        writeln!(text, "{}", line.trim_end()).unwrap();

        // What the rule leaves out is what ours takes care of: the daemons are never promised to containers.
        assert!(reserved + daemons + all <= memory * 1024);
        // Where the rule is made for (a whole Hadoop node of 8 to 64 GiB), neither hands out a quarter more.
        if (8..=64).contains(&memory) {
            let (more, less) = (all.max(rule.containers * rule.container), all.min(rule.containers * rule.container));
            assert!(more * 4 <= less * 5, "{memory} GiB: {all} and {}", rule.containers * rule.container);
        }
        // Map, reduce and master as the rule has them: one, two and two containers; heaps four fifths.
        let mapred = |name: &str| key(&ours, "slaves", "mapred-site.xml", name).unwrap().parse::<u64>().unwrap();
        let map = mapred("mapreduce.map.memory.mb");
        assert_eq!(map % container, 0);
        assert!(mapred("mapreduce.reduce.memory.mb") <= 2 * map);
    }
    text.push_str(
        "\nWhere they differ:\n\
         - HDP's reserve is a table with steps: 8 GiB and 16 GiB reserve the same, 96 GiB 12 and 128 GiB 24. Ours is a\n\
         \x20 rate that falls, so no machine gets less than a smaller one. At 4 GiB it is 820 and not 1024, at 128 GiB and\n\
         \x20 more far less than HDP's 24 to 64 GiB, which is meant to hold the daemons of everything HDP could start.\n\
         - HDP counts DataNode and NodeManager into the reserve; ours are counted one by one, so a slave without a\n\
         \x20 DataNode has more for containers.\n\
         - HDP's smallest container is a table (256 to 2048); ours is the memory of half a vCPU, at least 320, in which a\n\
         \x20 task has a heap of 192. On 2 GiB that makes 2 containers of 376 and not 2 of 512.\n\
         - HDP limits containers by 1.8 for each disk. A volume of a cloud is not a spindle; the rule is left out.\n\
         - HDP gives reduce tasks and masters two containers. Ours gives reduce tasks two where a master fits beside\n\
         \x20 them on the smallest slave, and masters one, so that a job runs even on a single slave.\n",
    );
    snapshot!("hadoop-beside-hdp", text);
}
