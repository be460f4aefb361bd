//! The clock: tokens expire by it, ids and versions are ordered by it.

use jiff::{SignedDuration, Timestamp};
use muster_config::{Database, Settings};
use muster_model::Clock;
use muster_vault::KEY_FILE_NAME;

use super::check::Check;

const NAME: &str = "clock";
/// 2026-01-01: this program did not exist before.
const BUILD_YEAR_SECONDS: i64 = 1_767_225_600;
/// File systems and clocks of network disks differ by a little.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(1);

pub(super) fn check(settings: &Settings, clock: &dyn Clock) -> Check {
    let now = clock.now();
    if now.as_second() < BUILD_YEAR_SECONDS {
        return Check::wrong(NAME, format!("it says {now}, which is before this program was built; set the clock"));
    }
    let key = settings.data_dir.value.join(KEY_FILE_NAME);
    let database = match &settings.database.value {
        Database::Sqlite(path) => Some(path.clone()),
        Database::Postgresql(_) => None,
    };
    for path in [Some(key), database].into_iter().flatten() {
        let written = std::fs::metadata(&path).and_then(|found| found.modified());
        let Some(written) = written.ok().and_then(|written| Timestamp::try_from(written).ok()) else { continue };
        if written.duration_since(now) > TOLERANCE {
            let shown = path.display();
            return Check::wrong(
                NAME,
                format!(
                    "it says {now}, but {shown} was written later, at {written}; the clock was set back, set it right"
                ),
            );
        }
    }
    Check::ok(NAME, format!("it says {now}"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use muster_config::Inputs;

    use super::*;

    struct Fixed(i64);
    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0).unwrap()
        }
    }

    #[test]
    fn a_clock_before_the_build_or_before_the_files_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::resolve(Inputs {
            flags: Vec::new(),
            config_file: None,
            environment: Vec::<(OsString, OsString)>::new(),
            working_folder: folder.path().to_owned(),
        })
        .unwrap();
        assert!(!check(&settings, &Fixed(0)).is_ok);
        assert!(check(&settings, &Fixed(BUILD_YEAR_SECONDS)).is_ok);
        std::fs::create_dir(&settings.data_dir.value).unwrap();
        std::fs::write(settings.data_dir.value.join(KEY_FILE_NAME), "").unwrap();
        assert!(check(&settings, &crate::system::SystemClock).is_ok);
        let finding = check(&settings, &Fixed(BUILD_YEAR_SECONDS));
        assert!(!finding.is_ok && finding.message.contains("set back"), "{}", finding.message);
    }
}
