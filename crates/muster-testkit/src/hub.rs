//! The server.

use std::sync::Arc;

use axum::Router;
use muster_app::connections::{self, CreatedConnection, NewConnection};
use muster_app::requests::RequestLogSettings;
use muster_app::{App, AppSettings, OperatorAccess, profile, tenants};
use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{Clock, Provider, Tenant, TenantId};
use muster_scim_server::{BulkLimits, ScimSettings};
use muster_store::Store;
use muster_store_postgres::{PostgresOptions, PostgresStore, migrate, schema_fingerprint};
use muster_store_sqlite::{SqliteOptions, SqliteStore};
use muster_vault::VaultKey;
use tempfile::TempDir;

use crate::TestClient;
use crate::postgres::{TestDatabase, database_like};

/// Bodies above this are too large for a [`TestHub`].
const MAX_BODY_BYTES: usize = 1 << 20;

/// A server in process. Dropping it removes its folder and its database.
pub struct TestHub {
    pub app: Arc<App>,
    pub clock: Arc<FakeClock>,
    router: Router,
    folder: TempDir,
    _database: Option<TestDatabase>,
}

/// Which database [`TestHub::start`] takes: `postgresql`, or by default SQLite. Every test passes on both.
const CHOICE: &str = "MUSTER_TEST_DATABASE";

impl TestHub {
    /// Starts with the tenant `default` and nothing in it.
    ///
    /// # Panics
    /// When the temporary folder or database cannot be made; a test cannot go on without.
    pub async fn start() -> Self {
        Self::start_keeping(&RequestLogSettings::default()).await
    }

    /// The same with other settings of the request log.
    ///
    /// # Panics
    /// As [`Self::start`].
    #[expect(clippy::expect_used, clippy::panic, reason = "a test helper may stop the test")]
    pub async fn start_keeping(log: &RequestLogSettings) -> Self {
        match std::env::var(CHOICE).as_deref() {
            Ok("postgresql") => {
                let database = database_like(&schema_fingerprint(), |url| async move {
                    migrate(&url).await.expect("a new database");
                })
                .await;
                let options = PostgresOptions::for_command();
                let store = PostgresStore::open(&database.url, options).await.expect("a database of this test");
                Self::on_store(store, Some(database), log).await
            }
            Ok("sqlite") | Err(_) => Self::start_on_file(&SqliteOptions::default(), log).await,
            Ok(_) => panic!("{CHOICE} is neither sqlite nor postgresql"),
        }
    }

    /// As [`Self::start`], on SQLite, opened in another way.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn start_on(options: &SqliteOptions) -> Self {
        Self::start_on_file(options, &RequestLogSettings::default()).await
    }

    #[expect(clippy::expect_used, reason = "a test helper may stop the test")]
    async fn start_on_file(options: &SqliteOptions, log: &RequestLogSettings) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = SqliteStore::open(&folder.path().join("muster.db"), options).expect("an empty database");
        Self { folder, ..Self::on_store(store, None, log).await }
    }

    #[expect(clippy::expect_used, reason = "a test helper may stop the test")]
    async fn on_store(store: Arc<dyn Store>, database: Option<TestDatabase>, log: &RequestLogSettings) -> Self {
        let clock = Arc::new(FakeClock::new());
        let settings = AppSettings { vault_key: Ok(vault_key()), request_log: log.clone() };
        let app = App::with_settings(store, clock.clone(), Arc::new(SeededRng::new(1)), settings);
        tenants::ensure_default(&app).await.expect("the default tenant");
        let router = router(&app);
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { app, clock, router, folder, _database: database }
    }

    /// The same client calling another node of the installation: another application on the same database.
    pub fn at_another_node(&self, client: &TestClient) -> TestClient {
        let (store, rng) = (Arc::clone(self.app.store()), Arc::new(SeededRng::new(2)));
        let settings = AppSettings { vault_key: Ok(vault_key()), ..AppSettings::default() };
        let app = App::with_settings(store, self.clock.clone(), rng, settings);
        TestClient::new(router(&app), client.connection, client.token.clone())
    }

    /// Creates a connection in the default tenant and a client that has its token.
    ///
    /// # Panics
    /// When the connection cannot be created.
    pub async fn connect(&self, name: &str, provider: Provider) -> TestClient {
        self.connect_with(name, provider, &[]).await
    }

    /// The same with knobs set otherwise than the provider's profile: `members_in_lists=false`.
    ///
    /// # Panics
    /// When the connection cannot be created.
    #[expect(clippy::expect_used, reason = "a test helper may stop the test")]
    pub async fn connect_with(&self, name: &str, provider: Provider, settings: &[&str]) -> TestClient {
        let access = OperatorAccess::of_local_administrator();
        let overrides = profile::check_changes(settings.iter().copied()).expect("knobs that there are");
        let new = NewConnection { tenant: None, name: name.to_owned(), provider, overrides };
        let CreatedConnection { connection, token, .. } =
            connections::create(&self.app, &access, new).await.expect("a new connection");
        TestClient::new(self.router.clone(), connection.id, token.expose().to_owned())
    }

    /// Deletes the client's connection.
    ///
    /// # Panics
    /// When it is not there.
    #[expect(clippy::expect_used, reason = "a test helper may stop the test")]
    pub async fn disconnect(&self, client: &TestClient) {
        let access = OperatorAccess::of_local_administrator();
        connections::delete(&self.app, &access, client.connection).await.expect("a connection that is there");
    }

    /// Creates a connection in another tenant, which is made if it is not there.
    ///
    /// # Panics
    /// When the connection cannot be created.
    pub async fn connect_in(&self, tenant: &str, name: &str, provider: Provider) -> TestClient {
        self.connect_in_with(tenant, name, provider, &[]).await
    }

    /// The same with knobs set otherwise than the provider's profile.
    ///
    /// # Panics
    /// When the connection cannot be created.
    #[expect(clippy::expect_used, reason = "a test helper may stop the test")]
    pub async fn connect_in_with(&self, tenant: &str, name: &str, provider: Provider, settings: &[&str]) -> TestClient {
        let store = self.app.store();
        if store.find_tenant_by_name(tenant).await.expect("an answer").is_none() {
            let id = TenantId::new(self.clock.as_ref(), &SeededRng::new(3));
            let new = Tenant { id, name: tenant.to_owned(), created: self.clock.now() };
            store.create_tenant(&new).await.expect("a new tenant");
        }
        let access = OperatorAccess::of_local_administrator();
        let overrides = profile::check_changes(settings.iter().copied()).expect("settings of knobs");
        let new = NewConnection { tenant: Some(tenant.to_owned().into()), name: name.to_owned(), provider, overrides };
        let created = connections::create(&self.app, &access, new).await.expect("a new connection");
        TestClient::new(self.router.clone(), created.connection.id, created.token.expose().to_owned())
    }

    /// Where the database is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// The same for all nodes, as their operator sees to it.
fn vault_key() -> VaultKey {
    VaultKey::new(&SeededRng::new(4))
}

fn router(app: &Arc<App>) -> Router {
    let settings = ScimSettings {
        public_url: "https://muster.test".to_owned(),
        max_body_bytes: MAX_BODY_BYTES,
        bulk: BulkLimits::default(),
    };
    muster_scim_server::router(Arc::clone(app), settings)
}
