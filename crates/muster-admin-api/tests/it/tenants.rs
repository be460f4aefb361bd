use serde_json::json;

use crate::house::{House, text};

#[tokio::test]
async fn tenants_are_made_listed_page_by_page_and_renamed() {
    let house = House::new().await;
    let owner = house.owner().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        house.hub.clock.advance(std::time::Duration::from_secs(1));
        let made = owner.post("/api/v1/tenants", &json!({ "name": format!(" {name} ") })).await.done(201);
        assert_eq!((text(&made, "object"), text(&made, "name")), ("tenant", name));
        ids.push(text(&made, "id").to_owned());
    }
    let taken = owner.post("/api/v1/tenants", &json!({ "name": "a" })).await;
    assert_eq!((taken.status.as_u16(), taken.problem()), (409, "name_taken"));

    let (mut listed, mut path) = (Vec::new(), "/api/v1/tenants?limit=1".to_owned());
    loop {
        let page = owner.get(&path).await.done(200);
        listed.extend(page["data"].as_array().unwrap().iter().map(|one| text(one, "name").to_owned()));
        assert_eq!(page["has_more"], page.get("next_cursor").is_some());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v1/tenants?limit=1&cursor={cursor}");
    }
    assert_eq!(listed, ["default", "a", "b", "c"]);

    let path = format!("/api/v1/tenants/{}", ids[0]);
    let renamed = owner.call("PATCH", &path, Some(&json!({ "name": "z" }))).await.done(200);
    assert_eq!(text(&renamed, "name"), "z");
    assert_eq!(owner.get(&path).await.done(200), renamed);
    let default = owner.get("/api/v1/tenants?limit=1").await.done(200);
    let path = format!("/api/v1/tenants/{}", text(&default["data"][0], "id"));
    let kept = owner.call("PATCH", &path, Some(&json!({ "name": "other" }))).await;
    assert_eq!((kept.status.as_u16(), kept.problem()), (409, "name_fixed"));
}
