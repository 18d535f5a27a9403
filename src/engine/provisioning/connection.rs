//! `connection` blocks: from values to the machine to connect to. Defaults are Terraform's.

use super::text;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::value::Value;
use crate::remote::{Login, Machine, Proxy, ProxyScheme, Target};
use std::time::Duration;

/// A machine, and where scripts go on it.
pub(super) struct Place {
    pub target: Target,
    /// `%RAND%` stands for a number that differs each time.
    pub script_path: String,
}

/// What can be said before anything is known that only apply can tell.
pub(super) fn check(config: &Value, at: Span) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut wrong =
        |detail: String| diagnostics.push(Diagnostic::error("Invalid connection configuration", detail).at(at));
    let checked = kind(config).and_then(|()| timeout(config).map(drop)).and_then(|()| platform(config));
    if let Err(detail) = checked {
        wrong(detail);
    }
    for name in ["port", "bastion_port", "proxy_port"] {
        if let Err(detail) = port(config, name) {
            wrong(detail);
        }
    }
    diagnostics
}

/// The machine a wholly known connection names.
pub(super) fn target(config: &Value) -> Result<Place, String> {
    kind(config)?;
    platform(config)?;
    let own = |name: &str| text(config, name).filter(|t| !t.is_empty()).map(str::to_owned);
    let host = own("host").ok_or("The connection has an empty \"host\".")?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port_of_machine = port(config, "port")?.unwrap_or(22);
    let has_agent = std::env::var_os("SSH_AUTH_SOCK").is_some_and(|v| !v.is_empty());
    let agent = config.get("agent").and_then(Value::as_bool).unwrap_or(has_agent);
    let machine = Machine {
        host,
        port: port_of_machine,
        user: own("user").unwrap_or_else(|| "root".to_owned()),
        login: Login {
            private_key: own("private_key"),
            certificate: own("certificate"),
            password: own("password"),
            agent,
            agent_identity: own("agent_identity"),
        },
        host_key: own("host_key"),
    };
    let bastion_port = port(config, "bastion_port")?.unwrap_or(port_of_machine);
    let bastion = own("bastion_host").map(|host| Machine {
        host,
        port: bastion_port,
        user: own("bastion_user").unwrap_or_else(|| machine.user.clone()),
        login: Login {
            private_key: own("bastion_private_key").or_else(|| machine.login.private_key.clone()),
            certificate: own("bastion_certificate").or_else(|| machine.login.certificate.clone()),
            password: own("bastion_password").or_else(|| machine.login.password.clone()),
            ..machine.login.clone()
        },
        host_key: own("bastion_host_key"),
    });
    let proxy = match own("proxy_host") {
        None => None,
        Some(host) => {
            let scheme = match text(config, "proxy_scheme").unwrap_or("http") {
                "http" => ProxyScheme::Http,
                "socks5" | "socks5h" => ProxyScheme::Socks5,
                other => {
                    return Err(format!(
                        "A proxy_scheme \"{other}\" is not supported; there are \"http\" and \"socks5\"."
                    ));
                }
            };
            let user = own("proxy_user_name").map(|name| (name, own("proxy_user_password").unwrap_or_default()));
            let default = if scheme == ProxyScheme::Http { 80 } else { 1080 };
            Some(Proxy { scheme, host, port: port(config, "proxy_port")?.unwrap_or(default), user })
        }
    };
    Ok(Place {
        target: Target { machine, bastion, proxy, timeout: timeout(config)? },
        script_path: own("script_path").unwrap_or_else(|| "/tmp/terraform_%RAND%.sh".to_owned()),
    })
}

fn kind(config: &Value) -> Result<(), String> {
    match text(config, "type") {
        None | Some("" | "ssh") => Ok(()),
        Some("winrm") => {
            Err("Connections of type \"winrm\" are not supported. Windows machines with OpenSSH can be reached with type \"ssh\".".into())
        }
        Some(other) => Err(format!("The connection type \"{other}\" is not supported; there is \"ssh\".")),
    }
}

fn platform(config: &Value) -> Result<(), String> {
    match text(config, "target_platform") {
        None | Some("" | "unix") => Ok(()),
        Some("windows") => {
            Err("The target_platform \"windows\" is not supported; scripts are run by a POSIX shell.".into())
        }
        Some(other) => Err(format!("The target_platform must be \"unix\" or \"windows\", not \"{other}\".")),
    }
}

fn port(config: &Value, name: &str) -> Result<Option<u16>, String> {
    let Some(value) = config.get(name).filter(|v| v.is_known() && !v.is_null()) else { return Ok(None) };
    let number = value.as_i64().and_then(|n| u16::try_from(n).ok());
    number.map(|n| (n != 0).then_some(n)).ok_or_else(|| format!("The \"{name}\" must be a number from 1 to 65535."))
}

/// Terraform's default is five minutes.
fn timeout(config: &Value) -> Result<Duration, String> {
    match text(config, "timeout") {
        None | Some("") => Ok(Duration::from_secs(300)),
        Some(written) => duration(written).ok_or_else(|| {
            format!("The timeout \"{written}\" is not a duration; write for example \"30s\" or \"5m\".")
        }),
    }
}

/// Go's way to write durations: `1h30m`, `2.5s`, `300ms`.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (value, unit) = rest.split_at_checked(number)?;
        let end = unit.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(unit.len());
        let (unit, after) = unit.split_at_checked(end)?;
        let seconds = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += value.parse::<f64>().ok()? * seconds;
        rest = after;
    }
    (!text.is_empty()).then(|| Duration::try_from_secs_f64(total).ok()).flatten()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::schema::CONNECTION;
    use super::*;

    fn connection(fields: &[(&str, Value)]) -> Value {
        fields.iter().fold(CONNECTION.empty.clone(), |value, (name, field)| value.with_field(*name, field.clone()))
    }

    #[test]
    fn durations_are_read_as_go_writes_them() {
        assert_eq!(duration("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(duration("2.5s"), Some(Duration::from_millis(2500)));
        assert_eq!(duration("300ms"), Some(Duration::from_millis(300)));
        assert!(["", "5", "5x", "m", "-1s"].iter().all(|text| duration(text).is_none()));
    }

    #[test]
    fn the_bastion_is_entered_as_the_machine_is_unless_told_otherwise() {
        let config = connection(&[
            ("host", Value::string("10.0.0.1")),
            ("user", Value::string("deploy")),
            ("password", Value::string("p")),
            ("port", Value::number(2222)),
            ("bastion_host", Value::string("b.example.com")),
            ("bastion_user", Value::string("jump")),
        ]);
        let target = target(&config).unwrap().target;
        let bastion = target.bastion.unwrap();
        assert_eq!((bastion.user.as_str(), bastion.port), ("jump", 2222));
        assert_eq!(bastion.login.password.as_deref(), Some("p"));
        assert_eq!(target.timeout, Duration::from_secs(300));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let said = |fields: &[(&str, Value)]| target(&connection(fields)).err().unwrap();
        let host = ("host", Value::string("h"));
        assert!(said(&[host.clone(), ("type", Value::string("winrm"))]).contains("winrm"));
        assert!(said(&[host.clone(), ("port", Value::number(70000))]).contains("1 to 65535"));
        assert!(said(&[host, ("timeout", Value::string("soon"))]).contains("not a duration"));
        assert!(said(&[("host", Value::string(""))]).contains("host"));
    }
}
