//! What connections look like from outside.

use muster_app::connections::{self, ConnectionState};
use muster_model::{Connection, Provider, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::knobs::{ChangedKnobs, Knobs};
use crate::credentials::{IssuedCredential, TokenLife};
use crate::service::ApiSettings;

/// Whom a connection is for: the name of its profile.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ProviderName(pub(super) Provider);

impl utoipa::PartialSchema for ProviderName {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Provider::ALL.map(Provider::as_str)))
            .description(Some("Whom a connection is for: the name of its profile"))
            .into()
    }
}

impl ToSchema for ProviderName {
    fn name() -> std::borrow::Cow<'static, str> {
        "Provider".into()
    }
}

/// Which connections are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConnectionQuery {
    /// Only this tenant's.
    #[param(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    pub(super) tenant_id: Option<TenantId>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub(super) limit: Option<u8>,
    /// The `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    pub(super) cursor: Option<String>,
}

/// A connection to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectionRequest {
    /// Whose it is; left out: the token's own tenant, or the tenant `default`.
    #[schema(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    pub(super) tenant_id: Option<TenantId>,
    /// Unique in the tenant.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    pub(super) name: String,
    pub(super) provider: ProviderName,
    /// Knobs of the profile that this connection sets otherwise.
    #[serde(default)]
    pub(super) overrides: ChangedKnobs,
    /// How long the first token lives.
    pub(super) token: Option<TokenLife>,
}

/// What is to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectionChanges {
    /// Unique in the tenant.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    pub(super) name: Option<String>,
    pub(super) provider: Option<ProviderName>,
    /// Knobs of the profile that this connection sets otherwise; `null` leaves a knob to the profile again.
    #[serde(default)]
    pub(super) overrides: ChangedKnobs,
}

/// `waiting`: nobody has called yet. `active`. `suspended`: an operator has stopped it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Waiting,
    Active,
    Suspended,
}

/// A relation with an identity provider that calls us.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
pub(crate) struct ConnectionBody {
    /// Always `connection`.
    object: &'static str,
    #[schema(pattern = "^con_[0-9a-f]{32}$")]
    id: String,
    #[schema(pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: String,
    name: String,
    provider: ProviderName,
    state: State,
    /// What the identity provider is given as its base URL.
    scim_base_url: String,
    /// The same for a provider that speaks SCIM 1.1.
    scim_1_1_base_url: String,
    /// Knobs of the profile that this connection sets otherwise.
    overrides: Knobs,
    #[schema(format = DateTime)]
    created: String,
    /// Since when it takes no requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    suspended: Option<String>,
}

impl ConnectionBody {
    pub(super) fn of(settings: &ApiSettings, connection: &Connection, state: ConnectionState) -> Self {
        let ApiSettings { public_url, scim_prefix, scim_1_1_prefix } = settings;
        Self {
            object: "connection",
            id: connection.id.to_string(),
            tenant_id: connection.tenant.to_string(),
            name: connection.name.clone(),
            provider: ProviderName(connection.provider),
            state: match state {
                ConnectionState::Waiting => State::Waiting,
                ConnectionState::Active => State::Active,
                ConnectionState::Suspended => State::Suspended,
            },
            scim_base_url: format!("{public_url}{scim_prefix}/{}", connection.id),
            scim_1_1_base_url: format!("{public_url}{scim_1_1_prefix}/{}", connection.id),
            overrides: Knobs::of(&connection.overrides),
            created: connection.created.to_string(),
            suspended: connection.suspended.map(|at| at.to_string()),
        }
    }
}

/// A new connection with its first credential.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedConnection {
    #[serde(flatten)]
    connection: ConnectionBody,
    credential: IssuedCredential,
}

impl CreatedConnection {
    pub(super) fn of(settings: &ApiSettings, created: &connections::CreatedConnection) -> Self {
        Self {
            connection: ConnectionBody::of(settings, &created.connection, ConnectionState::Waiting),
            credential: IssuedCredential::of(&created.credential, &created.token),
        }
    }
}

/// How many resources of a type there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceCount {
    resource_type: String,
    count: u64,
}

/// A connection with what it owns and what waits for a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectionDetails {
    #[serde(flatten)]
    connection: ConnectionBody,
    /// What it brought.
    owned: Vec<ResourceCount>,
    /// People and groups that another connection owns and that this one asked for.
    open_conflicts: u64,
    /// Changes that the guard holds.
    held_changes: u64,
}

impl ConnectionDetails {
    pub(super) fn of(settings: &ApiSettings, found: &connections::ConnectionDetails) -> Self {
        let count = |(resource_type, count): &(muster_model::TypeName, u64)| ResourceCount {
            resource_type: resource_type.to_string(),
            count: *count,
        };
        Self {
            connection: ConnectionBody::of(settings, &found.connection, found.state()),
            owned: found.owned.iter().map(count).collect(),
            open_conflicts: found.open_conflicts,
            held_changes: found.held,
        }
    }
}
