//! The profiles that come with the program, each resolved against what it inherits.

use std::sync::LazyLock;

use muster_model::{KnobValue, Provider};

use super::Profile;
use super::document::{ProfileDocument, ProfileError};
use super::knobs::{Knob, knobs};

/// The documents, in the order in which people see them.
const DOCUMENTS: [(&str, &str); 14] = [
    ("profiles/generic.toml", include_str!("../../profiles/generic.toml")),
    ("profiles/strict.toml", include_str!("../../profiles/strict.toml")),
    ("profiles/okta.toml", include_str!("../../profiles/okta.toml")),
    ("profiles/okta-1.1.toml", include_str!("../../profiles/okta-1.1.toml")),
    ("profiles/entra.toml", include_str!("../../profiles/entra.toml")),
    ("profiles/entra-flag.toml", include_str!("../../profiles/entra-flag.toml")),
    ("profiles/onelogin.toml", include_str!("../../profiles/onelogin.toml")),
    ("profiles/jumpcloud.toml", include_str!("../../profiles/jumpcloud.toml")),
    ("profiles/ping.toml", include_str!("../../profiles/ping.toml")),
    ("profiles/cyberark.toml", include_str!("../../profiles/cyberark.toml")),
    ("profiles/sailpoint.toml", include_str!("../../profiles/sailpoint.toml")),
    ("profiles/google.toml", include_str!("../../profiles/google.toml")),
    ("profiles/rippling.toml", include_str!("../../profiles/rippling.toml")),
    ("profiles/oracle.toml", include_str!("../../profiles/oracle.toml")),
];

/// All profiles by name.
#[derive(Debug)]
pub struct Catalogue {
    profiles: Vec<NamedProfile>,
}

/// One profile with everything that it inherits.
#[derive(Debug)]
pub struct NamedProfile {
    document: ProfileDocument,
    profile: Profile,
    /// For each knob, in the order of [`knobs`]: the name of the profile that sets it.
    sources: Vec<String>,
}

/// The value of one knob, and where it comes from.
#[derive(Clone, Debug)]
pub struct Effective {
    pub knob: &'static Knob,
    pub value: KnobValue,
    /// The profile that sets it: this one, or one that it inherits from.
    pub source: String,
}

/// The documents are part of the program and a test reads every one of them, so a failure here is a broken build.
#[expect(clippy::panic, reason = "the documents are compiled in; a test proves that each of them can be read")]
static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(|| {
    let catalogue = Catalogue::of_documents(DOCUMENTS).and_then(Catalogue::with_every_provider);
    match catalogue {
        Ok(catalogue) => catalogue,
        Err(error) => panic!("a profile in crates/muster-app cannot be used: {error}"),
    }
});

impl Catalogue {
    /// The profiles that come with the program.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// In the order in which people see them.
    pub fn profiles(&self) -> &[NamedProfile] {
        &self.profiles
    }

    pub fn find(&self, name: &str) -> Option<&NamedProfile> {
        self.profiles.iter().find(|profile| profile.document.name == name)
    }

    /// The profile of a provider. There is one for each in [`Self::embedded`].
    pub fn of(&self, provider: Provider) -> Option<&NamedProfile> {
        self.find(provider.as_str())
    }

    /// Reads documents; a document may inherit from an earlier one only, so that there are no circles.
    pub(super) fn of_documents<'a>(
        documents: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ProfileError> {
        let mut catalogue = Self { profiles: Vec::new() };
        for (file, text) in documents {
            let document = ProfileDocument::parse(file, text)?;
            let resolved =
                catalogue.resolve(document).map_err(|problem| ProfileError { file: file.to_owned(), problem })?;
            catalogue.profiles.push(resolved);
        }
        Ok(catalogue)
    }

    fn with_every_provider(self) -> Result<Self, ProfileError> {
        match Provider::ALL.into_iter().find(|provider| self.of(*provider).is_none()) {
            None => Ok(self),
            Some(provider) => {
                Err(ProfileError { file: "profiles".to_owned(), problem: format!("there is none for {provider}") })
            }
        }
    }

    fn resolve(&self, document: ProfileDocument) -> Result<NamedProfile, String> {
        if self.find(&document.name).is_some() {
            return Err(format!("there is a profile named {} already", document.name));
        }
        let (mut profile, mut sources) = match &document.inherits {
            None => (Profile::BLANK, vec![None; knobs().len()]),
            Some(inherited) => {
                let parent = self
                    .find(inherited)
                    .ok_or_else(|| format!("inherits {inherited}, which is not there or comes later"))?;
                (parent.profile, parent.sources.iter().cloned().map(Some).collect())
            }
        };
        for (knob, value) in &document.knobs {
            knob.set(&mut profile, *value).map_err(|problem| problem.to_string())?;
            for (known, source) in knobs().iter().zip(&mut sources) {
                if known.name == knob.name {
                    *source = Some(document.name.clone());
                }
            }
        }
        let mut complete = Vec::with_capacity(sources.len());
        for (knob, source) in knobs().iter().zip(sources) {
            complete.push(source.ok_or_else(|| format!("{} is not set; the root sets every knob", knob.name))?);
        }
        Ok(NamedProfile { document, profile, sources: complete })
    }
}

impl NamedProfile {
    pub fn name(&self) -> &str {
        &self.document.name
    }

    /// Counts up whenever a value changes.
    pub fn version(&self) -> u32 {
        self.document.version
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.document.title
    }

    pub fn description(&self) -> &str {
        &self.document.description
    }

    /// `None`: it is the root.
    pub fn inherits(&self) -> Option<&str> {
        self.document.inherits.as_deref()
    }

    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Every knob with its value and where that comes from.
    pub fn effective(&self) -> impl Iterator<Item = Effective> {
        knobs().iter().zip(&self.sources).map(|(knob, source)| Effective {
            knob,
            value: knob.value(&self.profile),
            source: source.clone(),
        })
    }
}
