//! "Did you mean": the known name that is nearest to what a person wrote.

/// The nearest of the known names, when it is near enough to be what was meant.
pub(super) fn nearest(written: &str, known: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let plain = |name: &str| name.to_lowercase().replace('-', "_");
    let written = plain(written);
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&written, &plain(name)), name))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}
