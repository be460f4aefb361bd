//! A life: connection test, initial cycle, incremental cycles, comparison.

use super::comparison;
use super::directory::Directory;
use super::outcome::Outcome;
use super::people::Invention;
use super::provider::Provider;
use super::speaker::{self, Speaker};
use super::stage::{Flow, Stage};
use crate::wire::{Ask, Client, Transport};

/// What to play.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Who is played.
    pub provider: Provider,
    /// The SCIM base address.
    pub base: String,
    /// The bearer token.
    pub token: Option<String>,
    /// People at the beginning.
    pub people: usize,
    /// Groups at the beginning.
    pub groups: usize,
    /// Incremental cycles.
    pub changes: usize,
    /// Repeats an earlier life: the same people, the same changes.
    pub seed: u64,
    /// Deletes everything at the end.
    pub clean_up: bool,
}

/// A sign of life.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'p> {
    /// Steps that are done in this phase.
    pub done: usize,
    /// Steps of this phase.
    pub all: usize,
    /// What goes on.
    pub phase: &'p str,
}

/// Plays the life and tells what came of it.
pub fn run(transport: &mut dyn Transport, plan: &Plan, progress: &mut dyn FnMut(Progress<'_>)) -> Outcome {
    let speaker = speaker::of(plan.provider);
    let media_type = speaker.version().media_type();
    let mut client = Client::new(transport, &plan.base, plan.token.as_deref(), media_type);
    speaker.introduce_itself(&mut client);
    client.without_recording();
    let mut life = Life {
        stage: Stage::new(client),
        speaker: speaker.as_ref(),
        directory: Directory::default(),
        invention: Invention::new(plan.seed),
        progress,
    };
    let played = life.play(plan);
    let mut aborted = played.err().map(|error| error.to_string());
    if plan.clean_up
        && let Err(error) = life.clean_up(aborted.is_some())
    {
        let left = life.stage.leftovers().len();
        let reason = aborted.unwrap_or_else(|| error.to_string());
        aborted = Some(format!("{reason}; {left} resources that it made are still there"));
    }
    let directory = &life.directory;
    let circles = directory.circles.iter().filter(|circle| circle.id.is_some());
    Outcome {
        provider: plan.provider,
        seed: plan.seed,
        requests: life.stage.client.sent,
        pauses: life.stage.client.pauses,
        people: directory.people_where(|_| true).len(),
        groups: directory.present_circles().len(),
        memberships: circles.map(|circle| circle.members.len()).sum(),
        complaints: life.stage.complaints,
        first_complaints: std::mem::take(&mut life.stage.first_complaints),
        timings: life.stage.statistics.timings(),
        aborted,
    }
}

struct Life<'t, 's, 'p> {
    stage: Stage<'t>,
    speaker: &'s dyn Speaker,
    directory: Directory,
    invention: Invention,
    progress: &'p mut dyn FnMut(Progress<'_>),
}

/// How many of so many, but at least one where there are any.
fn share(of: usize, per_thousand: usize) -> usize {
    (of * per_thousand / 1000).max(1).min(of)
}

impl Life<'_, '_, '_> {
    fn play(&mut self, plan: &Plan) -> Flow {
        self.begin("connection test");
        self.speaker.test_connection(&mut self.stage)?;
        self.begin("initial cycle: people");
        for number in 0..plan.people {
            self.tell(number, plan.people);
            self.join()?;
        }
        self.begin("initial cycle: groups");
        for number in 0..plan.groups {
            self.tell(number, plan.groups);
            // The first group is everybody.
            let wanted = if number == 0 { plan.people } else { 3 + self.invention.chance.below(40) };
            self.found_circle(wanted)?;
        }
        for cycle in 1..=plan.changes {
            self.begin(&format!("incremental cycle {cycle}"));
            self.cycle()?;
        }
        self.begin("comparison");
        self.tell(0, 1);
        let marker = self.invention.marker().to_owned();
        comparison::compare(&mut self.stage, self.speaker, &self.directory, &marker)
    }

    fn begin(&mut self, phase: &str) {
        phase.clone_into(&mut self.stage.phase);
    }

    fn tell(&mut self, done: usize, all: usize) {
        (self.progress)(Progress { done, all, phase: &self.stage.phase });
    }

    fn join(&mut self) -> Flow {
        let mut person = self.invention.person();
        person.id = self.speaker.add_person(&mut self.stage, &person)?;
        self.directory.people.push(person);
        Ok(())
    }

    fn found_circle(&mut self, wanted: usize) -> Flow {
        let mut circle = self.invention.circle();
        circle.id = self.speaker.add_circle(&mut self.stage, &circle)?;
        let position = self.directory.circles.len();
        self.directory.circles.push(circle);
        let present = self.directory.people_where(|_| true);
        let joining = self.invention.chance.several(&present, wanted);
        self.move_members(position, &joining, &[])
    }

    /// Some join and some leave, in as many requests as the identity provider makes of it.
    fn move_members(&mut self, position: usize, joining: &[usize], leaving: &[usize]) -> Flow {
        let batch = self.speaker.batch();
        let requests = joining.len().div_ceil(batch).max(leaving.len().div_ceil(batch));
        for request in 0..requests {
            let part = |all: &[usize]| all.chunks(batch).nth(request).unwrap_or_default().to_vec();
            let (joining, leaving) = (part(joining), part(leaving));
            let Some(circle) = self.directory.circles.get(position).filter(|circle| circle.id.is_some()) else {
                return Ok(());
            };
            let members = (self.directory.members(&joining), self.directory.members(&leaving));
            self.speaker.change_members(&mut self.stage, circle, &members.0, &members.1)?;
            if let Some(circle) = self.directory.circles.get_mut(position) {
                circle.members.extend(joining);
                circle.members.retain(|member| !leaving.contains(member));
            }
        }
        Ok(())
    }

    /// What happens between two runs of the identity provider: people change, leave, come back and go for good.
    fn cycle(&mut self) -> Flow {
        let active = self.directory.people_where(|person| person.is_active);
        let inactive = self.directory.people_where(|person| !person.is_active);
        let all = active.len() + inactive.len();
        let changing = self.invention.chance.several(&active, share(all, 50));
        let leaving = self.invention.chance.several(&active, share(all, 10));
        let (returning, going): (Vec<usize>, Vec<usize>) = inactive.iter().partition(|person| **person % 2 == 0);
        let joining = share(all, 10);
        let steps = changing.len() + leaving.len() + inactive.len() + joining;
        let mut done = 0;
        for position in changing {
            self.step(&mut done, steps);
            self.change_profile(position)?;
        }
        for position in leaving {
            self.step(&mut done, steps);
            self.switch(position, false)?;
        }
        for position in returning {
            self.step(&mut done, steps);
            self.switch(position, true)?;
        }
        for position in going {
            self.step(&mut done, steps);
            self.delete(position)?;
        }
        for _ in 0..joining {
            self.step(&mut done, steps);
            self.join()?;
        }
        self.churn()
    }

    fn step(&mut self, done: &mut usize, all: usize) {
        self.tell(*done, all);
        *done += 1;
    }

    fn change_profile(&mut self, position: usize) -> Flow {
        let Some(before) = self.directory.people.get(position).cloned() else { return Ok(()) };
        let after = self.invention.changed(&before);
        self.speaker.update_person(&mut self.stage, &before, &after)?;
        if let Some(person) = self.directory.people.get_mut(position) {
            *person = after;
        }
        Ok(())
    }

    fn switch(&mut self, position: usize, is_active: bool) -> Flow {
        let Some(person) = self.directory.people.get_mut(position) else { return Ok(()) };
        person.is_active = is_active;
        self.speaker.switch_person(&mut self.stage, person)
    }

    fn delete(&mut self, position: usize) -> Flow {
        let Some(person) = self.directory.people.get(position).cloned() else { return Ok(()) };
        if !self.speaker.delete_person(&mut self.stage, &person)? {
            return Ok(());
        }
        for number in self.directory.forget_person(position) {
            if let Some(circle) = self.directory.circles.get(number) {
                self.speaker.forget_member(&mut self.stage, circle, person.id())?;
            }
        }
        Ok(())
    }

    /// Memberships move, a group gets another name, one is founded and one dissolved.
    fn churn(&mut self) -> Flow {
        let present = self.directory.present_circles();
        let people = self.directory.people_where(|_| true);
        let moving = self.invention.chance.several(&present, share(present.len(), 200));
        for position in moving {
            let Some(circle) = self.directory.circles.get(position) else { continue };
            let members: Vec<usize> = circle.members.iter().copied().collect();
            let others: Vec<usize> = people.iter().copied().filter(|person| !circle.members.contains(person)).collect();
            let leaving = self.invention.chance.several(&members, 5);
            let joining = self.invention.chance.several(&others, 5);
            self.move_members(position, &joining, &leaving)?;
        }
        for position in self.invention.chance.several(&present, 2) {
            let Some(circle) = self.directory.circles.get_mut(position) else { continue };
            circle.name.push('’');
            self.speaker.rename_circle(&mut self.stage, circle)?;
        }
        if !present.is_empty() {
            self.found_circle(10)?;
        }
        // The first is everybody, and stays.
        if let Some(position) = self.invention.chance.pick(present.get(1..).unwrap_or_default()).copied()
            && let Some(circle) = self.directory.circles.get_mut(position)
        {
            self.speaker.delete_circle(&mut self.stage, circle)?;
            circle.id = None;
        }
        Ok(())
    }

    /// Not what the identity provider would do: the wish of the person who plays, also when the life broke off.
    fn clean_up(&mut self, is_broken_off: bool) -> Flow {
        self.begin("cleaning up");
        // A deletion whose answer never came may have happened.
        let expected: &[u16] = if is_broken_off { &[200, 204, 404] } else { &[200, 204] };
        let paths = self.stage.leftovers();
        for (number, path) in paths.iter().enumerate() {
            self.tell(number, paths.len());
            self.stage.ask("clean up", &Ask::delete(path.clone()), expected)?;
        }
        self.directory = Directory::default();
        Ok(())
    }
}
