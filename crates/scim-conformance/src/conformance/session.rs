//! What a check works with: a client, names that nobody else has, and the memory of everything that was made.

use serde_json::{Map, Value, json};

use super::announced::Announced;
use super::profile::Profile;
use super::verdict::{Stop, Verdict, skip};
use crate::chance::Chance;
use crate::encoding::{located_path, resource_path};
use crate::version::ScimVersion;
use crate::wire::{Answer, Ask, Client, TransportError};

/// A resource that a check made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) id: String,
    /// Its path below the base address.
    pub(crate) path: String,
    /// `userName` or `displayName`.
    pub(crate) name: String,
    /// What the server answered.
    pub(crate) body: Value,
}

/// One run against one server.
pub(crate) struct Session<'t> {
    pub(crate) client: Client<'t>,
    pub(crate) version: ScimVersion,
    pub(crate) profile: Profile,
    pub(crate) announced: Announced,
    /// In the names of everything that this run makes.
    pub(crate) marker: String,
    /// What a user must have besides `userName` for this server; found out at the start.
    pub(crate) demanded: Map<String, Value>,
    /// Four people who stay for a whole area.
    pub(crate) population: Vec<(&'static str, Made)>,
    counter: u64,
    made: Vec<String>,
    /// The first so many of `made` stay until the area ends.
    lasting: usize,
    pub(crate) leftovers: Vec<String>,
}

impl<'t> Session<'t> {
    pub(crate) fn new(client: Client<'t>, version: ScimVersion, profile: Profile, seed: u64) -> Self {
        Self {
            client,
            version,
            profile,
            announced: Announced::default(),
            marker: Chance::new(seed).word(),
            demanded: Map::new(),
            population: Vec::new(),
            counter: 0,
            made: Vec::new(),
            lasting: 0,
            leftovers: Vec::new(),
        }
    }

    /// Sends, and remembers what was made so that it can be removed.
    pub(crate) fn send(&mut self, ask: &Ask) -> Verdict<Answer> {
        let answer = self.client.send(ask)?;
        self.remember(ask, &answer);
        Ok(answer)
    }

    fn remember(&mut self, ask: &Ask, answer: &Answer) {
        let path = ask.path.trim_end_matches('/');
        match ask.method {
            "POST" if path.eq_ignore_ascii_case("/Bulk") => {
                for operation in answer.at("/Operations").as_array().into_iter().flatten() {
                    let is_post = operation.get("method").and_then(Value::as_str) == Some("POST");
                    let location = operation.get("location").and_then(Value::as_str).filter(|_| is_post);
                    self.made.extend(location.and_then(located_path));
                }
            }
            // Also a PUT that made something although it must not.
            "POST" | "PUT" if answer.status == 201 => {
                let posted = answer.id().map(|id| resource_path(path, id)).filter(|_| ask.method == "POST");
                self.made.extend(posted.or_else(|| answer.header("location").and_then(located_path)));
            }
            "DELETE" if answer.is_success() => {
                if let Some(position) = self.made.iter().position(|made| made == path) {
                    self.made.remove(position);
                    self.lasting = self.lasting.min(position);
                }
            }
            _ => {}
        }
    }

    /// A name that nobody else has, in the form that most servers want.
    pub(crate) fn fresh_name(&mut self) -> String {
        self.counter += 1;
        format!("{}.{}@conformance.example", self.marker, self.counter)
    }

    /// The body of a user with these attributes.
    pub(crate) fn user_body(&mut self, attributes: &Value) -> Value {
        let mut body = json!({"schemas": [self.version.user_schema()], "userName": self.fresh_name()});
        let demanded = Value::Object(self.demanded.clone());
        for given in [&demanded, attributes] {
            merge(&mut body, given);
        }
        body
    }

    /// Makes a user. A check that needs one cannot go on without.
    pub(crate) fn user(&mut self, attributes: &Value) -> Verdict<Made> {
        let body = self.user_body(attributes);
        self.made("/Users", "userName", &body, "lifecycle.create")
    }

    /// Makes a group of these members.
    pub(crate) fn group(&mut self, members: &[&str]) -> Verdict<Made> {
        let listed: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        self.group_with(&if listed.is_empty() { json!({}) } else { json!({"members": listed}) })
    }

    /// Makes a group with these attributes.
    pub(crate) fn group_with(&mut self, attributes: &Value) -> Verdict<Made> {
        let mut body = json!({"schemas": [self.version.group_schema()], "displayName": self.fresh_name()});
        merge(&mut body, attributes);
        self.made("/Groups", "displayName", &body, "groups.create")
    }

    fn made(&mut self, endpoint: &str, naming: &str, body: &Value, see: &str) -> Verdict<Made> {
        let answer = self.send(&Ask::post(endpoint, body))?;
        let Some(id) = answer.id().filter(|_| answer.status == 201) else {
            return skip(format!(
                "what this check needs could not be made (POST {endpoint} was answered with {}); see {see}",
                answer.status
            ));
        };
        Ok(Made {
            id: id.to_owned(),
            path: resource_path(endpoint, id),
            name: body.get(naming).and_then(Value::as_str).unwrap_or_default().to_owned(),
            body: answer.body.clone(),
        })
    }

    /// Reads a resource that is known to be there.
    pub(crate) fn read(&mut self, path: &str) -> Verdict<Value> {
        let answer = self.send(&Ask::get(path))?;
        if answer.status == 200 && answer.body.is_object() {
            return Ok(answer.body);
        }
        Err(Stop::Fault(format!("GET {path} was answered with {}, expected 200 and the resource", answer.status)))
    }

    /// PATCH with the envelope of SCIM 2.0.
    pub(crate) fn patch(&mut self, path: &str, operations: &Value) -> Verdict<Answer> {
        self.send(&Ask::patch(path, &patch_body(operations)))
    }

    /// A query on an endpoint.
    pub(crate) fn query(&mut self, endpoint: &str, parameters: &[(&str, &str)]) -> Verdict<Answer> {
        let ask = parameters.iter().fold(Ask::get(endpoint), |ask, (name, value)| ask.query(name, value));
        self.send(&ask)
    }

    /// What has been made so far stays until [`Self::clear_all`].
    pub(crate) fn keep_for_the_area(&mut self) {
        self.lasting = self.made.len();
    }

    /// Removes what the last check made.
    pub(crate) fn clear(&mut self) -> Result<(), TransportError> {
        // Groups were made after their members, and go first.
        while self.made.len() > self.lasting
            && let Some(path) = self.made.last().cloned()
        {
            let answer = self.client.send(&Ask::delete(path.clone()))?;
            // Only now: what could not be asked for is still there.
            self.made.pop();
            if !answer.is_success() && answer.status != 404 {
                self.leftovers.push(path);
            }
        }
        Ok(())
    }

    /// Removes everything.
    pub(crate) fn clear_all(&mut self) -> Result<(), TransportError> {
        self.population.clear();
        self.lasting = 0;
        self.clear()
    }

    /// What could not be removed because nobody answered any more.
    pub(crate) fn abandon(&mut self) {
        self.leftovers.append(&mut self.made);
    }
}

/// The envelope of RFC 7644 section 3.5.2.
pub(crate) fn patch_body(operations: &Value) -> Value {
    json!({"schemas": [scim::message::PATCH_OP], "Operations": operations})
}

/// Members of the second replace those of the first; extension URNs are added to `schemas`.
fn merge(body: &mut Value, given: &Value) {
    let (Some(body), Some(given)) = (body.as_object_mut(), given.as_object()) else { return };
    for (name, value) in given {
        if name.starts_with("urn:")
            && let Some(schemas) = body.get_mut("schemas").and_then(Value::as_array_mut)
        {
            schemas.push(Value::from(name.as_str()));
        }
        body.insert(name.clone(), value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_brings_its_schema() {
        let mut body = json!({"schemas": ["core"]});
        merge(&mut body, &json!({"urn:x": {"a": 1}, "title": "t"}));
        assert_eq!(body, json!({"schemas": ["core", "urn:x"], "urn:x": {"a": 1}, "title": "t"}));
    }
}
