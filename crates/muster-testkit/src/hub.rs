//! The server.

use std::sync::Arc;

use axum::Router;
use muster_app::connections::{self, CreatedConnection, NewConnection};
use muster_app::{App, OperatorAccess, tenants};
use muster_model::Provider;
use muster_model::fake::{FakeClock, SeededRng};
use muster_scim_server::ScimSettings;
use muster_store_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

use crate::TestClient;

/// Bodies above this are too large for a [`TestHub`].
const MAX_BODY_BYTES: usize = 1 << 20;

/// A server in process. Dropping it removes its folder.
pub struct TestHub {
    pub app: Arc<App>,
    pub clock: Arc<FakeClock>,
    router: Router,
    folder: TempDir,
}

impl TestHub {
    /// Starts with the tenant `default` and nothing in it.
    ///
    /// # Panics
    /// When the temporary folder or database cannot be made; a test cannot go on without.
    #[expect(clippy::expect_used, reason = "a test helper may stop the test")]
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store =
            SqliteStore::open(&folder.path().join("muster.db"), &SqliteOptions::default()).expect("an empty database");
        let clock = Arc::new(FakeClock::new());
        let app = App::new(store, clock.clone(), Arc::new(SeededRng::new(1)));
        tenants::ensure_default(&app).await.expect("the default tenant");
        let settings = ScimSettings { public_url: "https://muster.test".to_owned(), max_body_bytes: MAX_BODY_BYTES };
        let router = muster_scim_server::router(Arc::clone(&app), settings);
        Self { app, clock, router, folder }
    }

    /// Creates a connection in the default tenant and a client that has its token.
    ///
    /// # Panics
    /// When the connection cannot be created.
    #[expect(clippy::expect_used, reason = "a test helper may stop the test")]
    pub async fn connect(&self, name: &str, provider: Provider) -> TestClient {
        let access = OperatorAccess::of_local_administrator();
        let new = NewConnection { tenant: None, name: name.to_owned(), provider };
        let CreatedConnection { connection, token, .. } =
            connections::create(&self.app, &access, new).await.expect("a new connection");
        TestClient::new(self.router.clone(), connection.id, token.expose().to_owned())
    }

    /// Where the database is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}
