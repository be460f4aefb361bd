//! The passes, one after another. Lines are understood on a thread of their own while those before them are committed.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read as _, Seek, Write as _};
use std::sync::Arc;
use std::time::Duration;

use muster_store::Scope;
use tokio::sync::mpsc;

use super::chunk::{BYTES, Chunk, Filler, LINES, Outcome};
use super::line::{RawLine, Understood, next_line, understood};
use super::mark::LoadMark;
use super::report::{BadLine, LoadPhase, LoadReport};
use super::third_pass::{Late, LateFile};
use super::{LoadError, LoadRequest, LoadSurroundings};
use crate::{App, AppError, ScimCaller};

/// So many chunks wait to be committed while the next one is understood.
const WAITING: usize = 1;

/// Some lines of the input that were understood, and how much of it they are.
#[derive(Default)]
struct Portion {
    chunk: Chunk,
    groups: Vec<RawLine>,
    lines: u64,
    bytes: u64,
}

/// Who gives one line after another.
type Lines = Box<dyn FnMut() -> Result<Option<Result<RawLine, BadLine>>, LoadError> + Send>;

pub(super) async fn all(
    app: &Arc<App>,
    caller: &ScimCaller,
    request: LoadRequest,
    surroundings: &mut dyn LoadSurroundings,
) -> Result<LoadReport, LoadError> {
    let LoadRequest { mut lines, skips_bad_lines, pause, .. } = request;
    let owned = app.store.directory(caller.connection().tenant, Scope::Connection(caller.connection().id));
    let mut scratch = || surroundings.scratch_file().map_err(LoadError::Scratch);
    let (groups, late) = (BufWriter::new(scratch()?), LateFile::new(scratch()?));
    let keeps_lines = surroundings.keeps_rejected();
    let mark = LoadMark::new(app.rng.as_ref());
    let directory = caller.directory(app);
    let filler = Filler { app, caller, directory, owned, skips_bad_lines, keeps_lines, mark };
    let mut passes = Passes { app, filler, surroundings, report: LoadReport::default(), groups, late, pause };

    let mut number = 0;
    let from_input: Lines = Box::new(move || next_line(lines.as_mut(), &mut number).map_err(LoadError::Unreadable));
    if !passes.run(LoadPhase::Resources, from_input).await? {
        return Ok(passes.report);
    }
    let mut groups = read_from_begin(&mut passes.groups)?;
    let from_file: Lines = Box::new(move || read_aside(&mut groups).map(|line| line.map(Ok)));
    if !passes.run(LoadPhase::Groups, from_file).await? {
        return Ok(passes.report);
    }
    passes.third().await
}

struct Passes<'a> {
    app: &'a Arc<App>,
    filler: Filler<'a>,
    surroundings: &'a mut dyn LoadSurroundings,
    report: LoadReport,
    groups: BufWriter<File>,
    late: LateFile,
    pause: Duration,
}

impl Passes<'_> {
    /// `false`: a bad line ended it.
    async fn run(&mut self, phase: LoadPhase, lines: Lines) -> Result<bool, LoadError> {
        let (sender, mut read) = mpsc::channel(WAITING);
        let (app, caller, mark) = (Arc::clone(self.app), self.filler.caller.clone(), self.filler.mark);
        // No thread of the runtime: a process that ends early must not wait for an input that never ends.
        std::thread::Builder::new()
            .name("muster-load".to_owned())
            .spawn(move || {
                let last = match produce(&app, &caller, mark, phase, lines, &sender) {
                    Ok(portion) => Read::Last(portion),
                    Err(error) => Read::Failed(error),
                };
                // Nobody wants it when the load has ended meanwhile.
                drop(sender.blocking_send(last));
            })
            .map_err(LoadError::Unreadable)?;
        loop {
            let (portion, is_last) = match read.recv().await {
                Some(Read::Some(portion)) => (portion, false),
                Some(Read::Last(portion)) => (portion, true),
                Some(Read::Failed(error)) => return Err(error),
                None => return Err(AppError::Internal("the lines were not read to their end".into()).into()),
            };
            if !self.take(phase, portion).await? {
                return Ok(false);
            }
            if is_last {
                return Ok(true);
            }
        }
    }

    async fn take(&mut self, phase: LoadPhase, portion: Portion) -> Result<bool, LoadError> {
        let Portion { chunk, groups, lines, bytes } = portion;
        for group in &groups {
            aside(&mut self.groups, group)?;
        }
        let is_empty = chunk.is_empty();
        let Outcome { created, already_there, bad, late, is_stopped } = self.filler.fill(chunk).await?;
        let counts = &mut self.report.counts;
        if phase == LoadPhase::Resources {
            counts.lines += lines;
            counts.bytes += bytes;
        }
        counts.created += created;
        counts.already_there += already_there;
        for one in &late {
            self.late.put(one)?;
        }
        for (raw, bad) in bad {
            self.report.note(bad);
            if let Some(raw) = raw {
                self.surroundings.rejected(&raw.text).map_err(LoadError::Rejected)?;
            }
        }
        self.surroundings.progress(phase, &self.report.counts);
        if !is_empty && !self.pause.is_zero() {
            tokio::time::sleep(self.pause).await;
        }
        Ok(!is_stopped)
    }

    async fn third(mut self) -> Result<LoadReport, LoadError> {
        let mut late = self.late.read()?;
        loop {
            let ones: Vec<Late> = late.next_ones()?;
            if ones.is_empty() {
                break;
            }
            let bad = self.filler.complete(ones, &mut self.report.counts).await?;
            let is_stopped = !self.filler.skips_bad_lines && !bad.is_empty();
            for (text, bad) in bad {
                self.report.note(bad);
                if let Some(text) = text {
                    self.surroundings.rejected(text.as_bytes()).map_err(LoadError::Rejected)?;
                }
            }
            self.surroundings.progress(LoadPhase::References, &self.report.counts);
            if is_stopped {
                return Ok(self.report);
            }
            if !self.pause.is_zero() {
                tokio::time::sleep(self.pause).await;
            }
        }
        self.report.is_complete = true;
        Ok(self.report)
    }
}

/// What the reading thread hands over.
enum Read {
    Some(Portion),
    Last(Portion),
    Failed(LoadError),
}

/// Understands lines and hands them over in portions, until there are no more or nobody wants them. The last portion comes
/// back.
fn produce(
    app: &App,
    caller: &ScimCaller,
    mark: LoadMark,
    phase: LoadPhase,
    mut lines: Lines,
    sender: &mpsc::Sender<Read>,
) -> Result<Portion, LoadError> {
    let mut portion = Portion::default();
    while let Some(line) = lines()? {
        portion.lines += 1;
        match line {
            Err(bad) => portion.chunk.push(Err((None, bad))),
            Ok(raw) => {
                portion.bytes += raw.bytes;
                match understood(app, caller, mark, raw, phase == LoadPhase::Groups) {
                    Ok(Understood::Resource(line)) => portion.chunk.push(Ok(*line)),
                    Ok(Understood::Group(raw)) => portion.groups.push(raw),
                    Err((raw, bad)) => portion.chunk.push(Err((Some(raw), bad))),
                }
            }
        }
        if (portion.lines >= LINES as u64 || portion.bytes >= BYTES)
            && sender.blocking_send(Read::Some(std::mem::take(&mut portion))).is_err()
        {
            break;
        }
    }
    Ok(portion)
}

/// A line that is put aside: its number and length, each as eight bytes, then its text.
fn aside(file: &mut BufWriter<File>, line: &RawLine) -> Result<(), LoadError> {
    let mut write = |bytes: &[u8]| file.write_all(bytes).map_err(LoadError::Scratch);
    write(&line.number.to_le_bytes())?;
    write(&(line.text.len() as u64).to_le_bytes())?;
    write(&line.text)
}

fn read_from_begin(file: &mut BufWriter<File>) -> Result<BufReader<File>, LoadError> {
    let reading = file.flush().and_then(|()| file.get_ref().try_clone());
    let rewound = reading.and_then(|mut reading| reading.rewind().map(|()| reading));
    rewound.map(BufReader::new).map_err(LoadError::Scratch)
}

fn read_aside(file: &mut BufReader<File>) -> Result<Option<RawLine>, LoadError> {
    if file.fill_buf().map_err(LoadError::Scratch)?.is_empty() {
        return Ok(None);
    }
    let mut number = || {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes).map(|()| u64::from_le_bytes(bytes)).map_err(LoadError::Scratch)
    };
    let (line, length) = (number()?, number()?);
    let mut text = Vec::new();
    file.take(length).read_to_end(&mut text).map_err(LoadError::Scratch)?;
    Ok(Some(RawLine { number: line, bytes: text.len() as u64, text }))
}
