//! Where webhooks may go.

use std::fmt;

/// Which addresses messages are sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookAddresses {
    /// Public ones, over TLS.
    Public,
    /// Also this machine and private networks, also without TLS.
    Private,
}

impl WebhookAddresses {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "public" => Ok(Self::Public),
            "private" => Ok(Self::Private),
            _ => Err("write public or private".to_owned()),
        }
    }
}

impl fmt::Display for WebhookAddresses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Public => "public",
            Self::Private => "private",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::WebhookAddresses;

    #[test]
    fn it_is_read_as_it_is_shown() {
        for addresses in [WebhookAddresses::Public, WebhookAddresses::Private] {
            assert_eq!(WebhookAddresses::parse(&addresses.to_string()), Ok(addresses));
        }
        assert!(WebhookAddresses::parse("all").unwrap_err().contains("public or private"));
    }
}
