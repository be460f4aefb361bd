//! Makes the struct of a profile and the table of its knobs from one list.

use super::knobs::Reach;

/// A knob of the server, which is a field of [`super::Profile`].
#[derive(Debug)]
pub(super) struct ServerKnob {
    pub(super) name: &'static str,
    pub(super) describes: &'static [&'static str],
    pub(super) reach: Reach,
}

macro_rules! server_knobs {
    ($($(#[doc = $doc:literal])+ $kind:ident $name:ident $($least:literal..=$most:literal)? $(of $words:ident)?;)+) => {
        /// The abilities and quirks of one kind of peer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Profile {
            /// What the language itself is lenient about; each switch is a knob too.
            pub leniency: Leniency,
            $($(#[doc = $doc])+ pub $name: server_knobs!(@type $kind $($words)?),)+
        }

        impl Profile {
            /// Where the root of all profiles begins, which must set every knob itself.
            const BLANK: Self =
                Self { leniency: Leniency::STRICT, $($name: server_knobs!(@blank $kind $($words)?),)+ };

            const SERVER_KNOBS: &'static [server_knobs::ServerKnob] = &[$(server_knobs::ServerKnob {
                name: stringify!($name),
                describes: &[$($doc),+],
                reach: server_knobs!(@reach $kind $name $($least $most)? $($words)?),
            },)+];
        }
    };
    (@type switch) => { bool };
    (@type number) => { u32 };
    (@type word $words:ident) => { $words };
    (@blank switch) => { false };
    (@blank number) => { 1 };
    (@blank word $words:ident) => { <$words as Words>::STRICTEST };
    (@reach switch $name:ident) => {
        knobs::Reach::Switch { get: |profile| profile.$name, set: |profile, value| profile.$name = value }
    };
    (@reach number $name:ident $least:literal $most:literal) => {
        knobs::Reach::Number {
            least: $least,
            most: $most,
            get: |profile| profile.$name,
            set: |profile, value| profile.$name = value,
        }
    };
    (@reach word $name:ident $words:ident) => {
        knobs::Reach::Word {
            words: || $words::ALL.iter().map(|(word, _)| *word).collect(),
            get: |profile| profile.$name.word(),
            set: |profile, word| $words::parse(word).map(|value| profile.$name = value).is_some(),
        }
    };
}

pub(super) use server_knobs;
