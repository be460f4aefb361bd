//! Whose something is, where its id alone does not say.

use muster_app::tenants::TenantName;
use muster_model::TenantId;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which tenant is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TenantChoice {
    /// The tenant whose it is; left out: the token's own, or the tenant `default`.
    #[param(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<TenantId>,
}

impl TenantChoice {
    pub(crate) fn name(self) -> Option<TenantName> {
        self.tenant_id.map(TenantName::Id)
    }
}
