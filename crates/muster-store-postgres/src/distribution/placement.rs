//! Where each table is kept in a cluster. The one list: the statements for Citus, the tests of the schema and those of all
//! statements are made from it.

/// The column by which tables are spread.
pub const TENANT: &str = "tenant";

/// The table beside which all other tables of tenants are put.
pub(super) const ANCHOR: &str = "resource";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// As a whole on every server: small, looked up across tenants, and never written by a SCIM request.
    Reference,
    /// By the hash of the tenant: all rows of a tenant, whatever table they are in, are on one server.
    Distributed,
    /// Where it is: read and written by those who migrate, and they must ask the coordinator anyway.
    Local,
}

impl Placement {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Distributed => "distributed",
            Self::Local => "local",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Table {
    pub name: &'static str,
    pub placement: Placement,
}

const fn reference(name: &'static str) -> Table {
    Table { name, placement: Placement::Reference }
}

const fn distributed(name: &'static str) -> Table {
    Table { name, placement: Placement::Distributed }
}

/// In the order in which they are declared: a table that others refer to comes before them.
pub const TABLES: [Table; 32] = [
    Table { name: "schema_migration", placement: Placement::Local },
    reference("tenant"),
    reference("connection"),
    reference("credential"),
    reference("api_token"),
    reference("installation_key"),
    reference("lease"),
    reference("data_key"),
    reference("system_log"),
    distributed(ANCHOR),
    distributed("resource_document"),
    distributed("resource_key"),
    distributed("resource_count_of_owner"),
    distributed("membership"),
    distributed("pending_member"),
    distributed("change_pending"),
    distributed("change_sequence"),
    distributed("change"),
    distributed("tenant_lock"),
    distributed("credential_use"),
    distributed("repair_count"),
    distributed("schema_entry"),
    distributed("guard_window"),
    distributed("held_operation"),
    distributed("conflict"),
    distributed("secret"),
    distributed("request_log"),
    distributed("request_log_volume"),
    distributed("webhook_endpoint"),
    distributed("webhook_key"),
    distributed("webhook_delivery"),
    distributed("webhook_attempt"),
];

impl Table {
    /// What declares it to Citus; none for what stays where it is.
    pub fn statement(&self) -> Option<String> {
        let name = self.name;
        match self.placement {
            Placement::Local => None,
            Placement::Reference => Some(format!("SELECT create_reference_table('{name}')")),
            Placement::Distributed => {
                // A group of their own, so that other programs on the cluster do not decide how many shards we have.
                let beside = if name == ANCHOR { "none" } else { ANCHOR };
                Some(format!("SELECT create_distributed_table('{name}', '{TENANT}', colocate_with => '{beside}')"))
            }
        }
    }
}

/// All of them, in order.
pub fn statements() -> Vec<String> {
    TABLES.iter().filter_map(Table::statement).collect()
}
