//! Secrets that are sent or given out through every path appear nowhere else: in no log line, error, metric, answer, event,
//! export or dump of the database.

use std::collections::BTreeSet;
use std::path::Path;

use muster_testkit::postgres::{TestDatabase, empty_database, shared_server};
use serde_json::{Value, json};

use crate::process::{Server, run, run_json};
use crate::web::{self, Response};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// What must be seen nowhere: each with a name for whoever finds it.
#[derive(Default)]
struct Secrets {
    all: Vec<(String, Vec<u8>)>,
    passwords: u32,
}

impl Secrets {
    /// A token, its middle, and a key that is written in base64 as its bytes, too.
    fn keep(&mut self, name: &str, secret: &str) {
        let bare = secret.split_once('_').map_or(secret, |(_, bare)| bare);
        self.all.push((name.to_owned(), bare.as_bytes().to_vec()));
        if secret.starts_with("whsec_") {
            self.all.push((format!("{name}, in bytes"), decoded(bare)));
        } else {
            self.all.push((format!("a piece of {name}"), bare.as_bytes()[2..bare.len() - 8].to_vec()));
        }
    }

    /// A password that was never there before.
    fn password(&mut self) -> String {
        self.passwords += 1;
        let password = format!("Canary-{}-pass-phrase", self.passwords);
        self.all.push((password.clone(), password.as_bytes().to_vec()));
        password
    }

    fn expect_none_in(&self, place: &str, seen: &[u8]) {
        for (name, secret) in &self.all {
            let is_there = seen.windows(secret.len()).any(|window| window == secret.as_slice());
            assert!(!is_there, "{name} is in {place}");
        }
    }
}

fn decoded(base64: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0_u32;
    let mut bytes = Vec::new();
    for (place, letter) in base64.bytes().filter(|letter| *letter != b'=').enumerate() {
        bits = bits << 6 | u32::try_from(alphabet.iter().position(|known| *known == letter).unwrap()).unwrap();
        if place % 4 != 0 {
            bytes.push(u8::try_from(bits >> (6 - 2 * (place % 4)) & 0xff).unwrap());
        }
    }
    bytes
}

struct Installation<'a> {
    server: &'a Server,
    api_token: String,
    connection: Value,
    token: String,
}

impl Installation<'_> {
    fn api(&self, method: &str, path: &str, body: &Value) -> Response {
        let authorization = format!("Bearer {}", self.api_token);
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        web::request(&self.server.url, method, &format!("/api/v1{path}"), &headers, &body.to_string())
    }

    fn scim(&self, method: &str, rest: &str, body: &Value) -> Response {
        web::scim(self.connection["scim_base_url"].as_str().unwrap(), &self.token, method, rest, &body.to_string())
    }
}

/// Passwords, in every message that may have one and in some that may not.
fn sing(here: &Installation<'_>, secrets: &mut Secrets, answers: &mut Vec<(String, String)>) {
    let mut say = |what: &str, answer: Response| answers.push((what.to_owned(), answer.body));
    let user = |name: &str, password: &str| json!({ "schemas": [USER], "userName": name, "password": password });
    let created = here.scim("POST", "/Users", &user("anna", &secrets.password()));
    assert_eq!(created.status, 201, "{}", created.body);
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let patch = |operation: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            { "method": "POST", "path": "/Users", "bulkId": "a", "data": user("bert", &secrets.password()) },
            { "method": "POST", "path": "/Users", "bulkId": "b", "data": { "schemas": [USER], "password": secrets.password() } },
        ],
    });
    say("POST", created);
    let taken = user("anna", &secrets.password());
    for (method, rest, body) in [
        ("POST", "/Users".to_owned(), taken),
        ("PUT", format!("/Users/{id}"), user("anna", &secrets.password())),
        (
            "PATCH",
            format!("/Users/{id}"),
            patch(json!({ "op": "replace", "path": "password", "value": secrets.password() })),
        ),
        (
            "PATCH",
            format!("/Users/{id}"),
            patch(json!({ "op": "replace", "value": { "password": secrets.password() } })),
        ),
        (
            "PATCH",
            format!("/Users/{id}"),
            patch(json!({ "op": "replace", "path": "password", "value": [secrets.password()] })),
        ),
        (
            "PATCH",
            format!("/Users/{id}"),
            patch(json!({ "op": "replace", "path": "password.value", "value": secrets.password() })),
        ),
        (
            "POST",
            "/Users".to_owned(),
            json!({ "schemas": [USER], "userName": "carl", "password": { "value": secrets.password() } }),
        ),
        (
            "POST",
            "/Users".to_owned(),
            json!({ "schemas": ["wrong"], "userName": ["carl"], "password": secrets.password() }),
        ),
        ("POST", "/Bulk".to_owned(), bulk),
        (
            "POST",
            "/Users/.search".to_owned(),
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": format!("password eq \"{}\"", secrets.password()) }),
        ),
    ] {
        let answer = here.scim(method, &rest, &body);
        assert!(answer.status < 500, "{method} {rest}: {}", answer.body);
        say(&format!("{method} {rest}"), answer);
    }
    let filter = format!("/Users?filter=password%20eq%20%22{}%22", secrets.password());
    say("a filter", here.scim("GET", &filter, &Value::Null));
    say("the list", here.scim("GET", "/Users?attributes=userName,password", &Value::Null));
    say("the person", here.scim("GET", &format!("/Users/{id}?attributes=password"), &Value::Null));
    let broken = format!("{{\"userName\": \"dora\", \"password\": \"{}\"", secrets.password());
    let base = here.connection["scim_base_url"].as_str().unwrap();
    say("broken JSON", web::scim(base, &here.token, "POST", "/Users", &broken));
}

/// Everything that is given out once.
fn give_out(here: &Installation<'_>, secrets: &mut Secrets) -> String {
    let connection = here.connection["id"].as_str().unwrap();
    let kept = |answer: Response, member: &str| {
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()[member].as_str().unwrap().to_owned()
    };
    let path = format!("/connections/{connection}/credentials");
    secrets.keep("a rotated token", &kept(here.api("POST", &path, &json!({})), "token"));
    let limited = json!({ "name": "limited", "permissions": ["tenants:read"] });
    secrets.keep("another API token", &kept(here.api("POST", "/api-tokens", &limited), "token"));
    let webhook = here.api("POST", "/webhooks", &json!({ "url": "https://127.0.0.1:9/hook", "payload": "full" }));
    let webhook = (kept(webhook, "key"), here.api("GET", "/webhooks", &Value::Null).json());
    secrets.keep("a webhook's key", &webhook.0);
    let id = webhook.1["data"][0]["id"].as_str().unwrap().to_owned();
    let rotated = here.api("POST", &format!("/webhooks/{id}/key-rotation"), &json!({}));
    secrets.keep("a webhook's second key", &kept(rotated, "key"));
    id
}

/// Every address of the management API that can be read, and what is behind those that name something.
fn read_all(here: &Installation<'_>, webhook: &str) -> Vec<(String, String)> {
    let document = here.api("GET", "/openapi.json", &Value::Null).json();
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        if methods.get("get").is_some() && !path.contains('{') {
            paths.insert(path.trim_start_matches("/api/v1").to_owned());
        }
    }
    paths.extend(["/events?objects=true".to_owned(), format!("/webhooks/{webhook}/deliveries?limit=100")]);
    let mut answers = Vec::new();
    for path in &paths {
        let answer = here.api("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let listed = answer.json()["data"].as_array().cloned().unwrap_or_default();
        answers.push((path.clone(), answer.body));
        let list = path.split('?').next().unwrap();
        for one in listed.iter().filter_map(|one| one["id"].as_str()).filter(|_| !list.starts_with("/events")) {
            let details = format!("{list}/{one}");
            answers.push((details.clone(), here.api("GET", &details, &Value::Null).body));
        }
    }
    answers
}

fn sql(database: &TestDatabase, statement: &str) -> String {
    shared_server().sql_in(database.url.rsplit('/').next().unwrap(), statement)
}

fn dump(folder: &Path, database: Option<&TestDatabase>) -> Vec<u8> {
    if let Some(database) = database {
        let tables = sql(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
        let rows = tables.lines().map(|table| sql(database, &format!("SELECT t::text FROM \"{table}\" AS t")));
        return rows.collect::<Vec<_>>().concat().into_bytes();
    }
    let files = std::fs::read_dir(folder.join("muster-data")).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.to_string_lossy().contains("muster.db"))
        .flat_map(|path| std::fs::read(path).unwrap())
        .collect()
}

fn nothing_secret_is_seen(database: Option<&TestDatabase>) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = "webhook_addresses = \"private\"\n".to_owned();
    if let Some(database) = database {
        settings.extend(["database_url = \"", &database.url, "\"\n"]);
    }
    std::fs::write(folder.path().join("muster.toml"), settings).unwrap();
    let mut server = Server::start(folder.path(), &["--log", "trace"]);
    let issued = run_json(folder.path(), &["api-token", "create", "all", "--all-permissions", "--json"]);
    let connection = run_json(folder.path(), &["connection", "create", "--name", "idp", "--json"]);
    let text = |document: &Value, member: &str| document[member].as_str().unwrap().to_owned();
    let mut secrets = Secrets::default();
    let here = Installation {
        server: &server,
        api_token: text(&issued, "token"),
        token: text(&connection, "token"),
        connection,
    };
    secrets.keep("the connection's token", &here.token);
    secrets.keep("the API token", &here.api_token);
    let webhook = give_out(&here, &mut secrets);
    let mut answers = Vec::new();
    sing(&here, &mut secrets, &mut answers);
    // The request log is written beside the requests.
    std::thread::sleep(std::time::Duration::from_secs(3));
    answers.extend(read_all(&here, &webhook));
    answers.push(("the metrics".to_owned(), web::get(&server.url, "/metrics").body));
    for command in
        [&["export", "--output", "-"][..], &["requests", "list", "--json"], &["events", "--objects", "--json"]]
    {
        let output = run(folder.path(), command);
        answers
            .push((command.join(" "), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()));
    }
    let open = dump(folder.path(), database);
    server.terminate();
    let closed = dump(folder.path(), database);

    for (place, answer) in &answers {
        secrets.expect_none_in(place, answer.as_bytes());
    }
    secrets.expect_none_in("the log", [server.log(), server.printed()].concat().as_bytes());
    secrets.expect_none_in("the database while it is open", &open);
    secrets.expect_none_in("the database", &closed);
    // The test would pass if nothing were kept, too.
    let all: String = answers.iter().map(|(_, answer)| answer.as_str()).collect();
    assert!(
        all.contains("anna") && all.contains("directory.user.created") && all.contains("key_rotation_started"),
        "{all}"
    );
    assert!(closed.windows(4).any(|window| window == b"anna"));
    assert!(secrets.all.len() > 20);
}

#[test]
fn no_secret_is_seen_anywhere_with_sqlite() {
    nothing_secret_is_seen(None);
}

#[test]
fn no_secret_is_seen_anywhere_with_postgresql() {
    nothing_secret_is_seen(Some(&empty_database()));
}
