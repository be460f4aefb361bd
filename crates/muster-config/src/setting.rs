//! The table of settings: every name a person can write, in one place.

/// One setting of `muster serve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    DataDir,
    Listen,
    PublicUrl,
    TlsCert,
    TlsKey,
    TrustedProxy,
    DatabaseUrl,
    Log,
    LogFormat,
    MaxBodyBytes,
    RequestTimeout,
    DrainTimeout,
    Role,
    RequestLogDays,
    RequestLogMib,
    RequestLogBodies,
    RequestLogMask,
    WebhookAddresses,
}

impl Setting {
    pub const ALL: [Self; 18] = [
        Self::DataDir,
        Self::Listen,
        Self::PublicUrl,
        Self::TlsCert,
        Self::TlsKey,
        Self::TrustedProxy,
        Self::DatabaseUrl,
        Self::Log,
        Self::LogFormat,
        Self::MaxBodyBytes,
        Self::RequestTimeout,
        Self::DrainTimeout,
        Self::Role,
        Self::RequestLogDays,
        Self::RequestLogMib,
        Self::RequestLogBodies,
        Self::RequestLogMask,
        Self::WebhookAddresses,
    ];

    /// The key in the configuration file.
    pub const fn key(self) -> &'static str {
        match self {
            Self::DataDir => "data_dir",
            Self::Listen => "listen",
            Self::PublicUrl => "public_url",
            Self::TlsCert => "tls_cert",
            Self::TlsKey => "tls_key",
            Self::TrustedProxy => "trusted_proxy",
            Self::DatabaseUrl => "database_url",
            Self::Log => "log",
            Self::LogFormat => "log_format",
            Self::MaxBodyBytes => "max_body_bytes",
            Self::RequestTimeout => "request_timeout",
            Self::DrainTimeout => "drain_timeout",
            Self::Role => "role",
            Self::RequestLogDays => "request_log_days",
            Self::RequestLogMib => "request_log_mib",
            Self::RequestLogBodies => "request_log_bodies",
            Self::RequestLogMask => "request_log_mask",
            Self::WebhookAddresses => "webhook_addresses",
        }
    }

    /// The environment variable.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::DataDir => "MUSTER_DATA_DIR",
            Self::Listen => "MUSTER_LISTEN",
            Self::PublicUrl => "MUSTER_PUBLIC_URL",
            Self::TlsCert => "MUSTER_TLS_CERT",
            Self::TlsKey => "MUSTER_TLS_KEY",
            Self::TrustedProxy => "MUSTER_TRUSTED_PROXY",
            Self::DatabaseUrl => "MUSTER_DATABASE_URL",
            Self::Log => "MUSTER_LOG",
            Self::LogFormat => "MUSTER_LOG_FORMAT",
            Self::MaxBodyBytes => "MUSTER_MAX_BODY_BYTES",
            Self::RequestTimeout => "MUSTER_REQUEST_TIMEOUT",
            Self::DrainTimeout => "MUSTER_DRAIN_TIMEOUT",
            Self::Role => "MUSTER_ROLE",
            Self::RequestLogDays => "MUSTER_REQUEST_LOG_DAYS",
            Self::RequestLogMib => "MUSTER_REQUEST_LOG_MIB",
            Self::RequestLogBodies => "MUSTER_REQUEST_LOG_BODIES",
            Self::RequestLogMask => "MUSTER_REQUEST_LOG_MASK",
            Self::WebhookAddresses => "MUSTER_WEBHOOK_ADDRESSES",
        }
    }

    /// The command-line flag.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::DataDir => "--data-dir",
            Self::Listen => "--listen",
            Self::PublicUrl => "--public-url",
            Self::TlsCert => "--tls-cert",
            Self::TlsKey => "--tls-key",
            Self::TrustedProxy => "--trusted-proxy",
            Self::DatabaseUrl => "--database-url",
            Self::Log => "--log",
            Self::LogFormat => "--log-format",
            Self::MaxBodyBytes => "--max-body-bytes",
            Self::RequestTimeout => "--request-timeout",
            Self::DrainTimeout => "--drain-timeout",
            Self::Role => "--role",
            Self::RequestLogDays => "--request-log-days",
            Self::RequestLogMib => "--request-log-mib",
            Self::RequestLogBodies => "--request-log-bodies",
            Self::RequestLogMask => "--request-log-mask",
            Self::WebhookAddresses => "--webhook-addresses",
        }
    }

    /// Whether it has several values: a list in the file, and commas between them elsewhere.
    pub const fn takes_list(self) -> bool {
        matches!(self, Self::TrustedProxy | Self::RequestLogMask)
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.key() == key)
    }

    pub fn from_variable(variable: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.variable() == variable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_names_of_a_setting_are_spellings_of_one_another() {
        for setting in Setting::ALL {
            assert_eq!(setting.variable(), format!("MUSTER_{}", setting.key().to_uppercase()));
            assert_eq!(setting.flag(), format!("--{}", setting.key().replace('_', "-")));
            assert_eq!(Setting::from_key(setting.key()), Some(setting));
            assert_eq!(Setting::from_variable(setting.variable()), Some(setting));
        }
    }
}
