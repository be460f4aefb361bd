//! "Did you mean": the known name that is nearest to what a person wrote.

/// The nearest of the known names, when it is near enough to be what was meant.
pub(crate) fn nearest(written: &str, known: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    // Case and the kind of dash are the most frequent slips, so they count for nothing; a prefix that all names share
    // would make every name near.
    let plain = |name: &str| name.trim_start_matches("MUSTER_").to_lowercase().replace('-', "_");
    let written = plain(written);
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&written, &plain(name)), name))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_name_and_a_strange_word_finds_none() {
        let known = ["data_dir", "listen", "tls_cert", "tls_key"];
        assert_eq!(nearest("data-dir", known), Some("data_dir"));
        assert_eq!(nearest("Listen", known), Some("listen"));
        assert_eq!(nearest("lisen", known), Some("listen"));
        assert_eq!(nearest("tls_certificate", known), Some("tls_cert"));
        assert_eq!(nearest("zebra", known), None);
    }
}
