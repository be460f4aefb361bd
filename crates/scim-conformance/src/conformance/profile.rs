//! From whose point of view a server is judged.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! profiles {
    ($($variant:ident => $name:literal;)*) => {
        /// From whose point of view a server is judged.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Profile {
            $(#[doc = $name] #[serde(rename = $name)] $variant,)*
        }

        impl Profile {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name by which it is chosen.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

profiles! {
    Generic => "generic";
    Strict => "strict";
    Okta => "okta";
    Okta11 => "okta-1.1";
    Entra => "entra";
    EntraFlag => "entra-flag";
    OneLogin => "onelogin";
    JumpCloud => "jumpcloud";
    Ping => "ping";
    CyberArk => "cyberark";
    SailPoint => "sailpoint";
    Google => "google";
    Rippling => "rippling";
    Oracle => "oracle";
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.iter().find(|profile| profile.name() == text);
        known.copied().ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|profile| profile.name()).collect();
            format!("there is no such profile; choose one of {}", names.join(", "))
        })
    }
}
