//! Whose cursor it is, and for which question (RFC 9865 sections 2 and 5).

use http::StatusCode;
use muster_app::{OperatorAccess, connections};
use muster_model::Provider;
use muster_testkit::TestClient;
use serde_json::json;

use super::{ids, refused, seeded};

/// Rows: 9865-2-10, 9865-5.2-05
#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    let (_hub, client) = seeded(9).await;
    let asked = "/Users?filter=userName+sw+%22user%22&sortBy=userName&attributes=userName,title&count=2";
    let next = client.get(&format!("{asked}&cursor=")).await.text("nextCursor");
    let mut details = Vec::new();
    for other in [
        "/Users?filter=userName+sw+%22use%22&sortBy=userName&attributes=userName,title&count=2",
        "/Users?sortBy=userName&attributes=userName,title&count=2",
        "/Users?filter=userName+sw+%22user%22&sortBy=title&attributes=userName,title&count=2",
        "/Users?filter=userName+sw+%22user%22&attributes=userName,title&count=2",
        "/Users?filter=userName+sw+%22user%22&sortBy=userName&sortOrder=descending&attributes=userName,title&count=2",
        "/Users?filter=userName+sw+%22user%22&sortBy=userName&attributes=userName&count=2",
        "/Users?filter=userName+sw+%22user%22&sortBy=userName&excludedAttributes=title&count=2",
        "/Groups?count=2",
        "/?filter=userName+sw+%22user%22&sortBy=userName&attributes=userName,title&count=2",
    ] {
        details.push(refused(&client.get(&format!("{other}&cursor={next}")).await, "invalidCursor"));
    }
    details.push(refused(&client.get(&format!("{asked}&cursor=AAAA")).await, "invalidCursor"));
    details.dedup();
    assert_eq!(details.len(), 1, "the answer does not tell what is wrong with it: {details:?}");
    // As in the RFC's example, the second request spells the attribute in another case; parameters may change places and
    // unknown ones come along.
    let same = "/Users?count=2&x=1&attributes=USERNAME,title&filter=username+SW+%22user%22&sortby=username";
    let second = client.get(&format!("{same}&cursor={next}")).await;
    assert_eq!(ids(&second).len(), 2);
    // The values are another matter.
    let shouted = "/Users?filter=userName+sw+%22USER%22&sortBy=userName&attributes=userName,title&count=2";
    refused(&client.get(&format!("{shouted}&cursor={next}")).await, "invalidCursor");
}

/// Rows: 9865-5.2-01, 9865-5.2-05
#[tokio::test]
async fn the_cursor_of_one_is_of_no_use_to_another() {
    let (hub, client) = seeded(5).await;
    let stranger = hub.connect("stranger", Provider::Generic).await;
    let next = client.get("/Users?cursor&count=2").await.text("nextCursor");
    let foreign = refused(&stranger.get(&format!("/Users?count=2&cursor={next}")).await, "invalidCursor");
    let nonsense = refused(&stranger.get("/Users?count=2&cursor=nonsense").await, "invalidCursor");
    assert_eq!(foreign, nonsense);
    assert_eq!(ids(&client.get(&format!("/Users?count=2&cursor={next}")).await).len(), 2);
}

/// Rows: 9865-5.2-02, 9865-5.2-03, 9865-5.3-01
#[tokio::test]
async fn a_credential_takes_its_cursors_along() {
    let (hub, client) = seeded(5).await;
    let next = client.get("/Users?cursor&count=2").await.text("nextCursor");
    let path = format!("/Users?count=2&cursor={next}");
    let access = OperatorAccess::of_local_administrator();
    let rotated = connections::rotate_token(&hub.app, &access, client.connection).await.unwrap();
    assert_eq!(client.get(&path).await.status, StatusCode::UNAUTHORIZED, "every page asks who is calling");
    let renewed: TestClient = client.clone().with_token(rotated.token.expose());
    refused(&renewed.get(&path).await, "invalidCursor");
    assert_eq!(ids(&renewed.get("/Users?cursor&count=2").await).len(), 2, "and can begin again");
    // Nobody pages without saying who he is.
    for path in [path.as_str(), "/Users?cursor", "/?cursor"] {
        assert_eq!(client.clone().with_token("").get(path).await.status, StatusCode::UNAUTHORIZED);
    }
}

/// Rows: 9865-5.2-04
#[tokio::test]
async fn a_cursor_tells_nothing_and_cannot_be_made() {
    let (_hub, client) = seeded(5).await;
    let page = client.get("/Users?sortBy=userName&cursor&count=2").await;
    let next = page.text("nextCursor");
    let raw = decoded(&next);
    let last = page.body["Resources"][1].clone();
    for secret in [last["userName"].as_str().unwrap(), last["id"].as_str().unwrap(), "user"] {
        assert!(!raw.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    for place in [0, 1, next.len() / 2, next.len() - 2] {
        let mut letters: Vec<char> = next.chars().collect();
        letters[place] = if letters[place] == 'A' { 'B' } else { 'A' };
        let forged: String = letters.into_iter().collect();
        refused(&client.get(&format!("/Users?sortBy=userName&count=2&cursor={forged}")).await, "invalidCursor");
    }
}

/// Base64url, which is all that the test must know of it.
fn decoded(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = text
        .chars()
        .flat_map(|letter| {
            let value = u8::try_from(alphabet.find(letter).unwrap()).unwrap();
            (0..6).rev().map(move |bit| value >> bit & 1)
        })
        .collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect()
}

#[tokio::test]
async fn a_cursor_is_known_to_every_node_and_after_a_restart() {
    let (hub, client) = seeded(5).await;
    let elsewhere = hub.at_another_node(&client);
    let first = client.get("/Users?cursor&count=2").await;
    let second = elsewhere.get(&format!("/Users?count=2&cursor={}", first.text("nextCursor"))).await;
    let third = client.get(&format!("/Users?count=2&cursor={}", second.text("nextCursor"))).await;
    let seen = [ids(&first), ids(&second), ids(&third)].concat();
    assert_eq!(seen, ids(&client.get("/Users").await));
}

#[tokio::test]
async fn a_value_that_is_too_long_for_an_address_is_named_but_not_shown() {
    let (_hub, client) = seeded(0).await;
    for number in 0..3 {
        let long = format!("{}{number}", "long".repeat(600));
        let long = json!({"userName": format!("u{number}"), "nickName": long, "title": format!("t{number}")});
        assert_eq!(client.post("/Users", &long).await.status, StatusCode::CREATED);
    }
    let detail = refused(&client.get("/Users?cursor&count=1&sortBy=nickName").await, "invalidValue");
    assert!(detail.contains("sortBy") && !detail.contains("longlong"), "{detail}");
    assert_eq!(ids(&client.get("/Users?cursor&count=1&sortBy=title").await).len(), 1);
    assert_eq!(ids(&client.get("/Users?cursor&count=3&sortBy=nickName").await).len(), 3, "nothing to go on to");
}
