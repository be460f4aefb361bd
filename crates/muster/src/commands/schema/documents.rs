//! Documents from files.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use muster_app::schemas::{NewSchemas, SchemaExtensionOf};
use scim::schema::Addition;
use serde_json::Value;

use crate::failure::Failure;

/// Larger files are not read: a tenant's schemas are far smaller together.
const LARGEST_FILE: u64 = 8 * 1024 * 1024;

#[derive(Args, Debug)]
pub(super) struct DocumentFlags {
    /// Files with schema and resource type documents as RFC 7643 sections 6 and 7 define them: one document, an array of
    /// them, or what another server answers at /Schemas and /ResourceTypes.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Make each schema of the files an extension of that resource type: User, Group or another one.
    #[arg(long, value_name = "TYPE")]
    extends: Option<String>,
    /// With --extends: resources of the type must have it.
    #[arg(long, requires = "extends")]
    required: bool,
}

impl DocumentFlags {
    pub(super) fn read(self, replaces: bool) -> Result<NewSchemas, Failure> {
        let mut additions = Vec::new();
        for file in &self.files {
            let read = Addition::read(&read_json(file)?);
            additions.extend(read.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?);
        }
        let required = self.required;
        let extends = self.extends.map(|resource_type| SchemaExtensionOf { resource_type, required });
        Ok(NewSchemas { additions, extends, replaces })
    }
}

fn read_json(file: &Path) -> Result<Value, Failure> {
    let shown = file.display();
    let unreadable = |error| Failure::usage(format!("{shown} cannot be read")).because(error);
    let mut text = Vec::new();
    let opened = fs::File::open(file).map_err(unreadable)?;
    opened.take(LARGEST_FILE.saturating_add(1)).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(Failure::usage(format!("{shown} has more than {LARGEST_FILE} bytes; split it")));
    }
    serde_json::from_slice(&text).map_err(|error| Failure::usage(format!("{shown} is not valid JSON")).because(error))
}
