//! The committed `OpenAPI` document is the one that the handlers make.

use std::path::Path;

use http::header::CONTENT_TYPE;

use crate::house::House;

/// Set, the test writes the document instead of comparing it (`cargo xtask openapi`).
const WRITE: &str = "MUSTER_WRITE_OPENAPI";

#[test]
fn the_committed_document_is_the_present_one() {
    let made = format!("{}\n", muster_admin_api::document().to_pretty_json().unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "docs/openapi.json is not what the handlers say; `cargo xtask openapi` writes it anew");
}

#[tokio::test]
async fn it_is_served_for_programs_and_for_people() {
    let house = House::new().await;
    let document = house.stranger().get("/api/v1/openapi.json").await.done(200);
    assert_eq!(document["openapi"], "3.1.0");
    let page = house.stranger().get("/api/v1/docs").await;
    assert!(page.headers[CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
}
