//! Lines that are committed together.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use muster_model::{MemberReference, ResourceId, TypeName, Version};
use muster_store::batch::MembershipChange;
use muster_store::{Batch, CommitError, Committed, Directory, FoundByKey, Guard, Write};
use scim::{Repairs, ResourceSchema};

use super::LoadError;
use super::line::{NewLine, RawLine};
use super::mark::LoadMark;
use super::names::{Meaning, Recognised, marks, meanings, recognised, set_manager};
use super::report::BadLine;
use super::third_pass::Late;
use crate::ownership::refused;
use crate::password::Sealed;
use crate::repairs::note as note_repairs;
use crate::resources::{content, type_name};
use crate::{App, AppError, ScimCaller, membership};

/// As many lines are committed together at most; fewer when they are long.
pub(super) const LINES: usize = 1000;
pub(super) const BYTES: u64 = 8 * 1024 * 1024;

/// Some lines in their order, understood or not.
pub(super) type Chunk = Vec<Result<NewLine, (Option<RawLine>, BadLine)>>;

/// What became of a chunk.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) created: u64,
    pub(super) already_there: u64,
    /// Each with the line as it was read, when there is one to show.
    pub(super) bad: Vec<(Option<RawLine>, BadLine)>,
    /// What is left for the third pass.
    pub(super) late: Vec<Late>,
    /// A bad line ended the load.
    pub(super) is_stopped: bool,
}

/// How chunks are worked on.
pub(super) struct Filler<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a ScimCaller,
    /// What the connection sees.
    pub(super) directory: Arc<dyn Directory>,
    /// What the connection owns. What others brought is never taken for a line that was loaded before.
    pub(super) owned: Arc<dyn Directory>,
    pub(super) skips_bad_lines: bool,
    /// Whether lines that turn out to be bad late are wanted as they were read.
    pub(super) keeps_lines: bool,
    /// On the ids that this load makes, so that a line which is recognised by one repeats another line.
    pub(super) mark: LoadMark,
}

/// A line that is about to be created.
struct Creation {
    line: NewLine,
    late: Option<Late>,
}

impl Filler<'_> {
    pub(super) async fn fill(&self, chunk: Chunk) -> Result<Outcome, LoadError> {
        let mut outcome = Outcome::default();
        let mut lines = Vec::with_capacity(chunk.len());
        for line in chunk {
            match line {
                Ok(line) => lines.push(line),
                Err(bad) => outcome.bad.push(bad),
            }
        }
        if self.stops(&mut outcome) {
            return Ok(outcome);
        }
        let known = meanings(self.caller, self.directory.as_ref(), names_in(&lines)).await?;
        let creations = self.sorted_out(lines, &known, &mut outcome).await?;
        if self.stops(&mut outcome) {
            return Ok(outcome);
        }
        let (lines, writes) = self.prepared(creations).await?;
        self.create(lines, writes, &mut outcome).await?;
        Ok(outcome)
    }

    fn stops(&self, outcome: &mut Outcome) -> bool {
        outcome.is_stopped = !self.skips_bad_lines && !outcome.bad.is_empty();
        outcome.is_stopped
    }

    /// Those that are not there yet, with everybody whom they name.
    async fn sorted_out(
        &self,
        lines: Vec<NewLine>,
        known: &HashMap<String, Meaning>,
        outcome: &mut Outcome,
    ) -> Result<Vec<Creation>, LoadError> {
        let questions: Vec<(TypeName, Vec<(&str, &str)>)> =
            lines.iter().map(|line| (type_name(&line.schema), marks(&line.content.keys))).collect();
        let recognised = recognised(self.owned.as_ref(), &questions).await?;
        let mut seen: HashSet<(&TypeName, &str, &str)> = HashSet::new();
        let verdicts: Vec<Verdict> = questions
            .iter()
            .zip(recognised)
            .map(|((resource_type, marks), recognised)| {
                let repeats = marks.iter().fold(false, |repeats, (attribute, value)| {
                    !seen.insert((resource_type, attribute, value)) || repeats
                });
                self.verdict(marks.is_empty(), repeats, recognised)
            })
            .collect();
        drop(seen);
        drop(questions);
        let mut creations = Vec::with_capacity(lines.len());
        for (line, verdict) in lines.into_iter().zip(verdicts) {
            let resolved = match verdict {
                Verdict::Bad(problem) => Err((line.raw, problem.to_owned())),
                Verdict::There(found) => {
                    outcome.already_there += 1;
                    outcome.late.extend(self.unfinished(&line, found));
                    continue;
                }
                Verdict::New => self.resolved(line, known),
            };
            match resolved {
                Ok(creation) => creations.push(creation),
                Err((raw, problem)) => {
                    let bad = BadLine { line: raw.number, problem };
                    outcome.bad.push((Some(raw), bad));
                }
            }
        }
        Ok(creations)
    }

    fn verdict(&self, has_no_marks: bool, repeats: bool, recognised: Recognised) -> Verdict {
        match recognised {
            _ if has_no_marks => Verdict::Bad(
                "has nothing by which it could be recognised when the lines are loaded again; give it an \"externalId\"",
            ),
            Recognised::Several => Verdict::Bad(
                "its \"externalId\" and its unique attributes belong to different resources that are there already; find \
                 out which of them it is",
            ),
            _ if repeats => Verdict::Bad(REPEATS),
            Recognised::There(found) if self.mark.is_on(found.id) => Verdict::Bad(REPEATS),
            Recognised::There(found) => Verdict::There(found),
            Recognised::New => Verdict::New,
        }
    }

    /// The line with ids in the place of names, as far as they are known by now.
    fn resolved(&self, mut line: NewLine, known: &HashMap<String, Meaning>) -> Result<Creation, (RawLine, String)> {
        let late_manager = match line.manager.as_ref().map(|name| (known.get(name), name.clone())) {
            None => None,
            Some((Some(Meaning::Several), _)) => return Err((line.raw, AMBIGUOUS_MANAGER.to_owned())),
            Some((None, name)) => Some(name),
            Some((Some(Meaning::One(id)), _)) => {
                let mut document = line.content.document.clone();
                set_manager(&mut document, id.to_string());
                match content(&line.schema, document, &self.caller.profile().leniency) {
                    Ok(content) => line.content = content,
                    Err(error) => return Err((line.raw, error.to_string())),
                }
                None
            }
        };
        let mut late_members = Vec::new();
        if let Some(members) = line.members.take() {
            let mut present = Vec::with_capacity(members.len());
            for (place, member) in members.into_iter().enumerate() {
                let name = member.to_string();
                match known.get(&name) {
                    Some(Meaning::One(id)) => present.push(MemberReference::Id(*id)),
                    Some(Meaning::Several) => return Err((line.raw, ambiguous_member(place))),
                    None => late_members.push(name),
                }
            }
            line.members = Some(present);
        }
        let late = self.late(&line, line.id, late_manager, late_members);
        Ok(Creation { line, late })
    }

    /// What a load that was broken off may have left to do of a resource that is there. Whoever has changed it since then,
    /// the third pass among them, has made its second version; that one is left alone.
    fn unfinished(&self, line: &NewLine, found: FoundByKey) -> Option<Late> {
        if found.version != Version::FIRST {
            return None;
        }
        let members = line.members.iter().flatten().map(ToString::to_string).collect();
        self.late(line, found.id, line.manager.clone(), members)
    }

    fn late(&self, line: &NewLine, id: ResourceId, manager: Option<String>, members: Vec<String>) -> Option<Late> {
        let raw = self.keeps_lines.then_some(&line.raw);
        Late::of(line.raw.number, id, &line.schema, manager, members).map(|late| late.with_line(raw))
    }

    /// What is committed for each line, with what is needed of the line afterwards.
    async fn prepared(&self, creations: Vec<Creation>) -> Result<(VecDeque<Prepared>, Vec<Write>), LoadError> {
        let leniency = &self.caller.profile().leniency;
        let mut prepared = VecDeque::with_capacity(creations.len());
        let mut writes = Vec::with_capacity(creations.len());
        for Creation { line, late } in creations {
            let NewLine { raw, id, schema, mut content, members, repairs, .. } = line;
            self.app.passwords.seal(&mut content.document, None, &mut Sealed::default()).await?;
            writes.push(Write::Create {
                id,
                resource_type: type_name(&schema),
                owner: Some(self.caller.connection().id),
                content,
                members: members.map(|members| membership::delta(MembershipChange::Replace(members), leniency)),
            });
            prepared.push_back(Prepared { raw, schema, repairs, late });
        }
        Ok((prepared, writes))
    }

    /// Creates them in one commit. Where bad lines are skipped, those before a bad one are committed, and then those behind
    /// it, so that few are applied more than twice.
    async fn create(
        &self,
        mut lines: VecDeque<Prepared>,
        mut writes: Vec<Write>,
        outcome: &mut Outcome,
    ) -> Result<(), LoadError> {
        while !writes.is_empty() {
            let kept = if self.skips_bad_lines { writes.clone() } else { Vec::new() };
            let Err(refusal) = self.committed(writes).await? else {
                self.done(lines, outcome);
                return Ok(());
            };
            let place = to_blame(&refusal);
            let mut behind = lines.split_off(place.min(lines.len()));
            let Some(blamed) = behind.pop_front() else { return Err(AppError::from_commit(refusal, "").into()) };
            let line = blamed.raw.number;
            let problem = refused(self.app, self.caller, &blamed.schema, refusal).await.to_string();
            outcome.bad.push((Some(blamed.raw), BadLine { line, problem }));
            if self.stops(outcome) {
                return Ok(());
            }
            let mut before = kept;
            writes = before.split_off(place + 1);
            before.truncate(place);
            // Somebody else may have written in between; then these have a bad line of their own.
            Box::pin(self.create(lines, before, outcome)).await?;
            lines = behind;
        }
        Ok(())
    }

    /// Commits. The inner error is a refusal that one of the writes is to blame for.
    pub(super) async fn committed(&self, writes: Vec<Write>) -> Result<Result<Committed, CommitError>, LoadError> {
        let connection = Some(self.caller.connection().id);
        let batch = Batch { writes, connection, request: None, at: self.app.now(), guard: Guard::default() };
        match self.directory.commit(batch).await {
            Err(CommitError::Store(error)) => Err(error.into()),
            outcome => Ok(outcome),
        }
    }

    fn done(&self, lines: VecDeque<Prepared>, outcome: &mut Outcome) {
        for line in lines {
            note_repairs(self.app, self.caller, &line.repairs);
            outcome.created += 1;
            outcome.late.extend(line.late);
        }
    }
}

/// What is needed of a line once its write is made.
struct Prepared {
    raw: RawLine,
    schema: Arc<ResourceSchema>,
    repairs: Repairs,
    late: Option<Late>,
}

const REPEATS: &str = "repeats what an earlier line has created, by its \"externalId\", a unique attribute or, without those, \
                       its \"displayName\"; leave it out, or give each an \"externalId\" of its own";
pub(super) const AMBIGUOUS_MANAGER: &str =
    "its \"manager\" is the \"externalId\" of one and the name or the id of another; name what only one of them has";

pub(super) fn ambiguous_member(place: usize) -> String {
    format!(
        "element {} of \"members\" is the \"externalId\" of one resource and the name or the id of another; name what only \
         one of them has",
        place + 1
    )
}

enum Verdict {
    New,
    There(FoundByKey),
    Bad(&'static str),
}

/// Everybody whom the lines name otherwise than by id, each once.
fn names_in(lines: &[NewLine]) -> Vec<String> {
    let members = lines.iter().flat_map(|line| line.members.iter().flatten()).map(ToString::to_string);
    let names: HashSet<String> = lines.iter().filter_map(|line| line.manager.clone()).chain(members).collect();
    names.into_iter().collect()
}

pub(super) fn to_blame(refusal: &CommitError) -> usize {
    match refusal {
        CommitError::VersionMismatch { write, .. }
        | CommitError::NotFound { write }
        | CommitError::NotUnique { write, .. }
        | CommitError::UnknownMembers { write, .. }
        | CommitError::GroupCycle { write } => *write,
        CommitError::Guarded { .. } | CommitError::Store(_) => usize::MAX,
    }
}
