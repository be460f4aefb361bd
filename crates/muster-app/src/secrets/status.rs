//! What the vault keeps, and whether it all opens. Tells ids and numbers, never a value.

use jiff::Timestamp;
use muster_model::{DataKeyId, SecretId, SecretKind, SecretOwner, TenantId};
use muster_vault::KeyId;

use super::{VaultError, kept};
use crate::{App, OperatorAccess};

/// As many problems are told one by one; beyond that their number says enough.
const MOST_TOLD: usize = 20;
/// Secrets that are read at once.
const PAGE: u64 = 100;

#[derive(Debug)]
pub struct VaultStatus {
    /// The vault key of this process.
    pub key: Result<KeyId, VaultError>,
    /// In the order of their numbers; the last one seals.
    pub data_keys: Vec<DataKeyStatus>,
    pub secrets: SecretsStatus,
}

#[derive(Debug)]
pub struct DataKeyStatus {
    pub id: DataKeyId,
    pub number: u64,
    /// The id of the vault key that wraps it.
    pub vault_key: String,
    pub created: Timestamp,
    /// Why it cannot be used.
    pub problem: Option<VaultError>,
}

#[derive(Debug, Default)]
pub struct SecretsStatus {
    pub kept: u64,
    /// How many of them open.
    pub opened: u64,
    /// The first of those that do not.
    pub problems: Vec<SecretProblem>,
}

#[derive(Debug)]
pub struct SecretProblem {
    pub id: SecretId,
    pub tenant: TenantId,
    pub kind: SecretKind,
    pub field: String,
    pub problem: VaultError,
}

impl VaultStatus {
    /// Whether everything that is kept can be used.
    pub fn is_well(&self) -> bool {
        self.key.is_ok()
            && self.data_keys.iter().all(|key| key.problem.is_none())
            && self.secrets.opened == self.secrets.kept
    }
}

/// Opens everything once and closes it again. Fails only where the database does.
pub async fn status(app: &App, _access: &OperatorAccess) -> Result<VaultStatus, VaultError> {
    let mut data_keys = Vec::new();
    for row in app.store.list_data_keys().await? {
        let problem = problem_of(app.vault.unwrapped(app, &row).await)?;
        let (id, number, vault_key, created) = (row.id, row.number, row.vault_key, row.created);
        data_keys.push(DataKeyStatus { id, number, vault_key, created, problem });
    }
    let mut secrets = SecretsStatus::default();
    let tenants = app.store.list_tenants().await?;
    for tenant in tenants.into_iter().map(|tenant| tenant.id).chain([SecretOwner::INSTALLATION]) {
        try_each(app, tenant, &mut secrets).await?;
    }
    Ok(VaultStatus { key: key(app).await?, data_keys, secrets })
}

/// The vault key, if it is the one that the installation's first start has noted.
async fn key(app: &App) -> Result<Result<KeyId, VaultError>, VaultError> {
    let key = match app.vault.key() {
        Ok(key) => key,
        Err(error) => return Ok(Err(error)),
    };
    match kept::expect_same_key(app, key).await {
        Err(VaultError::Store(error)) => Err(error.into()),
        Err(error) => Ok(Err(error)),
        Ok(()) => Ok(Ok(key.id().clone())),
    }
}

async fn try_each(app: &App, tenant: TenantId, status: &mut SecretsStatus) -> Result<(), VaultError> {
    let mut after = None;
    loop {
        let page = app.store.list_secrets(tenant, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for secret in page {
            status.kept += 1;
            match problem_of(app.vault.open(app, &secret).await)? {
                None => status.opened += 1,
                Some(problem) if status.problems.len() < MOST_TOLD => {
                    let (id, kind, field) = (secret.id, secret.place.owner.kind, secret.place.field);
                    status.problems.push(SecretProblem { id, tenant, kind, field, problem });
                }
                Some(_) => {}
            }
        }
    }
}

/// A database that does not answer is no finding about what it keeps.
fn problem_of<T>(tried: Result<T, VaultError>) -> Result<Option<VaultError>, VaultError> {
    match tried {
        Ok(_) => Ok(None),
        Err(VaultError::Store(error)) => Err(error.into()),
        Err(problem) => Ok(Some(problem)),
    }
}
