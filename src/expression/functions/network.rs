//! Functions on networks in CIDR notation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use num_traits::ToPrimitive as _;

use ipnet::IpNet;

use super::{Call, Fault, Function};
use crate::expression::{Number, Type, Value};

pub(super) fn all() -> Vec<Function> {
    let cidr = |name, summary, body| Function::new(name, summary, body).takes("cidr", Type::String);
    vec![
        cidr("cidrhost", "The address with that number in a network, from its end if negative", host)
            .takes("number", Type::Number)
            .gives(Type::String),
        cidr("cidrnetmask", "The mask of an IPv4 network", netmask).gives(Type::String),
        cidr("cidrsubnet", "A network within a network, by how much longer its prefix is and its number", subnet)
            .takes("more_bits", Type::Number)
            .takes("number", Type::Number)
            .gives(Type::String),
        cidr("cidrsubnets", "Networks within a network, one after the other", subnets)
            .takes_many("more_bits", Type::Number)
            .gives(Type::list(Type::String)),
    ]
}

/// A network: its first address as a number, its prefix, and how many bits an address has.
#[derive(Clone, Copy)]
struct Network {
    base: u128,
    prefix: u8,
    bits: u8,
}

impl Network {
    fn address(self, number: u128) -> IpAddr {
        match u32::try_from(number) {
            Ok(number) if self.bits == 32 => Ipv4Addr::from(number).into(),
            _ => Ipv6Addr::from(number).into(),
        }
    }

    /// How many addresses it has, less one.
    fn last(self) -> u128 {
        let free = u32::from(self.bits - self.prefix);
        if free == 128 { u128::MAX } else { (1_u128 << free) - 1 }
    }
}

fn network(call: &Call<'_, '_>) -> Result<Network, Fault> {
    let text = call.text(0);
    let network: IpNet = text.parse().map_err(|_| {
        let fault = Fault::at(0, format!("{text:?} is not a network"));
        match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => fault.help(format!("write a single address as the network \"{text}/32\"")),
            Ok(IpAddr::V6(_)) => fault.help(format!("write a single address as the network \"{text}/128\"")),
            Err(_) => fault.help("write an address, `/` and the length of the prefix: \"10.0.0.0/16\""),
        }
    })?;
    let network = network.trunc();
    Ok(match network.network() {
        IpAddr::V4(base) => Network { base: u32::from(base).into(), prefix: network.prefix_len(), bits: 32 },
        IpAddr::V6(base) => Network { base: base.into(), prefix: network.prefix_len(), bits: 128 },
    })
}

/// A whole number of any size that an address may have.
fn whole(call: &Call<'_, '_>, index: usize) -> Result<(bool, u128), Fault> {
    let number = call.number(index).and_then(Number::to_integer);
    let magnitude = number.and_then(|number| number.magnitude().to_u128());
    match (number, magnitude) {
        (Some(number), Some(magnitude)) => Ok((number.sign() == num_bigint::Sign::Minus, magnitude)),
        _ => Err(Fault::at(index, "expected a whole number that an address may have")),
    }
}

fn host(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let network = network(call)?;
    let (negative, number) = whole(call, 1)?;
    let last = network.last();
    let offset = if negative {
        number.checked_sub(1).and_then(|number| last.checked_sub(number))
    } else {
        Some(number).filter(|number| *number <= last)
    };
    match offset {
        Some(offset) => Ok(Value::string(network.address(network.base + offset).to_string())),
        None => Err(Fault::at(
            1,
            format!(
                "a prefix of {} does not accommodate a host numbered {}{number}",
                network.prefix,
                if negative { "-" } else { "" }
            ),
        )),
    }
}

fn netmask(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let network = network(call)?;
    if network.bits != 32 {
        return Err(Fault::at(0, "only IPv4 networks have a mask"));
    }
    let mask = u32::MAX.checked_shl(32 - u32::from(network.prefix)).unwrap_or(0);
    Ok(Value::string(Ipv4Addr::from(mask).to_string()))
}

/// The prefix of a network that is `more` bits longer.
fn longer(call: &Call<'_, '_>, network: Network, index: usize) -> Result<u8, Fault> {
    let more = call.integer(index, 0..=128)?;
    let prefix = i64::from(network.prefix) + more;
    u8::try_from(prefix).ok().filter(|prefix| *prefix <= network.bits).ok_or_else(|| {
        let (prefix, bits) = (network.prefix, network.bits);
        Fault::at(index, format!("a prefix of {prefix} cannot be made {more} bits longer: an address has {bits}"))
    })
}

fn subnet(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let network = network(call)?;
    let prefix = longer(call, network, 1)?;
    let (negative, number) = whole(call, 2)?;
    let more = u32::from(prefix - network.prefix);
    let fits = more == 128 || number < (1_u128 << more);
    if negative || !fits {
        let sign = if negative { "-" } else { "" };
        return Err(Fault::at(2, format!("{more} more bits do not accommodate a network numbered {sign}{number}")));
    }
    let base = network.base + number.checked_shl(u32::from(network.bits - prefix)).unwrap_or(0);
    Ok(Value::string(format!("{}/{prefix}", network.address(base))))
}

fn subnets(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let network = network(call)?;
    let mut next = 0_u128;
    let mut full = false;
    let mut found = Vec::new();
    for index in 1..call.arguments.len() {
        let prefix = longer(call, network, index)?;
        let free = u32::from(network.bits - prefix);
        let size = 1_u128.checked_shl(free).unwrap_or(0);
        let mask = size.wrapping_sub(1);
        // the first number at which a network of this size may begin
        let aligned = if next & mask == 0 { Some(next) } else { (next | mask).checked_add(1) };
        let start = aligned.filter(|start| !full && *start <= network.last());
        let last = start.and_then(|start| start.checked_add(mask)).filter(|last| *last <= network.last());
        let (Some(start), Some(last)) = (start, last) else {
            return Err(Fault::at(index, format!("no room is left for a network with the prefix {prefix}")));
        };
        found.push(Value::string(format!("{}/{prefix}", network.address(network.base + start))));
        full = last == network.last();
        next = last.wrapping_add(1);
    }
    Ok(Value::list(Type::String, found))
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn networks() {
        check(&[
            (r#"cidrhost("10.12.112.0/20", 16)"#, r#""10.12.112.16""#),
            (r#"cidrhost("10.12.112.0/20", 268)"#, r#""10.12.113.12""#),
            (r#"cidrhost("10.12.112.0/20", -1)"#, r#""10.12.127.255""#),
            (r#"cidrhost("fd00:fd12:3456:7890:00a2::/72", 34)"#, r#""fd00:fd12:3456:7890::22""#),
            (r#"cidrnetmask("172.16.0.0/12")"#, r#""255.240.0.0""#),
            (r#"cidrnetmask("0.0.0.0/0")"#, r#""0.0.0.0""#),
            (r#"cidrsubnet("172.16.0.0/12", 4, 2)"#, r#""172.18.0.0/16""#),
            (r#"cidrsubnet("10.1.2.0/24", 4, 15)"#, r#""10.1.2.240/28""#),
            (r#"cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)"#, r#""fd00:fd12:3456:7800:a200::/72""#),
            (
                r#"cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)"#,
                r#"["10.1.0.0/20","10.1.16.0/20","10.1.32.0/24","10.1.48.0/20"]"#,
            ),
            (r#"cidrsubnets("10.0.0.0/31", 1, 1)"#, r#"["10.0.0.0/32","10.0.0.1/32"]"#),
        ]);
        refuse(&[
            (
                r#"cidrhost("10.0.0.0/24", 256)"#,
                "`cidrhost`: a prefix of 24 does not accommodate a host numbered 256",
                "256",
            ),
            (r#"cidrhost("10.0.0.0", 1)"#, "`cidrhost`: \"10.0.0.0\" is not a network", "\"10.0.0.0\""),
            (r#"cidrnetmask("fd00::/8")"#, "`cidrnetmask`: only IPv4 networks have a mask", "\"fd00::/8\""),
            (
                r#"cidrsubnet("10.0.0.0/24", 9, 0)"#,
                "`cidrsubnet`: a prefix of 24 cannot be made 9 bits longer: an address has 32",
                "9",
            ),
            (
                r#"cidrsubnet("10.0.0.0/24", 1, 2)"#,
                "`cidrsubnet`: 1 more bits do not accommodate a network numbered 2",
                "2",
            ),
            (
                r#"cidrsubnets("10.0.0.0/31", 1, 1, 1)"#,
                "`cidrsubnets`: no room is left for a network with the prefix 32",
                "1",
            ),
        ]);
    }
}
