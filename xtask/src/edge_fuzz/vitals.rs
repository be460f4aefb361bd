//! What the operating system says of the server's process.

use crate::failure::{Explain, Outcome};

#[derive(Debug)]
pub(super) struct Vitals {
    pub(super) resident_kib: u64,
    pub(super) files: usize,
}

impl Vitals {
    pub(super) fn of(process: u32) -> Outcome<Self> {
        let folder = std::path::PathBuf::from(format!("/proc/{process}"));
        let status = std::fs::read_to_string(folder.join("status")).explain(|| "the server is gone".to_owned())?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
        let files =
            std::fs::read_dir(folder.join("fd")).explain(|| "the server's files cannot be listed".to_owned())?;
        Ok(Self {
            resident_kib: resident.explain(|| "the server's memory is not told".to_owned())?,
            files: files.count(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_its_memory_and_files() {
        let ours = Vitals::of(std::process::id()).unwrap();
        assert!(ours.resident_kib > 100 && ours.files > 2, "{ours:?}");
        let _file = std::fs::File::open("/proc/self/status").unwrap();
        assert!(Vitals::of(std::process::id()).unwrap().files > ours.files);
    }
}
