//! What a database holds, for people.

use std::fmt::Write as _;

use muster_store_sqlite::Contents;

pub(in crate::commands) fn contents(contents: &Contents, schema_version: Option<i64>) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "holds          {} tenants, {} connections", contents.tenants, contents.connections);
    for (resource_type, count) in &contents.resources {
        let _ = writeln!(text, "               {count} resources of type {resource_type}");
    }
    let _ = writeln!(text, "               {} memberships", contents.memberships);
    if let Some(version) = schema_version {
        let _ = writeln!(text, "schema         version {version}");
    }
    text
}

pub(in crate::commands) fn size(bytes: u64) -> String {
    const STEP: u64 = 1024;
    match bytes {
        0..STEP => format!("{bytes} bytes"),
        STEP..1_048_576 => format!("{} KiB", bytes / STEP),
        _ => format!("{} MiB", bytes / (STEP * STEP)),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_are_short() {
        let sizes = [7, 2048, 5 << 20, 3 << 30].map(super::size);
        assert_eq!(sizes, ["7 bytes", "2 KiB", "5 MiB", "3072 MiB"]);
    }
}
