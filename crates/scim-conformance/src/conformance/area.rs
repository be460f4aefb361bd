//! What a check is about; also the words of `--only`.

use std::fmt;

use serde::Serialize;

macro_rules! areas {
    ($($variant:ident => $tag:literal, $title:literal;)*) => {
        /// What a check is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Area {
            $(#[doc = $title] $variant,)*
        }

        impl Area {
            /// All of them, in the order in which they are checked.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word that selects it.
            pub const fn tag(self) -> &'static str {
                match self { $(Self::$variant => $tag,)* }
            }

            /// Its heading in a report.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

areas! {
    Discovery => "discovery", "Discovery";
    Lifecycle => "lifecycle", "Create, read, replace, delete";
    Attributes => "attributes", "Attributes and their characteristics";
    Patch => "patch", "PATCH";
    Groups => "groups", "Groups and membership";
    Filter => "filter", "Filters";
    Paging => "paging", "Paging";
    Sorting => "sorting", "Sorting";
    Projection => "projection", "Attributes in responses";
    Etag => "etag", "Versions (ETag)";
    Bulk => "bulk", "Bulk";
    Errors => "errors", "Errors and refusals";
    Dialect => "dialect", "How identity providers speak";
    Cleanup => "cleanup", "Cleaning up";
}

impl fmt::Display for Area {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.tag())
    }
}
