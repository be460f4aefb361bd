//! Walking (RFC 9865 section 2).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;
use serde_json::{Value, json};

use super::{add, ids, seeded, walk};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// Rows: 9865-2-01, 9865-2-02, 9865-2-06, 9865-2-07, 9865-2-09, 9865-2-11, 9865-2.2-01
#[tokio::test]
async fn a_walk_ends_with_the_last_page_and_not_before() {
    let (_hub, client) = seeded(12).await;
    for query in [
        "/Users?",
        "/Users?sortBy=userName",
        "/Users?sortBy=displayName&sortOrder=descending",
        "/Users?sortBy=name.familyName&sortOrder=descending",
        "/Users?sortBy=meta.lastModified",
        "/Users?filter=title+ne+%22nobody%22",
        "/Users?filter=userName+sw+%22user%22&sortBy=title",
        "/?",
        "/?sortBy=userName",
    ] {
        let whole = ids(&client.get(query).await);
        assert_eq!(whole.len(), 12);
        // 4 and 12: an exact multiple must not end with an empty page.
        for (count, pages) in [(1, 12), (4, 3), (5, 3), (12, 1), (13, 1)] {
            let walked = walk(&client, &format!("{query}&count={count}")).await;
            assert_eq!(walked.len(), pages, "{query} by {count}");
            assert_eq!(walked.iter().flat_map(ids).collect::<Vec<_>>(), whole, "{query} by {count}");
            for (number, page) in walked.iter().enumerate() {
                assert_eq!(page.body["totalResults"], 12, "{query}");
                assert_eq!(page.body["itemsPerPage"], ids(page).len());
                assert_eq!(page.body.get("previousCursor").is_some(), number > 0, "{query}: page {number}");
                for cursor in [page.text("nextCursor"), page.text("previousCursor")] {
                    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
                    assert!(cursor.bytes().all(is_unreserved), "{cursor}");
                }
            }
        }
    }
    let nobody = client.get("/Users?filter=userName+eq+%22nobody%22&cursor").await;
    assert_eq!((nobody.status, nobody.body["totalResults"].clone()), (StatusCode::OK, json!(0)));
    assert_eq!((ids(&nobody).len(), nobody.body.get("nextCursor")), (0, None));
}

/// Rows: 9865-2-08, 9865-2-09
#[tokio::test]
async fn a_walk_can_turn_round() {
    let (_hub, client) = seeded(11).await;
    for query in
        ["/Users?count=3", "/Users?count=3&sortBy=name.familyName", "/?count=3", "/Users?count=3&filter=title+pr"]
    {
        let forward = walk(&client, query).await;
        let mut page = forward.last().unwrap().text("previousCursor");
        for wanted in forward.iter().rev().skip(1) {
            let back = client.get(&format!("{query}&cursor={page}")).await;
            assert_eq!(ids(&back), ids(wanted), "{query}");
            assert!(back.body.get("nextCursor").is_some());
            page = back.text("previousCursor");
        }
        assert!(page.is_empty(), "none on the first page: {query}");
    }
}

#[tokio::test]
async fn before_a_page_whose_predecessors_are_gone_stands_the_first_page() {
    let (_hub, client) = seeded(6).await;
    for query in ["/Users?count=2&sortBy=userName", "/?count=2"] {
        let pages = walk(&client, query).await;
        for id in ids(&pages[0]) {
            assert_eq!(client.delete(&format!("/Users/{id}")).await.status, StatusCode::NO_CONTENT);
        }
        let back = client.get(&format!("{query}&cursor={}", pages[1].text("previousCursor"))).await;
        assert_eq!(ids(&back), ids(&pages[1]), "{query}");
        assert!(back.body.get("previousCursor").is_none());
        assert_eq!(back.body.get("nextCursor").is_some(), pages[1].body.get("nextCursor").is_some());
    }
    // And a page behind which all are gone is empty and the last.
    let first = client.get("/Users?count=1&cursor").await;
    for id in ids(&client.get("/Users").await).into_iter().skip(1) {
        client.delete(&format!("/Users/{id}")).await;
    }
    let empty = client.get(&format!("/Users?count=1&cursor={}", first.text("nextCursor"))).await;
    assert_eq!((ids(&empty).len(), empty.body.get("nextCursor")), (0, None));
}

/// Rows: 9865-3-01
#[tokio::test]
async fn a_search_by_post_walks_too() {
    let (hub, client) = seeded(7).await;
    for name in ["team", "Other team"] {
        client.post("/Groups", &json!({"displayName": name})).await;
    }
    add(&hub, &client, 99).await;
    for (path, filter, wanted) in [
        ("/Users/.search", "userName sw \"user\"", 8),
        ("/.search", "userName pr or displayName co \"team\"", 10),
        ("/.search", "meta.resourceType eq \"Group\"", 2),
    ] {
        let mut body = json!({
            "schemas": [SEARCH], "filter": filter, "sortBy": "meta.created", "count": 3, "cursor": "",
            "attributes": ["displayName", "userName"],
        });
        let mut seen = Vec::new();
        loop {
            let page = client.post(path, &body).await;
            seen.extend(ids(&page));
            assert_eq!(page.body["totalResults"], wanted);
            match page.body.get("nextCursor") {
                Some(next) => body["cursor"] = next.clone(),
                None => break,
            }
        }
        assert_eq!(seen.len(), wanted, "{filter}");
        body["cursor"] = json!("zzz");
        let refused = client.post(path, &body).await;
        assert_eq!((refused.status, refused.text("scimType")), (StatusCode::BAD_REQUEST, "invalidCursor".to_owned()));
        body["cursor"] = json!("");
        body["count"] = json!("3");
        assert_eq!(client.post(path, &body).await.text("scimType"), "invalidCount");
    }
}

/// Rows: 9865-2-06
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stays_is_seen_exactly_once_while_eight_writers_come_and_go() {
    let (hub, client) = seeded(60).await;
    let hub = Arc::new(hub);
    let staying = ids(&client.get("/Users").await);
    let is_done = Arc::new(AtomicBool::new(false));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let (hub, client, is_done) = (Arc::clone(&hub), client.clone(), Arc::clone(&is_done));
        writers.spawn(async move {
            let mut round = 0_u32;
            while !is_done.load(Ordering::Relaxed) {
                hub.clock.advance(std::time::Duration::from_millis(1));
                let name = format!("{}{writer}.{round}", ["a", "user01", "user05", "z"][round as usize % 4]);
                let id = client.post("/Users", &json!({"userName": name, "title": "t1"})).await.id();
                let path = format!("/Users/{id}");
                let moved = json!([{"op": "replace", "path": "userName", "value": format!("m{name}")}]);
                assert_eq!(client.patch(&path, moved).await.status, StatusCode::OK);
                if !round.is_multiple_of(3) {
                    assert_eq!(client.delete(&path).await.status, StatusCode::NO_CONTENT);
                }
                round += 1;
            }
            round
        });
    }
    for query in [
        "/Users?count=4",
        "/Users?count=4&sortBy=userName",
        "/Users?count=4&sortBy=title&sortOrder=descending",
        "/Users?count=4&filter=active+eq+true",
        "/?count=4&sortBy=userName",
    ] {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for page in walk(&client, query).await {
            for id in ids(&page) {
                *seen.entry(id).or_default() += 1;
            }
        }
        for id in &staying {
            assert_eq!(seen.get(id), Some(&1), "{query}");
        }
    }
    is_done.store(true, Ordering::Relaxed);
    let mut rounds = 0;
    while let Some(done) = writers.join_next().await {
        rounds += done.unwrap();
    }
    assert!(rounds > 8, "only {rounds} rounds were written meanwhile");
}

#[tokio::test]
async fn the_first_page_counts_and_dear_pages_repeat_it() {
    let (hub, client) = seeded(9).await;
    let path = "/Users?count=4&filter=active+eq+true";
    let first = client.get(&format!("{path}&cursor")).await;
    add(&hub, &client, 50).await;
    let second = client.get(&format!("{path}&cursor={}", first.text("nextCursor"))).await;
    assert_eq!([&first.body["totalResults"], &second.body["totalResults"]], [&json!(9), &json!(9)]);
    // Where an index counts, the number is the present one.
    let path = "/Users?count=4";
    let first = client.get(&format!("{path}&cursor")).await;
    add(&hub, &client, 51).await;
    let second = client.get(&format!("{path}&cursor={}", first.text("nextCursor"))).await;
    let totals: [&Value; 2] = [&first.body["totalResults"], &second.body["totalResults"]];
    assert_eq!(totals, [&json!(10), &json!(11)]);
}
