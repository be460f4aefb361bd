//! The URL of a database: what of it the driver understands, and what may be shown of it.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::OpenError;
use crate::tls::Trust;

/// Parameters that the driver below reads by itself.
const PASSED_ON: [&str; 18] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslnegotiation",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// Where the database is and how it is reached.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) trust: Trust,
    /// `host:port/database`, without user and password.
    pub(crate) place: String,
}

impl Address {
    /// Reads `postgres://user:password@host:port/database?parameters`. No problem repeats a part of the text, because
    /// a wrongly written password may stand anywhere in it.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let wrong = |problem| OpenError::WrongUrl { problem };
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(wrong("it must begin with postgres://"));
        }
        let (base, parameters) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut root) = (None, None);
        let mut passed_on = Vec::new();
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').ok_or_else(|| wrong("a parameter has no value"))?;
            match name {
                "sslmode" => mode = Some(value),
                "sslrootcert" => root = Some(decoded(value).ok_or_else(|| wrong("sslrootcert is not UTF-8"))?),
                name if PASSED_ON.contains(&name) => passed_on.push(parameter),
                _ => {
                    return Err(wrong(
                        "it has a parameter that is not known; see docs/configuration.md for those that are",
                    ));
                }
            }
        }
        // What comes before the "@" is the password; with such a letter in it, a part of it would be taken for the host.
        let authority = base.split_once("://").map_or(base, |(_, rest)| rest);
        if authority.matches('@').count() > 1
            || authority.split_once('@').is_some_and(|(user_info, _)| user_info.contains('/'))
        {
            return Err(wrong("a password in it has an @ or a /; write %40 for @ and %2F for /"));
        }
        let plain = format!("{base}?{}", passed_on.join("&"));
        let mut config: Config = plain
            .parse()
            .map_err(|_| wrong("write postgres://user:password@host:port/database, and %40 for @ in a password"))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("it names no host"));
        }
        let (ssl_mode, trust) = security(mode, root).map_err(wrong)?;
        config.ssl_mode(ssl_mode);
        if !parameters.contains("target_session_attrs=") {
            // Of several hosts one takes writes: the others are its replicas. And one host that was the primary may have
            // become a replica since.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let place = place(&config);
        Ok(Self { config, trust, place })
    }
}

fn decoded(value: &str) -> Option<PathBuf> {
    percent_decode_str(value).decode_utf8().ok().map(|path| PathBuf::from(path.as_ref()))
}

/// As libpq reads `sslmode`: only the two `verify` modes, or a named authority, make sure of who answers.
fn security(mode: Option<&str>, root: Option<PathBuf>) -> Result<(SslMode, Trust), &'static str> {
    match (mode.unwrap_or("prefer"), root) {
        ("disable", _) => Ok((SslMode::Disable, Trust::Anybody)),
        ("prefer", None) => Ok((SslMode::Prefer, Trust::Anybody)),
        ("prefer", Some(_)) => Err("sslrootcert needs sslmode=verify-full, verify-ca or require"),
        ("require", None) => Ok((SslMode::Require, Trust::Anybody)),
        ("require" | "verify-ca", root) => Ok((SslMode::Require, Trust::Authority(root))),
        ("verify-full", root) => Ok((SslMode::Require, Trust::AuthorityAndName(root))),
        _ => Err("sslmode must be disable, prefer, require, verify-ca or verify-full"),
    }
}

fn place(config: &Config) -> String {
    let ports = config.get_ports();
    let port = |place: usize| ports.get(place).or_else(|| ports.first()).copied().unwrap_or(5432);
    let mut hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(place, host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(place)),
            Host::Unix(folder) => format!("{}:{}", folder.display(), port(place)),
        })
        .collect();
    if hosts.is_empty() {
        hosts.extend(config.get_hostaddrs().iter().map(ToString::to_string));
    }
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("{}/{database}", hosts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_and_shown_without_its_password() {
        let address = Address::parse("postgres://muster:canary@db.example:6432/people?application_name=x").unwrap();
        assert_eq!(address.place, "db.example:6432/people");
        assert_eq!(address.config.get_ssl_mode(), SslMode::Prefer);
        assert_eq!(address.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        let any = Address::parse("postgres://muster@db.example/people?target_session_attrs=any").unwrap();
        assert_eq!(any.config.get_target_session_attrs(), TargetSessionAttrs::Any);
        let many = Address::parse("postgresql://muster@a,b:7000/people").unwrap();
        assert_eq!(many.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        let socket = Address::parse("postgres://muster@/people?host=%2Frun%2Fpostgresql").unwrap();
        assert_eq!(socket.place, "/run/postgresql:5432/people");
    }

    #[test]
    fn the_modes_of_tls_are_those_of_libpq() {
        let parse = |text: &str| Address::parse(&format!("postgres://u@h/d?{text}"));
        let root = Some(PathBuf::from("/etc/ca file.pem"));
        for (text, mode, trust) in [
            ("sslmode=disable", SslMode::Disable, Trust::Anybody),
            ("sslmode=require", SslMode::Require, Trust::Anybody),
            ("sslmode=require&sslrootcert=/etc/ca%20file.pem", SslMode::Require, Trust::Authority(root.clone())),
            ("sslmode=verify-ca", SslMode::Require, Trust::Authority(None)),
            ("sslmode=verify-full&sslrootcert=/etc/ca%20file.pem", SslMode::Require, Trust::AuthorityAndName(root)),
        ] {
            let address = parse(text).unwrap();
            assert_eq!((address.config.get_ssl_mode(), address.trust), (mode, trust), "{text}");
        }
        for wrong in ["sslmode=canary", "canary=1", "sslmode", "sslrootcert=/a", "port=canary"] {
            let problem = parse(wrong).err().unwrap().to_string();
            assert!(!problem.contains("canary"), "{problem}");
        }
    }

    #[test]
    fn what_is_no_such_url_is_refused_without_repeating_it() {
        for wrong in [
            "mysql://canary@h/d",
            "postgres://u:canary@h:x/d",
            "postgres:///d",
            "postgres://u:can?ary=x@h/d",
            "postgres://u:x@canary@h/d",
            "postgres://u:x/canary@h/d",
        ] {
            let problem = Address::parse(wrong).err().unwrap().to_string();
            assert!(!problem.contains("canary") && !problem.contains("ary="), "{problem}");
        }
    }
}
