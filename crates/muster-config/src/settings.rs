//! The checked settings, and how they are put together from flags, environment and file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;

use crate::quantity::{parse_bytes, parse_duration, print_duration};
use crate::request_log::{parse_attributes, parse_days, parse_mib, parse_switch, print_switch};
use crate::{ConfigError, Database, PublicUrl, Role, Setting, Source, WebhookAddresses, environment, file, network};

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub source: Source,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Human,
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Human => "human",
            Self::Json => "json",
        })
    }
}

/// The two files that make the server speak TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What the settings are made from. Reading the process's flags and environment is the caller's part.
pub struct Inputs<Variables> {
    /// Flags that were given, as text.
    pub flags: Vec<(Setting, String)>,
    /// The file that `--config` names.
    pub config_file: Option<PathBuf>,
    pub environment: Variables,
    /// What relative paths in flags and environment are relative to.
    pub working_folder: PathBuf,
}

/// Everything that `muster serve` wants to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The configuration file that was read.
    pub config_file: Option<PathBuf>,
    pub data_dir: Sourced<PathBuf>,
    pub listen: Sourced<SocketAddr>,
    pub public_url: Sourced<PublicUrl>,
    pub tls_cert: Sourced<Option<PathBuf>>,
    pub tls_key: Sourced<Option<PathBuf>>,
    pub trusted_proxy: Sourced<Vec<IpNet>>,
    pub database: Sourced<Database>,
    pub log: Sourced<String>,
    pub log_format: Sourced<LogFormat>,
    pub max_body_bytes: Sourced<usize>,
    pub request_timeout: Sourced<Duration>,
    pub drain_timeout: Sourced<Duration>,
    pub role: Sourced<Role>,
    /// Older entries of the request log are forgotten.
    pub request_log_days: Sourced<u32>,
    /// The size that the request log may have.
    pub request_log_mib: Sourced<u64>,
    /// Whether it keeps bodies.
    pub request_log_bodies: Sourced<bool>,
    /// Attributes whose values are masked in them.
    pub request_log_mask: Sourced<Vec<String>>,
    pub webhook_addresses: Sourced<WebhookAddresses>,
}

/// One line of `muster config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub setting: Setting,
    /// Fit to be shown. `None`: not set, and there is no default.
    pub value: Option<String>,
    pub source: Source,
}

/// A value as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RawValue {
    Text(String),
    List(Vec<String>),
}

#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) value: RawValue,
    pub(crate) source: Source,
    /// What a relative path is relative to.
    pub(crate) folder: PathBuf,
}

impl Settings {
    /// Puts the settings together: flag before environment before file before default. Reads the configuration file.
    pub fn resolve<Variables>(inputs: Inputs<Variables>) -> Result<Self, ConfigError>
    where
        Variables: IntoIterator<Item = (OsString, OsString)>,
    {
        let working_folder = inputs.working_folder;
        let environment = environment::parse(inputs.environment, &working_folder)?;
        let named = inputs.config_file.map(|path| (path, Source::Flag("--config".to_owned())));
        let file = file::read(named.or(environment.config_file).as_ref(), &working_folder)?;

        // Later insertions win.
        let mut written = BTreeMap::new();
        if let Some((path, text)) = &file {
            written.extend(file::parse(path, text)?);
        }
        written.extend(environment.settings);
        written.extend(inputs.flags.into_iter().map(|(setting, text)| {
            let source = Source::Flag(setting.flag().to_owned());
            (setting, Raw { value: RawValue::Text(text), source, folder: working_folder.clone() })
        }));
        let settings = Self::from_written(&written, &working_folder, file.map(|(path, _)| path))?;
        settings.check_together()?;
        Ok(settings)
    }

    fn from_written(
        written: &BTreeMap<Setting, Raw>,
        working_folder: &Path,
        config_file: Option<PathBuf>,
    ) -> Result<Self, ConfigError> {
        let path = |text: &str, folder: &Path| Ok(folder.join(text));
        let some_path = |text: &str, folder: &Path| Ok(Some(folder.join(text)));
        // Each of the two says where the other is when only one of them is given.
        let named_database =
            read(written, Setting::DatabaseUrl, || None, |text, folder| Database::parse(text, folder).map(Some))?;
        let own_folder = named_database.value.as_ref().and_then(Database::folder).map(Path::to_owned);
        let data_dir = match own_folder {
            Some(value) if !written.contains_key(&Setting::DataDir) => {
                Sourced { value, source: named_database.source.clone() }
            }
            _ => read(written, Setting::DataDir, || working_folder.join("muster-data"), path)?,
        };
        let database = Sourced {
            value: named_database.value.unwrap_or_else(|| Database::Sqlite(data_dir.value.join("muster.db"))),
            source: named_database.source,
        };
        Ok(Self {
            listen: read(
                written,
                Setting::Listen,
                || SocketAddr::from(([127, 0, 0, 1], 8080)),
                |text, _| network::parse_listen(text),
            )?,
            public_url: read(
                written,
                Setting::PublicUrl,
                || PublicUrl::Derived,
                |text, _| network::parse_public_url(text).map(PublicUrl::Given),
            )?,
            tls_cert: read(written, Setting::TlsCert, || None, some_path)?,
            tls_key: read(written, Setting::TlsKey, || None, some_path)?,
            trusted_proxy: read(written, Setting::TrustedProxy, Vec::new, |text, _| {
                text.split(',').filter(|part| !part.trim().is_empty()).map(network::parse_network).collect()
            })?,
            database,
            log: read(written, Setting::Log, || "info".to_owned(), |text, _| Ok(text.to_owned()))?,
            log_format: read(
                written,
                Setting::LogFormat,
                || LogFormat::Human,
                |text, _| match text {
                    "human" => Ok(LogFormat::Human),
                    "json" => Ok(LogFormat::Json),
                    _ => Err("write human or json".to_owned()),
                },
            )?,
            max_body_bytes: read(
                written,
                Setting::MaxBodyBytes,
                || 10 << 20,
                |text, _| match parse_bytes(text)? {
                    too_few if too_few < 1024 => Err("no request fits into less than 1024 bytes".to_owned()),
                    bytes => Ok(bytes),
                },
            )?,
            request_timeout: read(
                written,
                Setting::RequestTimeout,
                || Duration::from_mins(1),
                |text, _| match parse_duration(text)? {
                    Duration::ZERO => Err("no request can be answered in no time".to_owned()),
                    duration => Ok(duration),
                },
            )?,
            drain_timeout: read(
                written,
                Setting::DrainTimeout,
                || Duration::from_secs(25),
                |text, _| parse_duration(text),
            )?,
            role: read(written, Setting::Role, || Role::All, |text, _| Role::parse(text))?,
            request_log_days: read(written, Setting::RequestLogDays, || 30, |text, _| parse_days(text))?,
            request_log_mib: read(written, Setting::RequestLogMib, || 1024, |text, _| parse_mib(text))?,
            request_log_bodies: read(written, Setting::RequestLogBodies, || true, |text, _| parse_switch(text))?,
            request_log_mask: read(written, Setting::RequestLogMask, Vec::new, |text, _| parse_attributes(text))?,
            webhook_addresses: read(
                written,
                Setting::WebhookAddresses,
                || WebhookAddresses::Public,
                |text, _| WebhookAddresses::parse(text),
            )?,
            data_dir,
            config_file,
        })
    }

    /// What is right alone and wrong together.
    fn check_together(&self) -> Result<(), ConfigError> {
        let half = |given: &Source, missing: Setting| ConfigError::Contradiction {
            problem: format!("TLS needs a certificate and its key; give {} too", missing.key()),
            at: format!("one comes from {given}"),
        };
        match (&self.tls_cert.value, &self.tls_key.value) {
            (Some(_), None) => return Err(half(&self.tls_cert.source, Setting::TlsKey)),
            (None, Some(_)) => return Err(half(&self.tls_key.source, Setting::TlsCert)),
            _ => {}
        }
        if let PublicUrl::Given(url) = &self.public_url.value
            && url.starts_with("http://")
            && self.tls().is_some()
        {
            return Err(ConfigError::Contradiction {
                problem: "public_url says http:// while tls_cert makes the server speak TLS; write https://".to_owned(),
                at: format!("public_url comes from {}, tls_cert from {}", self.public_url.source, self.tls_cert.source),
            });
        }
        Ok(())
    }

    /// The TLS files, when the server is to speak TLS itself.
    pub fn tls(&self) -> Option<TlsFiles> {
        let (certificate, key) = (self.tls_cert.value.clone()?, self.tls_key.value.clone()?);
        Some(TlsFiles { certificate, key })
    }

    /// Every setting with its value and source, in the order of the table.
    pub fn facts(&self) -> Vec<Fact> {
        let path = |path: &PathBuf| path.display().to_string();
        let public_url = self.public_url.value.resolve(self.listen.value, self.tls().is_some());
        let proxies = self.trusted_proxy.value.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let masked = self.request_log_mask.value.join(",");
        let fact = |setting, value, source: &Source| Fact { setting, value, source: source.clone() };
        vec![
            fact(Setting::DataDir, Some(path(&self.data_dir.value)), &self.data_dir.source),
            fact(Setting::Listen, Some(self.listen.value.to_string()), &self.listen.source),
            fact(Setting::PublicUrl, Some(public_url), &self.public_url.source),
            fact(Setting::TlsCert, self.tls_cert.value.as_ref().map(path), &self.tls_cert.source),
            fact(Setting::TlsKey, self.tls_key.value.as_ref().map(path), &self.tls_key.source),
            fact(Setting::TrustedProxy, (!proxies.is_empty()).then_some(proxies), &self.trusted_proxy.source),
            fact(Setting::DatabaseUrl, Some(self.database.value.display()), &self.database.source),
            fact(Setting::Log, Some(self.log.value.clone()), &self.log.source),
            fact(Setting::LogFormat, Some(self.log_format.value.to_string()), &self.log_format.source),
            fact(Setting::MaxBodyBytes, Some(self.max_body_bytes.value.to_string()), &self.max_body_bytes.source),
            fact(
                Setting::RequestTimeout,
                Some(print_duration(self.request_timeout.value)),
                &self.request_timeout.source,
            ),
            fact(Setting::DrainTimeout, Some(print_duration(self.drain_timeout.value)), &self.drain_timeout.source),
            fact(Setting::Role, Some(self.role.value.to_string()), &self.role.source),
            fact(Setting::RequestLogDays, Some(self.request_log_days.value.to_string()), &self.request_log_days.source),
            fact(Setting::RequestLogMib, Some(self.request_log_mib.value.to_string()), &self.request_log_mib.source),
            fact(
                Setting::RequestLogBodies,
                Some(print_switch(self.request_log_bodies.value).to_owned()),
                &self.request_log_bodies.source,
            ),
            fact(Setting::RequestLogMask, (!masked.is_empty()).then_some(masked), &self.request_log_mask.source),
            fact(
                Setting::WebhookAddresses,
                Some(self.webhook_addresses.value.to_string()),
                &self.webhook_addresses.source,
            ),
        ]
    }
}

fn read<T>(
    written: &BTreeMap<Setting, Raw>,
    setting: Setting,
    default: impl FnOnce() -> T,
    parse: impl FnOnce(&str, &Path) -> Result<T, String>,
) -> Result<Sourced<T>, ConfigError> {
    let Some(raw) = written.get(&setting) else { return Ok(Sourced { value: default(), source: Source::Default }) };
    let wrong = |problem| ConfigError::WrongValue { name: setting.key(), at: raw.source.clone(), problem };
    let text = match &raw.value {
        RawValue::Text(text) => text.clone(),
        RawValue::List(texts) if setting.takes_list() => texts.join(","),
        RawValue::List(_) => return Err(wrong("it takes one value, not a list".to_owned())),
    };
    if text.is_empty() && !setting.takes_list() {
        return Err(wrong("it is empty; leave it out to have the default".to_owned()));
    }
    let value = parse(&text, &raw.folder).map_err(wrong)?;
    Ok(Sourced { value, source: raw.source.clone() })
}

#[cfg(test)]
mod tests;
