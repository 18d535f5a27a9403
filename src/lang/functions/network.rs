//! Functions of IP networks.

use super::call::{Call, FunctionError, Outcome, whole};
use crate::lang::value::{Number, Type, Value};
use dashu_int::{IBig, UBig};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A network: its first address, as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Network {
    address: u128,
    prefix: u32,
    /// 32 or 128.
    bits: u32,
}

impl Network {
    /// Reads `address/prefix`; bits beyond the prefix are cleared, and decimal parts of addresses may have leading zeros.
    fn parse(text: &str) -> Result<Network, FunctionError> {
        let invalid = || format!("invalid CIDR expression: invalid CIDR address: {text}");
        let (address, prefix) = text.split_once('/').ok_or_else(invalid)?;
        let (address, bits) = if address.contains(':') {
            (u128::from(address.parse::<Ipv6Addr>().map_err(|_| invalid())?), 128)
        } else {
            (u128::from(parse_v4(address).ok_or_else(invalid)?), 32)
        };
        if prefix.is_empty() || prefix.len() > 8 || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid().into());
        }
        let prefix: u32 = prefix.parse().map_err(|_| invalid())?;
        if prefix > bits {
            return Err(invalid().into());
        }
        Ok(Network { address, prefix, bits }.masked())
    }

    fn hosts_mask(&self) -> u128 {
        mask(self.bits - self.prefix)
    }

    fn masked(self) -> Self {
        Network { address: self.address & !self.hosts_mask(), ..self }
    }

    fn last(&self) -> u128 {
        self.address | self.hosts_mask()
    }

    fn with_prefix(self, prefix: u32) -> Self {
        Network { prefix, ..self }.masked()
    }

    fn text(&self, address: u128) -> String {
        match u32::try_from(address) {
            Ok(v4) if self.bits == 32 => Ipv4Addr::from(v4).to_string(),
            _ => match Ipv6Addr::from(address).to_ipv4_mapped() {
                Some(v4) => v4.to_string(),
                None => Ipv6Addr::from(address).to_string(),
            },
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.text(self.address), self.prefix)
    }
}

/// The lowest `bits` bits set.
fn mask(bits: u32) -> u128 {
    if bits >= 128 { u128::MAX } else { (1 << bits) - 1 }
}

fn parse_v4(text: &str) -> Option<u32> {
    let mut address = 0u32;
    let mut parts = 0;
    for part in text.split('.') {
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits = part.trim_start_matches('0');
        let value: u8 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        address = address << 8 | u32::from(value);
        parts += 1;
        if parts > 4 {
            return None;
        }
    }
    (parts == 4).then_some(address)
}

/// A whole number of any size.
fn big(number: &Number) -> Result<IBig, FunctionError> {
    number.to_big().ok_or_else(|| "value must be a whole number".into())
}

pub fn cidrhost(call: &Call<'_>) -> Outcome {
    let number = big(call.number(1)?)?;
    let network = Network::parse(call.text(0)?)?;
    let most = IBig::from(network.hosts_mask());
    let negative = number < IBig::ZERO;
    // Negative numbers count from the last address.
    let distance = if negative { -&number - IBig::ONE } else { number.clone() };
    let host = if negative { &most - &distance } else { number };
    if distance > most {
        let message = format!("prefix of {} does not accommodate a host numbered {host}", network.prefix);
        return Err(message.into());
    }
    let host = u128::try_from(&host).unwrap_or_default();
    Ok(Value::string(network.text(network.address | host)))
}

pub fn cidrnetmask(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    let network = Network::parse(text)?;
    if network.bits != 32 {
        return Err(format!("IPv6 addresses cannot have a netmask: {text}").into());
    }
    Ok(Value::string(network.text(mask(32) & !network.hosts_mask())))
}

pub fn cidrsubnet(call: &Call<'_>) -> Outcome {
    let more = call.whole(1)?;
    let number = big(call.number(2)?)?;
    let network = Network::parse(call.text(0)?)?;
    let prefix = i64::from(network.prefix) + more;
    if prefix > i64::from(network.bits) {
        let message = format!("insufficient address space to extend prefix of {} by {more}", network.prefix);
        return Err(message.into());
    }
    let Ok(prefix) = u32::try_from(prefix) else {
        return Err(format!("cannot shorten prefix of {} by {}", network.prefix, -more).into());
    };
    // A prefix that gets shorter leaves no number but zero, which gives the network around this one.
    let most = UBig::from(if more >= 64 { u64::MAX.into() } else { mask(u32::try_from(more).unwrap_or(0)) });
    let magnitude = number.clone().into_parts().1;
    let fits = if more < 0 { magnitude.is_zero() } else { number >= IBig::ZERO && magnitude <= most };
    if !fits {
        return Err(format!("prefix extension of {more} does not accommodate a subnet numbered {number}").into());
    }
    let number = u128::try_from(&magnitude).unwrap_or_default();
    let shift = network.bits - prefix;
    let address = network.address | number.checked_shl(shift).unwrap_or(0);
    Ok(Value::string(Network { address, prefix, ..network }.to_string()))
}

pub fn cidrsubnets(call: &Call<'_>) -> Outcome {
    let network = Network::parse(call.text(0)?).map_err(|e| FunctionError::argument(0, e.message))?;
    let mut out = Vec::new();
    let mut previous: Option<Network> = None;
    for (i, arg) in call.args.iter().enumerate().skip(1) {
        let wrong = |message: String| Err(FunctionError::argument(i, message));
        let more = match arg.as_number().map(whole) {
            Some(Ok(more)) => more,
            Some(Err(e)) => return wrong(e),
            None => return wrong("number required".to_owned()),
        };
        if more < 1 {
            return wrong("must extend prefix by at least one bit".to_owned());
        }
        if more > 32 {
            return wrong("may not extend prefix by more than 32 bits".to_owned());
        }
        let prefix = network.prefix + more as u32;
        if prefix > network.bits {
            let protocol = if network.bits == 32 { "IPv4" } else { "IPv6" };
            return wrong(format!("would extend prefix to {prefix} bits, which is too long for an {protocol} address"));
        }
        let next = match previous {
            None => Some(network.with_prefix(prefix)),
            // The first network of the size after the one of that size around the last address.
            Some(previous) => {
                let around = Network { address: previous.last(), ..network }.with_prefix(prefix);
                let after = around.last().checked_add(1).filter(|a| a & !mask(network.bits) == 0);
                after.map(|address| Network { address, ..network }.with_prefix(prefix))
            }
        };
        match next.filter(|next| next.address & !network.hosts_mask() == network.address) {
            Some(next) => {
                out.push(Value::string(next.to_string()));
                previous = Some(next);
            }
            None => {
                let after = previous.unwrap_or(network);
                return wrong(format!(
                    "not enough remaining address space for a subnet with a prefix of {prefix} bits after {after}"
                ));
            }
        }
    }
    Ok(Value::list(Type::String, out))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;

    #[test]
    fn hosts_count_from_either_end() {
        assert_eq!(run("cidrhost", &[s("010.001.0.0/16"), n(3)]).unwrap(), s("10.1.0.3"));
        assert_eq!(run("cidrhost", &[s("10.0.0.0/24"), n(-2)]).unwrap(), s("10.0.0.254"));
        assert_eq!(
            run("cidrhost", &[s("fd00::/64"), num("18446744073709551615")]).unwrap(),
            s("fd00::ffff:ffff:ffff:ffff")
        );
        assert_eq!(
            error("cidrhost", &[s("10.0.0.0/24"), n(256)]),
            "prefix of 24 does not accommodate a host numbered 256"
        );
        assert_eq!(
            error("cidrhost", &[s("10.0.0.0/24"), n(-257)]),
            "prefix of 24 does not accommodate a host numbered -1"
        );
    }

    #[test]
    fn netmasks_are_for_v4_only() {
        assert_eq!(run("cidrnetmask", &[s("172.16.0.0/12")]).unwrap(), s("255.240.0.0"));
        assert_eq!(error("cidrnetmask", &[s("fe80::/64")]), "IPv6 addresses cannot have a netmask: fe80::/64");
        assert_eq!(error("cidrnetmask", &[s("x")]), "invalid CIDR expression: invalid CIDR address: x");
    }

    #[test]
    fn subnets_by_number() {
        assert_eq!(run("cidrsubnet", &[s("172.16.0.0/12"), n(4), n(2)]).unwrap(), s("172.18.0.0/16"));
        assert_eq!(
            run("cidrsubnet", &[s("fd00:fd12:3456:7890::/56"), n(16), n(162)]).unwrap(),
            s("fd00:fd12:3456:7800:a200::/72")
        );
        assert_eq!(run("cidrsubnet", &[s("10.0.0.0/8"), n(-1), n(0)]).unwrap(), s("10.0.0.0/7"));
        assert_eq!(
            error("cidrsubnet", &[s("10.1.2.0/24"), n(4), n(16)]),
            "prefix extension of 4 does not accommodate a subnet numbered 16"
        );
    }

    #[test]
    fn subnets_one_after_the_other() {
        let nets = [s("10.1.0.0/16"), n(4), n(4), n(8), n(4)];
        assert_eq!(json("cidrsubnets", &nets), "[\"10.1.0.0/20\",\"10.1.16.0/20\",\"10.1.32.0/24\",\"10.1.48.0/20\"]");
        assert_eq!(
            error("cidrsubnets", &[s("10.0.0.0/24"), n(1), n(1), n(1)]),
            "not enough remaining address space for a subnet with a prefix of 25 bits after 10.0.0.128/25"
        );
        assert_eq!(
            error("cidrsubnets", &[s("10.0.0.0/30"), n(3)]),
            "would extend prefix to 33 bits, which is too long for an IPv4 address"
        );
    }
}
