//! Addresses, methods and headers of the small server; requests come by function call.

use std::time::Duration;

use scim::message::SearchRequest;
use scim_conformance::wire::{Request, Response, Transport, TransportError};
use serde_json::{Value, json};

use crate::directory::{Directory, Kind, Reply, failed, kinds};
use crate::faults::Fault;

pub(crate) const BASE: &str = "https://server.example/scim";
pub(crate) const TOKEN: &str = "s3cr3t-t0ken";

pub(crate) struct Server {
    pub(crate) directory: Directory,
    pub(crate) requests: usize,
    /// The person presses Ctrl-C during this request.
    pub(crate) interrupted_at: Option<usize>,
    /// Nobody answers from this request on.
    pub(crate) silent_from: Option<usize>,
    /// Members of the service provider's configuration that are otherwise than usual.
    pub(crate) announces: Value,
    pub(crate) announces_absolute_endpoints: bool,
    /// Everything that was asked.
    pub(crate) asked: Vec<Request>,
}

impl Server {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self {
            directory: Directory::new(BASE, fault),
            requests: 0,
            interrupted_at: None,
            silent_from: None,
            announces: json!({}),
            announces_absolute_endpoints: false,
            asked: Vec::new(),
        }
    }

    fn answer(&mut self, request: &Request) -> Reply {
        let header = |name: &str| {
            let found = request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map_or("", |(_, value)| value.as_str())
        };
        let is_authorized = header("authorization") == format!("Bearer {TOKEN}");
        if !is_authorized && self.directory.fault != Some(Fault::NeedsNoToken) {
            return failed(401, "a token is needed");
        }
        let (path, query) =
            request.url.strip_prefix(BASE).unwrap().split_once('?').unwrap_or((&request.url[BASE.len()..], ""));
        let mut search = match SearchRequest::from_query(parameters(query)) {
            Ok(search) => search,
            Err(error) => return failed(400, &error.detail),
        };
        let body: Value = match &request.body {
            None => Value::Null,
            Some(_) if header("content-type").contains("xml") => return failed(415, "JSON is needed"),
            Some(body) => match serde_json::from_slice(body) {
                Ok(body) => body,
                Err(_) => return invalid_syntax(),
            },
        };
        let path = path.trim_end_matches('/');
        if let Some(reply) = discovery(request.method, path, query) {
            return self.announced(path, reply);
        }
        if request.method == "POST" && path.ends_with("/.search") {
            search = match SearchRequest::parse(&body) {
                Ok(search) => search,
                Err(error) => return failed(400, &error.detail),
            };
            let asked = kinds().into_iter().filter(|kind| path == "/.search" || path.starts_with(kind.endpoint));
            return self.directory.query(&asked.collect::<Vec<_>>(), &search);
        }
        if path == "/Me" {
            return failed(501, "/Me is not supported");
        }
        let Some(kind) = kinds().into_iter().find(|kind| path.starts_with(kind.endpoint)) else {
            return failed(404, "there is nothing here");
        };
        let id = path[kind.endpoint.len()..].trim_start_matches('/');
        if id.contains('/') {
            return failed(404, "there is nothing below a resource");
        }
        let id = decoded(&id.replace('+', "%2B"));
        if let Some(version) = self.directory.version(&kind, &id) {
            if request.method == "GET" && header("if-none-match") == version {
                return (304, None);
            }
            if request.method != "GET" && !["", "*", &version].contains(&header("if-match")) {
                return failed(412, "this is not the version any more");
            }
        }
        self.resource(request.method, &kind, &id, &body, &search)
    }

    fn announced(&self, path: &str, reply: Reply) -> Reply {
        let (status, mut body) = reply;
        if path == "/ServiceProviderConfig"
            && let (Some(body), Some(announces)) = (body.as_mut(), self.announces.as_object())
        {
            for (name, value) in announces {
                body[name] = value.clone();
            }
        }
        if self.announces_absolute_endpoints
            && let Some(kinds) = body.as_mut().and_then(|body| body["Resources"].as_array_mut())
        {
            for kind in kinds.iter_mut().filter(|kind| kind["endpoint"].is_string()) {
                kind["endpoint"] = json!(format!("{BASE}{}", kind["endpoint"].as_str().unwrap()));
            }
        }
        (status, body)
    }

    fn resource(&mut self, method: &str, kind: &Kind, id: &str, body: &Value, search: &SearchRequest) -> Reply {
        match (method, id) {
            ("GET", "") => self.directory.query(&[Kind { schema: kind.schema.clone(), ..*kind }], search),
            ("POST", "") => self.directory.create(kind, body, search),
            ("GET", id) => self.directory.read(kind, id, search),
            ("PUT", id) if !id.is_empty() => self.directory.replace(kind, id, body, search),
            ("PATCH", id) if !id.is_empty() => self.directory.patch(kind, id, body, search),
            ("DELETE", id) if !id.is_empty() => self.directory.delete(kind, id),
            _ => failed(405, "this method is not allowed here"),
        }
    }
}

fn invalid_syntax() -> Reply {
    (400, Some(scim::message::error_body(400, Some(scim::ScimType::InvalidSyntax), "the body is no JSON")))
}

fn parameters(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn discovery(method: &str, path: &str, query: &str) -> Option<Reply> {
    let schemas = [
        include_str!("../../../scim/schemas/user.json"),
        include_str!("../../../scim/schemas/group.json"),
        include_str!("../../../scim/schemas/enterprise_user.json"),
    ]
    .map(|text| serde_json::from_str::<Value>(text).unwrap())
    .to_vec();
    let types: Vec<Value> = kinds()
        .iter()
        .map(|kind| {
            let extensions: Vec<Value> =
                kind.schema.extensions().iter().map(|one| json!({"schema": one.id, "required": false})).collect();
            json!({"schemas": [scim::schema::RESOURCE_TYPE], "id": kind.schema.resource_type().name,
                "name": kind.schema.resource_type().name, "endpoint": kind.endpoint,
                "schema": kind.schema.base().id, "schemaExtensions": extensions})
        })
        .collect();
    let one = |all: &[Value], key: &str, prefix: &str| {
        let wanted = path.strip_prefix(prefix)?;
        let found = all.iter().find(|one| one[key] == wanted).cloned();
        Some(found.map_or_else(|| failed(404, "there is no such document"), |found| (200, Some(found))))
    };
    let list = |all: Vec<Value>| {
        if query.contains("filter=") {
            return failed(403, "filters are not supported here");
        }
        (200, Some(scim::message::list_response(all.len() as u64, 1, all)))
    };
    let is_document =
        ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"].iter().any(|known| path.starts_with(known));
    match path {
        _ if is_document && method != "GET" => Some(failed(405, "this is read only")),
        "/ServiceProviderConfig" => Some((200, Some(config()))),
        "/ResourceTypes" => Some(list(types)),
        "/Schemas" => Some(list(schemas)),
        _ => one(&types, "name", "/ResourceTypes/").or_else(|| one(&schemas, "id", "/Schemas/")),
    }
}

fn config() -> Value {
    json!({
        "schemas": [scim::schema::SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": 30},
        "changePassword": {"supported": true},
        "sort": {"supported": false},
        "etag": {"supported": false},
        "authenticationSchemes": [{"type": "oauthbearertoken", "name": "Bearer", "description": "A token"}],
    })
}

impl Transport for Server {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        self.requests += 1;
        self.asked.push(request.clone());
        self.directory.now += 1;
        if self.interrupted_at == Some(self.requests) {
            return Err(TransportError::Interrupted);
        }
        if self.silent_from.is_some_and(|first| self.requests >= first) {
            return Err(TransportError::NoAnswer("the cable was pulled".to_owned()));
        }
        let (status, mut body) = self.answer(request);
        if self.directory.fault == Some(Fault::StatusIsNumber)
            && let Some(member) = body.as_mut().filter(|_| status >= 400).and_then(|body| body.get_mut("status"))
        {
            *member = json!(status);
        }
        let mut headers = vec![("content-type".to_owned(), "application/scim+json".to_owned())];
        if status == 401 {
            headers.push(("www-authenticate".to_owned(), "Bearer".to_owned()));
        }
        if let Some(location) = body.as_ref().and_then(|body| body.pointer("/meta/location")).and_then(Value::as_str) {
            headers.push(("location".to_owned(), location.to_owned()));
        }
        if status == 201 && body.is_none() {
            headers.push(("location".to_owned(), self.directory.last_made.clone()));
        }
        if let Some(version) = body.as_ref().and_then(|body| body.pointer("/meta/version")).and_then(Value::as_str) {
            headers.push(("etag".to_owned(), version.to_owned()));
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        Ok(Response { status, headers, body, elapsed: Duration::from_millis(1) })
    }

    fn pause(&mut self, duration: Duration) {
        self.directory.now += u64::try_from(duration.as_millis()).unwrap();
    }
}
