//! Which addresses of a network are whose: gateway, DHCP, and blocks for the nodes of each group.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::model::NetworkSpec;

/// Most addresses that a new block gets beyond what it needs at once: every node lists them in its `/etc/hosts`.
const LARGEST_SHARE: u32 = 1024;

/// A range of addresses, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Range {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

impl Range {
    pub(crate) fn len(self) -> u32 {
        (self.last - self.first).saturating_add(1)
    }
}

/// A network's own addresses, where the project owns the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OwnAddresses {
    /// The router.
    pub(crate) gateway: Ipv4Addr,
    /// What DHCP and other people's ports may have.
    pub(crate) pool: Option<(Ipv4Addr, Ipv4Addr)>,
}

/// The addresses of a new network that are not for nodes: gateway `.1` and a small pool behind it.
pub(crate) fn own_addresses(cidr: ipnet::Ipv4Net) -> OwnAddresses {
    let start = u32::from(cidr.network());
    let end = start + head(cidr);
    let pool = (end <= u32::from(cidr.broadcast()) && head(cidr) > 2)
        .then(|| (Ipv4Addr::from(start + 2), Ipv4Addr::from(end - 1)));
    OwnAddresses { gateway: Ipv4Addr::from(start + 1), pool }
}

/// A network's own IPv6 addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OwnIpv6Addresses {
    /// The router.
    pub(crate) gateway: Ipv6Addr,
    /// What other people's ports may have.
    pub(crate) pool: (Ipv6Addr, Ipv6Addr),
}

/// The addresses of a network of IPv6 that are not for nodes: gateway `::1` and a small pool behind it. No node has one
/// of them: the last bits of theirs are an IPv4 address, and none of those begins with a zero.
pub(crate) fn own_ipv6_addresses(cidr: ipnet::Ipv6Net) -> OwnIpv6Addresses {
    let at = |number: u128| Ipv6Addr::from(u128::from(cidr.network()) | number);
    OwnIpv6Addresses { gateway: at(1), pool: (at(2), at(0xff)) }
}

/// How many addresses at the beginning of a new network are not for nodes.
fn head(cidr: ipnet::Ipv4Net) -> u32 {
    let size = u32::try_from(1_u64 << (32 - cidr.prefix_len())).unwrap_or(u32::MAX);
    (size / 16).clamp(4, 256)
}

/// The addresses that nodes may be given; `None` where there are none.
pub(crate) fn node_range(network: &NetworkSpec) -> Option<Range> {
    let (first, last) = match network {
        NetworkSpec::New { cidr, .. } => {
            let start = u32::from(cidr.value.network());
            (start.checked_add(head(cidr.value))?, u32::from(cidr.value.broadcast()).checked_sub(1)?)
        }
        NetworkSpec::Existing { addresses, .. } => {
            let addresses = addresses.as_ref()?;
            let (first, last) = (u32::from(addresses.value.network()), u32::from(addresses.value.broadcast()));
            // The edges of a range are usually the edges of the subnet, which no port can have.
            if addresses.value.prefix_len() < 31 { (first + 1, last - 1) } else { (first, last) }
        }
    };
    (first <= last).then_some(Range { first, last })
}

/// What is free: the range without what is taken.
pub(crate) fn free_ranges(range: Range, mut taken: Vec<Range>) -> Vec<Range> {
    taken.sort_unstable();
    let mut free = Vec::new();
    let mut from = range.first;
    for block in taken {
        if block.first > from {
            free.push(Range { first: from, last: (block.first - 1).min(range.last) });
        }
        from = from.max(block.last.saturating_add(1));
        if from > range.last {
            return free;
        }
    }
    free.push(Range { first: from, last: range.last });
    free
}

/// Takes a block out of what is free: of `want` addresses, or less down to `need`; several smaller ones where no
/// part is large enough. The result may hold less than `need` where there is no more.
pub(crate) fn take(free: &mut Vec<Range>, want: u32, need: u32) -> Vec<Range> {
    let mut size = want;
    while size > need {
        if let Some(block) = take_first(free, size) {
            return vec![block];
        }
        size /= 2;
    }
    if let Some(block) = take_first(free, need) {
        return vec![block];
    }
    let mut blocks = Vec::new();
    let mut missing = need;
    while missing > 0 {
        let Some(largest) = free.iter().map(|range| range.len()).max() else { break };
        let Some(block) = take_first(free, largest.min(missing)) else { break };
        missing -= block.len();
        blocks.push(block);
    }
    blocks
}

fn take_first(free: &mut Vec<Range>, size: u32) -> Option<Range> {
    let at = free.iter().position(|range| size > 0 && range.len() >= size)?;
    let block = Range { first: free[at].first, last: free[at].first + (size - 1) };
    if free[at].last == block.last {
        free.remove(at);
    } else {
        free[at].first = block.last + 1;
    }
    Some(block)
}

/// How many addresses a group of masters should get: few, because masters are few.
pub(crate) fn master_share(range: Range, need: u32) -> u32 {
    need.checked_next_power_of_two().unwrap_or(need).max((range.len() / 16).clamp(1, 16).next_power_of_two())
}

/// How many addresses each of `groups` new groups of slaves should get: the largest power of two that leaves the
/// same to the others.
pub(crate) fn slave_share(free: u32, groups: u32, need: u32) -> u32 {
    let fair = free / groups.max(1);
    let power = if fair == 0 { 0 } else { 1 << fair.ilog2() };
    need.checked_next_power_of_two().unwrap_or(need).max(power.min(LARGEST_SHARE))
}
