//! Adding, replacing and removing. Each change is checked as a whole set before it is stored, and stored only if nothing
//! that resources use goes with it.

use muster_model::{SchemaEntry, SchemaEntryKey, SchemaEntryKind, Tenant};
use muster_store::{SchemaChange, SchemaChangeError, SchemaUse, Scope};
use scim::schema::{Addition, SchemaExtension, SchemaSet};

use super::difference::uses_that_end;
use super::entries::{self, entry_of, entry_of_pack, name_of_extension};
use super::overview::{Origin, assembled, origin};
use super::pack::{PACKS, Pack};
use crate::{App, AppError, OperatorAccess, tenants};

/// How often a change is derived anew after somebody else's.
const TRIES: usize = 8;

/// What shall be added.
pub struct NewSchemas {
    pub additions: Vec<Addition>,
    /// The added schemas become extensions of that resource type.
    pub extends: Option<SchemaExtensionOf>,
    /// Documents may take the place of those that are there.
    pub replaces: bool,
}

pub struct SchemaExtensionOf {
    pub resource_type: String,
    pub required: bool,
}

impl NewSchemas {
    /// Everything that is added, extensions included.
    fn all(&self) -> Vec<Addition> {
        let mut all = self.additions.clone();
        if let Some(SchemaExtensionOf { resource_type, required }) = &self.extends {
            all.extend(self.additions.iter().filter_map(|addition| match addition {
                Addition::Schema(schema) => Some(Addition::Extension {
                    resource_type: resource_type.clone(),
                    extension: SchemaExtension { schema: schema.id.clone(), required: *required },
                }),
                _ => None,
            }));
        }
        all
    }
}

/// Adds documents to a tenant; gives back what is new or different, in words.
pub async fn add(
    app: &App,
    _access: &OperatorAccess,
    tenant: Option<&str>,
    new: &NewSchemas,
) -> Result<Vec<String>, AppError> {
    apply(app, tenant, |present| {
        let mut put = Vec::new();
        for addition in new.all() {
            let mut entry = entry_of(&spelt_as_known(&addition, present), app.now())?;
            let earlier = find(present, entry.key.kind, &entry.key.name);
            match earlier {
                Some(earlier) if earlier.document == entry.document => continue,
                Some(_) if !new.replaces => {
                    return Err(AppError::InvalidInput(format!(
                        "{} is there already and says something else; give --replace to put this one in its place",
                        addition.words()
                    )));
                }
                // One entry, however its name is spelt.
                Some(earlier) => entry.key = earlier.key.clone(),
                None => {}
            }
            put.push((entry, addition.words()));
        }
        let (put, words) = put.into_iter().unzip();
        Ok(Wanted { put, remove: Vec::new(), words })
    })
    .await
}

/// Whether documents could be added to a tenant; `None`: to one that has only the built-in schemas.
pub fn check(new: &NewSchemas) -> Result<Vec<String>, AppError> {
    let all = new.all();
    SchemaSet::with(&all).map_err(|problem| AppError::InvalidInput(problem.to_string()))?;
    Ok(all.iter().map(Addition::words).collect())
}

/// Removes a schema or a resource type that the tenant added, with its attachments. With `from`, only takes the extension
/// from that type. Refused while resources use it.
pub async fn remove(
    app: &App,
    _access: &OperatorAccess,
    tenant: Option<&str>,
    name: &str,
    from: Option<&str>,
) -> Result<Vec<String>, AppError> {
    apply(app, tenant, |present| {
        let is_wanted = |entry: &&SchemaEntry| match (entry.key.kind, from) {
            (SchemaEntryKind::Extension, Some(from)) => {
                entry.key.name.eq_ignore_ascii_case(&name_of_extension(from, name))
            }
            (SchemaEntryKind::Extension, None) => {
                let parts = entry.key.name.split_once(' ');
                parts.is_some_and(|(of, urn)| of.eq_ignore_ascii_case(name) || urn.eq_ignore_ascii_case(name))
            }
            (SchemaEntryKind::Schema | SchemaEntryKind::ResourceType, None) => {
                entry.key.name.eq_ignore_ascii_case(name)
            }
            _ => false,
        };
        let remove: Vec<SchemaEntryKey> = present.iter().filter(is_wanted).map(|entry| entry.key.clone()).collect();
        if remove.is_empty() {
            return Err(nothing_to_remove(present, name, from));
        }
        let words = remove.iter().map(|key| format!("{} {}", key.kind.as_str().replace('_', " "), key.name)).collect();
        Ok(Wanted { put: Vec::new(), remove, words })
    })
    .await
}

/// Enables a pack; nothing happens when it is enabled already.
pub async fn enable(
    app: &App,
    _access: &OperatorAccess,
    tenant: Option<&str>,
    pack: &str,
) -> Result<Vec<String>, AppError> {
    let pack = find_pack(pack)?;
    apply(app, tenant, |present| {
        let is_there = find(present, SchemaEntryKind::Pack, pack.name).is_some();
        let put = if is_there { Vec::new() } else { vec![entry_of_pack(pack, app.now())] };
        let words = put.iter().map(|_| pack_words(pack)).collect();
        Ok(Wanted { put, remove: Vec::new(), words })
    })
    .await
}

/// Disables a pack; refused while resources use what it brought.
pub async fn disable(
    app: &App,
    _access: &OperatorAccess,
    tenant: Option<&str>,
    pack: &str,
) -> Result<Vec<String>, AppError> {
    let pack = find_pack(pack)?;
    apply(app, tenant, |present| {
        let remove: Vec<_> =
            find(present, SchemaEntryKind::Pack, pack.name).map(|entry| entry.key.clone()).into_iter().collect();
        let words = remove.iter().map(|_| pack_words(pack)).collect();
        Ok(Wanted { put: Vec::new(), remove, words })
    })
    .await
}

struct Wanted {
    put: Vec<SchemaEntry>,
    remove: Vec<SchemaEntryKey>,
    /// What changes.
    words: Vec<String>,
}

async fn apply(
    app: &App,
    tenant: Option<&str>,
    derive: impl Fn(&[SchemaEntry]) -> Result<Wanted, AppError>,
) -> Result<Vec<String>, AppError> {
    let tenant = tenants::find_by_name(app, tenant.unwrap_or(Tenant::DEFAULT_NAME)).await?;
    let directory = app.store.directory(tenant.id, Scope::Tenant);
    for _ in 0..TRIES {
        let present = directory.list_schema_entries().await?;
        let Wanted { put, remove, words } = derive(&present.entries)?;
        if put.is_empty() && remove.is_empty() {
            return Ok(words);
        }
        let old = assembled(&present.entries)?;
        let new = after(&present.entries, &put, &remove)?;
        let change =
            SchemaChange { expected: present.revision, remove, put, must_be_unused: uses_that_end(&old, &new) };
        match directory.change_schemas(change).await {
            Ok(_) => return Ok(words),
            Err(SchemaChangeError::RevisionMismatch) => {}
            Err(SchemaChangeError::InUse { used, count }) => return Err(in_use(&used, count)),
            Err(SchemaChangeError::TenantNotFound) => return Err(AppError::TenantNotFound(tenant.name)),
            Err(SchemaChangeError::Store(error)) => return Err(AppError::Store(error)),
        }
    }
    Err(AppError::Contended)
}

/// The set as it would be.
fn after(present: &[SchemaEntry], put: &[SchemaEntry], remove: &[SchemaEntryKey]) -> Result<SchemaSet, AppError> {
    let goes = |entry: &&SchemaEntry| !remove.contains(&entry.key) && !put.iter().any(|new| new.key == entry.key);
    let entries: Vec<SchemaEntry> = present.iter().filter(goes).chain(put).cloned().collect();
    entries::assembled(&entries).map_err(|problem| {
        AppError::InvalidInput(if remove.is_empty() {
            problem.to_string()
        } else {
            format!("it is still needed: {problem}")
        })
    })
}

/// An extension is named by its type and its schema, each as it is spelt where it is defined.
fn spelt_as_known(addition: &Addition, present: &[SchemaEntry]) -> Addition {
    let Addition::Extension { resource_type, extension } = addition else { return addition.clone() };
    let known = assembled(present).unwrap_or_else(|_| SchemaSet::builtin());
    let resource_type = match known.resource_schema(resource_type) {
        Some(found) => found.resource_type().name.clone(),
        None => resource_type.clone(),
    };
    let schema = known.schema(&extension.schema).map_or_else(|| extension.schema.clone(), |found| found.id.clone());
    Addition::Extension { resource_type, extension: SchemaExtension { schema, required: extension.required } }
}

fn find<'a>(entries: &'a [SchemaEntry], kind: SchemaEntryKind, name: &str) -> Option<&'a SchemaEntry> {
    entries.iter().find(|entry| entry.key.kind == kind && entry.key.name.eq_ignore_ascii_case(name))
}

fn find_pack(name: &str) -> Result<&'static Pack, AppError> {
    Pack::find(name).ok_or_else(|| {
        let names: Vec<&str> = PACKS.iter().map(|pack| pack.name).collect();
        AppError::InvalidInput(format!("there is no pack {name}; there are {}", names.join(", ")))
    })
}

fn pack_words(pack: &Pack) -> String {
    format!("pack {}", pack.name)
}

fn nothing_to_remove(present: &[SchemaEntry], name: &str, from: Option<&str>) -> AppError {
    if let Some(from) = from {
        return AppError::InvalidInput(format!(
            "no document of its own makes {name} an extension of {from}; `muster schema list` shows what does"
        ));
    }
    let kinds = [SchemaEntryKind::Schema, SchemaEntryKind::ResourceType];
    let known = assembled(present).unwrap_or_else(|_| SchemaSet::builtin());
    let is_known = known.schema(name).is_some() || known.resource_schema(name).is_some();
    let from_pack = kinds.into_iter().find_map(|kind| match origin(present, kind, name) {
        Origin::Pack(pack) => Some(pack),
        Origin::BuiltIn | Origin::Own => None,
    });
    AppError::InvalidInput(match from_pack {
        Some(pack) => format!("{name} belongs to the pack {pack}; `muster schema disable {pack}` removes all of it"),
        None if is_known => format!("{name} is built in and cannot be removed"),
        None => format!("there is no schema or resource type {name}; `muster schema list` shows them"),
    })
}

fn in_use(used: &SchemaUse, count: u64) -> AppError {
    AppError::InvalidInput(match used {
        SchemaUse::Type(resource_type) => format!(
            "there are {count} resources of type {resource_type}, which would not be lawful any more; delete them first"
        ),
        SchemaUse::Extension { resource_type, urn } => format!(
            "{count} resources of type {resource_type} have something in {urn}, which would not be lawful any more; \
             remove that from them first"
        ),
    })
}
