//! Tokens of the management API, and who calls with one.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use muster_model::{Actor, ApiToken, ApiTokenId, CredentialDigest, Permissions, Reach, Token, TokenKind};
use serde_json::json;

use crate::operator::{Granted, Grants, Named, Rights, may};
use crate::system_log::Deed;
use crate::wording::check_name;
use crate::{App, AppError};

/// A token lives this long unless something else is asked for,
pub const LIFETIME_DAYS: u32 = 365;
/// and this long at most, unless it never expires.
pub const LONGEST_LIFETIME_DAYS: u32 = 730;

/// Who calls the management API. Only [`authenticate`] makes one.
#[derive(Clone, Debug)]
pub struct ApiCaller {
    token: ApiToken,
}

impl ApiCaller {
    pub fn token(&self) -> &ApiToken {
        &self.token
    }

    pub fn reach(&self) -> Reach {
        self.token.reach
    }

    /// The right to do `P`, as far as the caller reaches. Fails with [`AppError::Forbidden`].
    pub fn grant<P: Named>(&self) -> Result<Granted<P>, AppError> {
        let ApiToken { id, reach, permissions, expires, .. } = self.token;
        Rights { actor: Actor::ApiToken(id), expires, reach, permissions }.grant()
    }
}

/// Finds out who calls. Every failure is the same [`AppError::Unauthenticated`].
pub async fn authenticate(app: &Arc<App>, token: Option<&str>) -> Result<ApiCaller, AppError> {
    let token = token.and_then(|text| Token::parse(TokenKind::Api, text)).ok_or(AppError::Unauthenticated)?;
    let digest = CredentialDigest::of(&token);
    let found = app.store.find_api_token(&digest).await?.ok_or(AppError::Unauthenticated)?;
    let now = app.now();
    // Compared again in constant time, so that the index's comparison is no oracle.
    if found.digest != digest || !found.is_live(now) {
        return Err(AppError::Unauthenticated);
    }
    record_use(app, &found, now);
    Ok(ApiCaller { token: found })
}

/// Once a minute, beside the call: nobody waits for it.
fn record_use(app: &Arc<App>, token: &ApiToken, now: Timestamp) {
    let is_of_this_minute = |used: Timestamp| used.as_second() / 60 >= now.as_second() / 60;
    if token.last_used.is_some_and(is_of_this_minute) {
        return;
    }
    let (app, id) = (Arc::clone(app), token.id);
    tokio::spawn(async move {
        if let Err(error) = app.store.record_api_token_use(id, now).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the use of an API token was not recorded");
        }
    });
}

/// How long something lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// As long as is usual for its kind.
    #[default]
    Usual,
    Days(u32),
    /// By an explicit choice.
    Unlimited,
}

impl Lifetime {
    /// When it ends.
    pub(crate) fn end(self, now: Timestamp, usual: u32, longest: u32) -> Result<Option<Timestamp>, AppError> {
        let days = match self {
            Self::Unlimited => return Ok(None),
            Self::Usual => usual,
            Self::Days(days) if (1..=longest).contains(&days) => days,
            Self::Days(_) => {
                return Err(AppError::InvalidInput(format!(
                    "it can live for 1 to {longest} days, or without an end if that is asked for"
                )));
            }
        };
        let end = now.to_zoned(TimeZone::UTC).checked_add(i64::from(days).days());
        Ok(Some(end.map_err(|error| AppError::Internal(Box::new(error)))?.timestamp()))
    }
}

pub struct NewToken {
    pub name: String,
    pub reach: Reach,
    pub permissions: Permissions,
    pub lifetime: Lifetime,
}

/// A token that cannot be shown again, with its record.
pub struct IssuedToken {
    pub record: ApiToken,
    pub token: Token,
}

/// Issues a token that may do no more, reaches no further and lives no longer than who asks for it. One that is to live as long
/// as is usual ends with the one that asks.
pub async fn issue(app: &App, access: &impl Grants<may::ChangeTokens>, new: NewToken) -> Result<IssuedToken, AppError> {
    let name = check_name("an API token", &new.name)?;
    if let Some(tenant) = new.reach.tenant().filter(|tenant| !access.reach().includes(*tenant)) {
        return Err(AppError::TenantNotFound(tenant.to_string()));
    }
    if !new.reach.is_within(access.reach()) || !new.permissions.is_within(access.permissions()) {
        return Err(AppError::BeyondOwnRights);
    }
    if new.permissions.is_empty() {
        return Err(AppError::InvalidInput("a token needs at least one permission".to_owned()));
    }
    let created = app.now();
    let expires = end(new.lifetime, created, access.expires())?;
    let token = Token::new(TokenKind::Api, app.rng.as_ref());
    let record = ApiToken {
        id: ApiTokenId::new(app.clock.as_ref(), app.rng.as_ref()),
        reach: new.reach,
        name,
        permissions: new.permissions,
        digest: CredentialDigest::of(&token),
        last_four: token.last_four().to_owned(),
        created,
        expires,
        last_used: None,
    };
    let tenant = new.reach.tenant().map(|tenant| tenant.to_string()).unwrap_or_default();
    let deed = Deed::new("api_token.issued", record.reach.tenant(), record.id).after(json!({
        "name": record.name,
        "permissions": record.permissions.to_string(),
        "last_four": record.last_four,
        "expires": record.expires.map(|at| at.to_string()),
    }));
    app.noting(access, deed)
        .create_api_token(&record)
        .await
        .map_err(|error| AppError::from_registry(error, "", &tenant))?;
    Ok(IssuedToken { record, token })
}

/// Else a token that is about to end would have a successor that nobody meant to give.
fn end(lifetime: Lifetime, now: Timestamp, own: Option<Timestamp>) -> Result<Option<Timestamp>, AppError> {
    let wanted = lifetime.end(now, LIFETIME_DAYS, LONGEST_LIFETIME_DAYS)?;
    match (wanted, own) {
        (wanted, None) => Ok(wanted),
        (Some(wanted), Some(own)) if wanted <= own => Ok(Some(wanted)),
        (_, own) if lifetime == Lifetime::Usual => Ok(own),
        _ => Err(AppError::BeyondOwnRights),
    }
}

/// At most `limit` tokens after that one, in order of creation, and whether there are more.
pub async fn list(
    app: &App,
    access: &impl Grants<may::ReadTokens>,
    after: Option<ApiTokenId>,
    limit: usize,
) -> Result<(Vec<ApiToken>, bool), AppError> {
    let mut found = app.store.list_api_tokens(access.reach(), after, limit + 1).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    Ok((found, has_more))
}

/// The token is refused from the next call on.
pub async fn revoke(app: &App, access: &impl Grants<may::ChangeTokens>, id: ApiTokenId) -> Result<(), AppError> {
    let deed = Deed::new("api_token.revoked", access.reach().tenant(), id);
    if app.noting(access, deed).delete_api_token(access.reach(), id).await? {
        Ok(())
    } else {
        Err(AppError::TokenNotFound)
    }
}

#[cfg(test)]
mod tests;
