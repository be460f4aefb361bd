//! The keys that messages are signed with: 32 random bytes each, kept among the secrets of their endpoint.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use muster_model::{
    Rng, SecretKind, SecretOwner, SecretPlace, SigningKey, TenantId, WebhookEndpoint, WebhookEndpointId,
};
use uuid::Uuid;

use super::endpoints::{EndpointOf, find};
use crate::operator::{Grants, may};
use crate::secrets::{self, SecretUse, SecretValue};
use crate::system_log::Deed;
use crate::{App, AppError};

/// Standard Webhooks 1.0.0, "Signature scheme": between 24 and 64.
const LENGTH: usize = 32;
/// How long an old key signs beside a new one unless the rotation is completed before.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// A key. Cannot be printed or copied by accident, and is overwritten when it is dropped.
pub struct SigningSecret(Vec<u8>);

impl SigningSecret {
    pub(super) fn new(rng: &dyn Rng) -> Self {
        let mut bytes = vec![0; LENGTH];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Only to sign or to seal.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// As a receiver is given it (Standard Webhooks 1.0.0, "Secret serialization").
    pub fn expose_serialized(&self) -> String {
        format!("whsec_{}", STANDARD.encode(&self.0))
    }
}

impl Drop for SigningSecret {
    fn drop(&mut self) {
        self.0.fill(0);
        std::hint::black_box(&self.0);
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningSecret(…)")
    }
}

/// A key that was just made, which cannot be shown again.
#[derive(Debug)]
pub struct NewSigningKey {
    pub version: u32,
    pub secret: SigningSecret,
    /// Until then the key before it signs, too.
    pub overlap_ends: Option<Timestamp>,
}

/// Makes a key, and keeps it before anything refers to it.
pub(super) async fn make(
    app: &App,
    used: &SecretUse,
    owner: &SecretOwner,
    version: u32,
) -> Result<(SigningSecret, SigningKey), AppError> {
    let secret = SigningSecret::new(app.rng.as_ref());
    // Two rotations at once must not write over each other's key.
    let name = new_name(app.rng.as_ref());
    secrets::put(app, used, &place(owner, name), &SecretValue::new(secret.expose().to_vec())).await?;
    Ok((secret, SigningKey { version, secret: name, created: app.now(), retires: None }))
}

fn new_name(rng: &dyn Rng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

pub(super) fn owner(tenant: TenantId, endpoint: WebhookEndpointId) -> SecretOwner {
    SecretOwner { tenant, kind: SecretKind::WEBHOOK_KEY, id: *endpoint.as_uuid() }
}

fn place(owner: &SecretOwner, name: Uuid) -> SecretPlace {
    owner.field(name.simple().to_string())
}

/// The secrets that sign now, the newest first.
pub(super) async fn open_all(
    app: &App,
    endpoint: &WebhookEndpoint,
    at: Timestamp,
) -> Result<Vec<SigningSecret>, AppError> {
    let (used, owner) = (SecretUse::by_background_work("sign messages"), owner(endpoint.tenant, endpoint.id));
    let mut opened = Vec::new();
    for key in endpoint.keys.iter().rev().filter(|key| key.signs_at(at)) {
        let secret = secrets::open(app, &used, &place(&owner, key.secret)).await?;
        let secret = secret.ok_or_else(|| AppError::Internal("a signing key is not among the secrets".into()))?;
        opened.push(SigningSecret::from_bytes(secret.expose().to_vec()));
    }
    Ok(opened)
}

/// Takes away what signs nothing any more. What is left behind by a fault is found by nobody.
async fn forget(app: &App, used: &SecretUse, owner: &SecretOwner, keys: &[SigningKey]) -> Result<(), AppError> {
    for key in keys {
        secrets::forget(app, used, &place(owner, key.secret)).await?;
    }
    Ok(())
}

/// Makes a new key. Messages are signed with both, so that the receiver may change his at any moment of the overlap, which
/// lasts a day or until [`complete_rotation`].
pub async fn start_rotation(
    app: &App,
    access: &impl Grants<may::ChangeWebhooks>,
    of: &EndpointOf,
) -> Result<NewSigningKey, AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    let now = app.now();
    let (mut left, retired): (Vec<SigningKey>, Vec<_>) =
        endpoint.keys.iter().cloned().partition(|key| key.signs_at(now));
    let newest = endpoint.keys.last().map_or(0, |key| key.version);
    if left.len() > 1 {
        return Err(AppError::KeyRotationUnderWay);
    }
    let version = newest.saturating_add(1);
    let used = SecretUse::granted(access, "rotate a webhook's key");
    let owner = owner(endpoint.tenant, endpoint.id);
    let (secret, new) = make(app, &used, &owner, version).await?;
    let ends = now.saturating_add(OVERLAP).unwrap_or(now);
    for old in &mut left {
        old.retires = Some(ends);
    }
    let overlap_ends = (!left.is_empty()).then_some(ends);
    left.push(new.clone());
    if !replace(app, access, "webhook.key_rotation_started", &endpoint, newest, &left).await? {
        forget(app, &used, &owner, &[new]).await?;
        // Somebody else changed the keys at the same moment.
        return Err(AppError::Contended);
    }
    forget(app, &used, &owner, &retired).await?;
    Ok(NewSigningKey { version, secret, overlap_ends })
}

/// Ends the overlap: only the newest key signs from now on, and the others are gone.
pub async fn complete_rotation(
    app: &App,
    access: &impl Grants<may::ChangeWebhooks>,
    of: &EndpointOf,
) -> Result<(), AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    let Some((newest, older)) = endpoint.keys.split_last().filter(|(_, older)| !older.is_empty()) else {
        return Err(AppError::NoRotation);
    };
    let only = SigningKey { retires: None, ..newest.clone() };
    if !replace(app, access, "webhook.key_rotation_completed", &endpoint, newest.version, &[only]).await? {
        // Somebody else changed the keys at the same moment.
        return Err(AppError::Contended);
    }
    let used = SecretUse::granted(access, "complete the rotation of a webhook's key");
    forget(app, &used, &owner(endpoint.tenant, endpoint.id), older).await
}

/// `false`: the newest key is another one by now.
async fn replace(
    app: &App,
    access: &impl Grants<may::ChangeWebhooks>,
    action: &'static str,
    endpoint: &WebhookEndpoint,
    newest: u32,
    keys: &[SigningKey],
) -> Result<bool, AppError> {
    let deed = Deed::new(action, Some(endpoint.tenant), endpoint.id);
    Ok(app.noting(access, deed).replace_webhook_keys(endpoint.tenant, endpoint.id, newest, keys).await?)
}
