//! One finding.

pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) is_ok: bool,
    /// In plain words; when something is wrong, with what to do.
    pub(crate) message: String,
}

impl Check {
    pub(crate) fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, is_ok: true, message: message.into() }
    }

    pub(crate) fn wrong(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, is_ok: false, message: message.into() }
    }
}
