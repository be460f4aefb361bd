//! The data folder: there, writable, private, with room.

use std::path::Path;

use muster_config::Settings;

use super::check::Check;

const NAME: &str = "data folder";
/// Below this, SQLite may soon fail to commit.
#[cfg(unix)]
const LEAST_FREE_BYTES: u64 = 100 << 20;

pub(super) fn check(settings: &Settings) -> Check {
    let folder = &settings.data_dir.value;
    let shown = folder.display();
    match std::fs::metadata(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Check::wrong(
            NAME,
            format!(
                "{shown} does not exist; name the right one with --data-dir, or let the first `muster serve` make it"
            ),
        ),
        Err(error) => Check::wrong(NAME, format!("{shown} cannot be looked at: {error}")),
        Ok(found) if !found.is_dir() => Check::wrong(NAME, format!("{shown} is not a folder")),
        Ok(found) => look_inside(folder, &found),
    }
}

#[cfg(unix)]
fn look_inside(folder: &Path, found: &std::fs::Metadata) -> Check {
    use std::os::unix::fs::PermissionsExt;

    use rustix::fs::{Access, access, statvfs};

    let shown = folder.display();
    if access(folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return Check::wrong(
            NAME,
            format!("this user cannot write in {shown}; run Muster as its owner, or give it away"),
        );
    }
    let mode = found.permissions().mode();
    if mode & 0o007 != 0 {
        return Check::wrong(NAME, format!("everybody on this machine may enter {shown}; run: chmod 700 {shown}"));
    }
    let room = match statvfs(folder) {
        Ok(volume) => {
            let free = volume.f_bavail.saturating_mul(volume.f_frsize);
            if free < LEAST_FREE_BYTES {
                return Check::wrong(NAME, format!("the disk of {shown} is nearly full: {} MiB free", free >> 20));
            }
            format!(", {} MiB free", free >> 20)
        }
        Err(_) => String::new(),
    };
    let group = if mode & 0o070 == 0 { "" } else { "; its group may enter it too, make sure that this is meant" };
    Check::ok(NAME, format!("{shown} is there and writable{room}{group}"))
}

#[cfg(not(unix))]
fn look_inside(folder: &Path, found: &std::fs::Metadata) -> Check {
    let shown = folder.display();
    if found.permissions().readonly() {
        return Check::wrong(NAME, format!("{shown} is read-only"));
    }
    Check::ok(NAME, format!("{shown} is there"))
}
