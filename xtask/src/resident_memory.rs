//! How much memory a process holds, as the kernel tells.

use std::fs;

use crate::failure::{Explain, Outcome};

/// The resident size in bytes, pages of files that it has mapped included.
pub(crate) fn of(process: u32) -> Outcome<u64> {
    let place = format!("/proc/{process}/status");
    let told = fs::read_to_string(&place).explain(|| format!("could not read {place}"))?;
    in_status(&told).explain(|| format!("{place} says nothing of VmRSS"))
}

/// proc(5): `VmRSS:     12345 kB`.
fn in_status(told: &str) -> Option<u64> {
    let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_found_and_is_in_kibibytes() {
        assert_eq!(in_status("VmPeak:\t 9 kB\nVmRSS:\t   18 kB\nRssAnon: 1 kB\n"), Some(18 * 1024));
        assert_eq!(in_status("VmPeak: 9 kB\n"), None);
        assert!(of(std::process::id()).unwrap() > 1_000_000);
    }
}
