//! Where a simulated identity provider acts: it asks, and what is not as it expects is noted.

use serde_json::Value;

use super::outcome::Complaint;
use super::statistics::Statistics;
use crate::encoding::{located_path, resource_path};
use crate::likeness::{is_like, member, shown};
use crate::wire::{Answer, Ask, Client, TransportError};

/// More complaints than this are counted, not kept.
const KEPT_COMPLAINTS: usize = 20;

/// What a conversation returns; only a silent server ends it.
pub(super) type Flow<T = ()> = Result<T, TransportError>;

pub(super) struct Stage<'t> {
    pub(super) client: Client<'t>,
    pub(super) phase: String,
    pub(super) statistics: Statistics,
    /// Paths of what was made and not removed again, also when the conversation broke off before its end.
    made: Vec<String>,
    pub(super) complaints: usize,
    pub(super) first_complaints: Vec<Complaint>,
}

impl<'t> Stage<'t> {
    pub(super) fn new(client: Client<'t>) -> Self {
        Self {
            client,
            phase: String::new(),
            statistics: Statistics::default(),
            made: Vec::new(),
            complaints: 0,
            first_complaints: Vec::new(),
        }
    }

    /// Asks; another status than those expected is a complaint. Gives the answer if the status is as expected.
    pub(super) fn ask(&mut self, what: &'static str, ask: &Ask, expected: &[u16]) -> Flow<Option<Answer>> {
        let answer = self.client.send(ask)?;
        self.statistics.record(what, answer.elapsed);
        self.remember(ask, &answer);
        if expected.contains(&answer.status) {
            return Ok(Some(answer));
        }
        let words: Vec<String> = expected.iter().map(u16::to_string).collect();
        self.complain(what, &format!("status {}, expected {}", answer.status, words.join(" or ")));
        Ok(None)
    }

    fn remember(&mut self, ask: &Ask, answer: &Answer) {
        match ask.method {
            "POST" if answer.status == 201 => {
                let path = answer.id().map(|id| resource_path(&ask.path, id));
                self.made.extend(path.or_else(|| answer.header("location").and_then(located_path)));
            }
            "DELETE" if answer.is_success() || answer.status == 404 => self.made.retain(|made| *made != ask.path),
            _ => {}
        }
    }

    /// What was made and is still there: groups before their members, and the youngest first.
    pub(super) fn leftovers(&self) -> Vec<String> {
        let (groups, others): (Vec<&String>, Vec<&String>) =
            self.made.iter().rev().partition(|path| path.starts_with("/Groups/"));
        groups.into_iter().chain(others).cloned().collect()
    }

    /// Asks for a list by a filter; gives the ids that came.
    pub(super) fn find(&mut self, what: &'static str, ask: &Ask) -> Flow<Option<Vec<String>>> {
        let Some(answer) = self.ask(what, ask, &[200])? else { return Ok(None) };
        if answer.number_at("/totalResults").is_none() {
            self.complain(what, "totalResults is missing or no number");
            return Ok(None);
        }
        let ids = answer.resources().iter().filter_map(|one| member(one, "/id").as_str()).map(str::to_owned).collect();
        Ok(Some(ids))
    }

    /// The lookup before something is made: it must find nobody.
    pub(super) fn find_nobody(&mut self, what: &'static str, ask: &Ask) -> Flow {
        if self.find(what, ask)?.is_some_and(|ids| !ids.is_empty()) {
            self.complain(what, "something was found although it was never made");
        }
        Ok(())
    }

    /// The lookup of what is known to be there: it must find exactly that.
    pub(super) fn find_one(&mut self, what: &'static str, ask: &Ask, id: &str) -> Flow {
        if let Some(ids) = self.find(what, ask)?
            && ids != [id]
        {
            self.complain(what, &format!("{} resources were found, expected the one", ids.len()));
        }
        Ok(())
    }

    /// Makes something; gives its id.
    pub(super) fn make(&mut self, what: &'static str, ask: &Ask, wanted: &Value) -> Flow<Option<String>> {
        let Some(answer) = self.ask(what, ask, &[201])? else { return Ok(None) };
        let Some(id) = answer.id().map(str::to_owned) else {
            self.complain(what, "the answer has no id");
            return Ok(None);
        };
        self.compare(what, wanted, &answer.body);
        if !answer.at("/password").is_null() {
            self.complain(what, "the answer repeats the password");
        }
        Ok(Some(id))
    }

    /// Changes something; an answer with a resource must show it as wanted.
    pub(super) fn change(&mut self, what: &'static str, ask: &Ask, expected: &[u16], wanted: &Value) -> Flow {
        if let Some(answer) = self.ask(what, ask, expected)?
            && answer.status == 200
            && answer.id().is_some()
        {
            self.compare(what, wanted, &answer.body);
        }
        Ok(())
    }

    /// Removes something, and sees that it is gone.
    pub(super) fn remove(&mut self, what: &'static str, path: &str, expected: &[u16]) -> Flow {
        self.ask(what, &Ask::delete(path), expected)?;
        self.ask("read a deleted one", &Ask::get(path), &[404])?;
        Ok(())
    }

    pub(super) fn compare(&mut self, what: &str, wanted: &Value, found: &Value) {
        for (name, value) in wanted.as_object().into_iter().flatten() {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            let there = member(found, &pointer);
            if !is_like(value, there) {
                self.complain(what, &format!("{name} is {}, expected {}", shown(there), shown(value)));
            }
        }
    }

    pub(super) fn complain(&mut self, what: &str, found: &str) {
        self.complaints += 1;
        if self.first_complaints.len() < KEPT_COMPLAINTS {
            self.first_complaints.push(Complaint {
                phase: self.phase.clone(),
                what: what.to_owned(),
                found: found.to_owned(),
                exchange: self.client.last_exchange(),
            });
        }
    }
}
