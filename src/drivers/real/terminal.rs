//! The terminal of whoever executes a run: prompts are answered here, and everything is shown here.
//!
//! One thread sits in the line editor. A prompt goes this way: `ask` puts it into the queue; when it is in front, the
//! thread asks the loop for the run as it stands ([`ViewRequest::Question`]), draws the question, says `delivered`, and
//! reads lines until they make an answer. A more urgent prompt gets the thread out of the editor and puts the open one
//! aside; its draft comes back with it. Where nothing is asked, commands can be typed all the same.
//!
//! A terminal that is gone (hung up, end of input) never comes back: prompts then say that nobody is there, and are
//! answered from elsewhere.

mod editor;
mod history;
mod printer;
mod queue;
pub mod signals;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use self::editor::{Line, Typed};
use self::history::History;
use self::printer::{Above, Closing, Printer};
use self::queue::Queue;
use self::signals::{Came, Editing};
use crate::console::outputs::Outputs;
use crate::console::prompt::complete::Known;
use crate::console::prompt::dialogue::{Context, Given, Next, PromptDialogue};
use crate::console::prompt::{Interpreted, interpret_unasked};
use crate::console::style::{Paint, Style};
use crate::console::{status, telling};
use crate::drivers::reply::{Reply, Sending};
use crate::drivers::secrets::Secrets;
use crate::drivers::{People, Screen};
use crate::engine::action::{ActionId, Prompt, Start};
use crate::engine::input::{Answer, Via};
use crate::engine::telling::Telling;
use crate::engine::view::RunView;
use crate::engine::world::{Happening, ViewRequest};
use crate::value::types::Type;

/// How long nothing must be asked before commands can be typed: a prompt that comes and goes with every step would only
/// flicker.
const IDLE_AFTER: Duration = Duration::from_secs(2);

/// A line that is finished this soon after a question took the place of another, or of what was being typed, was meant for
/// that: nobody reads and answers in so short a time.
const SETTLE: Duration = Duration::from_millis(700);

/// How long the loop is given to react to Ctrl-C or a command before the question is drawn again.
const REACTION: Duration = Duration::from_millis(200);

/// How often, and how many times, a thread is got out of the editor. It leaves at the first, unless it is just about to
/// enter or to leave.
const POKE_EVERY: Duration = Duration::from_millis(20);
const MAX_POKES: u32 = 100;

/// The runbook as it was read, for `source`.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Its text.
    pub text: String,
    /// 1-based line of each statement, by static key.
    pub lines: BTreeMap<String, u32>,
}

/// What the terminal is given.
pub struct Setting {
    /// Whose terminal it is, and how lines beside prompts are drawn.
    pub context: Context,
    /// How lines on standard error are drawn.
    pub style: Style,
    /// To the loop.
    pub sending: Sending,
    /// What the history must not hold.
    pub secrets: Secrets,
    /// File of the history.
    pub history: Option<PathBuf>,
    /// For `source`.
    pub source: Source,
}

/// Is a person at a terminal? Not where input is a file or a pipe, even if there is a terminal: what comes from there was
/// not meant as an answer to what is asked here.
pub fn is_there() -> bool {
    io::stdin().is_terminal() && File::options().read(true).write(true).open("/dev/tty").is_ok()
}

/// Asks for a secret at the terminal, unseen; none: nobody is there, or whoever is there declined.
pub fn ask_hidden(prompt: &str) -> Option<String> {
    if !is_there() {
        return None;
    }
    let line = Line {
        prompt: prompt.to_owned(),
        draft: "",
        history: &History::default(),
        dialogue: None,
        known: Known::default(),
        lang: crate::text::Lang::En,
        hidden: true,
    };
    match editor::read(&line, &Arc::default(), &|| false) {
        Typed::Line(text) if !text.is_empty() => Some(text),
        Typed::Line(_) | Typed::Interrupt | Typed::Cancelled(_) | Typed::End | Typed::Gone => None,
    }
}

/// Signals become happenings: SIGINT and SIGTERM for the engine, SIGHUP for `at` (prompts wait, the run goes on). Once a
/// process, before the terminal is opened.
pub fn listen(sending: Sending, at: Option<&AtTerminal>) -> io::Result<()> {
    let shared = at.map(|at| Arc::clone(&at.shared));
    signals::listen(move |came| match came {
        Came::Interrupt => sending.happened(Happening::Interrupt),
        Came::Terminate => sending.happened(Happening::Terminate),
        Came::HangUp => {
            if let Some(shared) = &shared {
                shared.desert();
            }
        }
    })
}

/// The person at the terminal.
pub struct AtTerminal {
    shared: Arc<Shared>,
    editing: Option<Arc<Editing>>,
}

/// What is shown, on standard error and around prompts.
pub struct OnScreen {
    shared: Arc<Shared>,
    printer: Printer,
    outputs: Outputs,
}

struct Shared {
    setting: Setting,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: Queue,
    /// What the editor is open for.
    open: Option<Opened>,
    /// It is to leave the editor.
    cancel: bool,
    /// The run as it stood when the question in front was about to be drawn.
    view: Option<(ActionId, RunView)>,
    known: Known,
    gone: bool,
    over: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Opened {
    Question(ActionId),
    Commands,
}

/// Opens the terminal. Without a person at one, prompts say at once that nobody is there, and all is shown all the same.
pub fn open(setting: Setting) -> io::Result<(AtTerminal, OnScreen)> {
    let there = is_there();
    let above = Arc::new(Above::default());
    let printer = Printer::start(there, Arc::clone(&above))?;
    let state = Mutex::new(State { gone: !there, ..State::default() });
    let shared = Arc::new(Shared { setting, state, changed: Condvar::new() });
    let editing = if there {
        let desk = Desk {
            history: History::read(shared.setting.history.clone()),
            shared: Arc::clone(&shared),
            printer: printer.clone(),
            above,
            put_aside: None,
            ends: 0,
        };
        let thread = std::thread::Builder::new().name("terminal".to_owned()).spawn(move || desk.sit())?;
        Some(Arc::new(Editing::new(thread)))
    } else {
        None
    };
    let people = AtTerminal { shared: Arc::clone(&shared), editing };
    let screen = OnScreen { shared, printer, outputs: Outputs::default() };
    Ok((people, screen))
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The terminal is gone.
    fn desert(&self) {
        let mut state = self.state();
        if !state.gone {
            state.gone = true;
            state.queue.desert();
            self.changed.notify_all();
            // Behind what that says of the questions: where these alone were left the run is suspended, and nothing goes on.
            self.setting.sending.happened(Happening::Detached);
        }
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }
}

impl AtTerminal {
    /// Gets the thread out of the editor, if that is open for something else than what is in front.
    fn call_off(&self, wanted: impl Fn(&State, &Opened) -> bool) {
        let Some(editing) = &self.editing else { return };
        let mut state = self.shared.state();
        for _ in 0..MAX_POKES {
            let opened = state.open.clone();
            if !opened.is_some_and(|opened| wanted(&state, &opened)) {
                break;
            }
            state.cancel = true;
            editing.poke();
            state = self.shared.wait(state, POKE_EVERY);
        }
        Editing::end_of_poking();
    }
}

impl People for AtTerminal {
    fn ask(&mut self, start: &Start, prompt: &Prompt, reply: Reply) {
        let dialogue = PromptDialogue::new(start, prompt, self.shared.setting.context.clone());
        {
            let mut state = self.shared.state();
            if state.gone {
                reply.nobody_there();
            }
            state.queue.push(dialogue, prompt.urgency, reply);
            self.shared.changed.notify_all();
        }
        self.call_off(|state, opened| match opened {
            Opened::Commands => true,
            Opened::Question(id) => state.queue.first() != Some(id),
        });
    }

    fn withdraw(&mut self, id: &ActionId) {
        let taken = self.shared.state().queue.take(id);
        if taken.is_some() {
            self.shared.changed.notify_all();
            self.call_off(|_, opened| *opened == Opened::Question(id.clone()));
        }
    }
}

impl Drop for AtTerminal {
    fn drop(&mut self) {
        self.shared.state().over = true;
        self.shared.changed.notify_all();
        self.call_off(|_, _| true);
        if let Some(editing) = self.editing.take().and_then(Arc::into_inner) {
            editing.join();
        }
    }
}

/// All that was to be shown is shown before the program says its last words.
impl Drop for OnScreen {
    fn drop(&mut self) {
        self.printer.flush();
    }
}

impl Screen for OnScreen {
    fn tell(&mut self, at: Timestamp, telling: &Telling, view: &dyn Fn() -> RunView) {
        let style = &self.shared.setting.style;
        match (telling, telling.within()) {
            (_, Telling::EffectBegan { id, polled: true, .. } | Telling::GuardBegan { id }) => self.outputs.mute(id),
            (Telling::InBranch { branch, .. }, Telling::EffectBegan { id, .. }) => self.outputs.begins_in(id, branch),
            (_, Telling::GuardHeld { id, .. }) => drop(self.outputs.finish(id, style)),
            (_, Telling::EffectEnded { id, .. }) => {
                let seen = self.outputs.shows_all(id);
                self.printer.screen(&self.outputs.finish(id, style));
                if seen {
                    // What was on the screen a moment ago is not printed again.
                    let told = telling.clone().without_output();
                    return self.printer.screen(&telling::lines(at, &told, view, style));
                }
            }
            _other => {}
        }
        self.printer.screen(&telling::lines(at, telling, view, style));
    }

    fn show(&mut self, what: &ViewRequest, view: &RunView) {
        let Setting { context, source, .. } = &self.shared.setting;
        match what {
            ViewRequest::Question(id) => {
                let mut state = self.shared.state();
                state.known = known(view, source);
                state.view = Some((id.clone(), view.clone()));
                self.shared.changed.notify_all();
            }
            ViewRequest::Source(key) => {
                let line = source.lines.get(key.split('!').next().unwrap_or(key));
                let lines = match line {
                    Some(line) => status::source(&source.text, *line, &context.style),
                    None => status::shown(what, view, &context.style),
                };
                self.printer.terminal(&lines);
            }
            ViewRequest::Status | ViewRequest::Vars | ViewRequest::Metrics | ViewRequest::Log | ViewRequest::Why(_) => {
                self.printer.terminal(&status::shown(what, view, &context.style));
            }
        }
    }

    fn output(&mut self, id: &ActionId, text: &str) {
        let lines = self.outputs.feed(id, text, &self.shared.setting.style);
        self.printer.screen(&lines);
    }
}

/// Names for completion.
fn known(view: &RunView, source: &Source) -> Known {
    let mut collects: Vec<String> = view.problems.iter().map(|(name, _)| name.clone()).collect();
    collects.sort_unstable();
    collects.dedup();
    Known {
        vars: view.vars.iter().map(|(name, _)| name.clone()).collect(),
        keys: source.lines.keys().cloned().collect(),
        collects,
    }
}

/// Where the thread sits.
struct Desk {
    shared: Arc<Shared>,
    printer: Printer,
    above: Arc<Above>,
    history: History,
    /// When a question took the place of something that was being typed.
    put_aside: Option<Instant>,
    /// Ends of input in a row.
    ends: u32,
}

/// Goes on with the next question, or ends.
enum Go {
    On,
    Home,
}

impl Desk {
    fn sit(mut self) {
        loop {
            let front = {
                let mut state = self.shared.state();
                let idle_from = Instant::now() + IDLE_AFTER;
                loop {
                    if state.over || state.gone {
                        return;
                    }
                    let rest = idle_from.saturating_duration_since(Instant::now());
                    match state.queue.first() {
                        Some(id) => break Opened::Question(id.clone()),
                        None if rest.is_zero() => break Opened::Commands,
                        None => state = self.shared.wait(state, rest),
                    }
                }
            };
            let go = match front {
                Opened::Question(id) => self.question(&id),
                Opened::Commands => self.commands(),
            };
            if let Go::Home = go {
                return;
            }
        }
    }

    /// Puts a question before the person until it is answered, or another one is in front.
    fn question(&mut self, id: &ActionId) -> Go {
        let Some((dialogue, draft)) = self.draw(id) else { return Go::On };
        let dialogue = Arc::new(Mutex::new(dialogue));
        let lock = || dialogue.lock().unwrap_or_else(PoisonError::into_inner);
        let mut draft = draft;
        loop {
            let (prompt, hidden) = {
                let dialogue = lock();
                (dialogue.cursor(), dialogue.asked().is_some_and(|asked| asked.spec.ty == Type::Secret))
            };
            let typed = self.read(&Opened::Question(id.clone()), prompt, &draft, hidden, Some(Arc::clone(&dialogue)));
            draft.clear();
            let line = match typed {
                Ok(line) => line,
                Err(left) => {
                    // What the dialogue has so far is kept, and so is what was being typed.
                    if let Some(waiting) = self.shared.state().queue.get(id) {
                        waiting.dialogue = lock().clone();
                        waiting.draft = left.draft;
                    }
                    return left.go;
                }
            };
            let next = lock().feed(&line);
            match next {
                Next::Ask(lines) => self.printer.terminal(&lines),
                Next::Answer(given) => {
                    if let Some(waiting) = self.shared.state().queue.take(id) {
                        waiting.reply.answered(answer(given));
                    }
                    return Go::On;
                }
                Next::Command(command) => {
                    let by = self.shared.setting.context.executor.clone();
                    self.shared.setting.sending.happened(Happening::Command { by, command });
                    self.let_react();
                }
                Next::View(what) => {
                    self.shared.setting.sending.happened(Happening::View(what));
                    self.let_react();
                }
            }
        }
    }

    /// Draws a question with the run as it stands. None: it is not in front any more.
    fn draw(&mut self, id: &ActionId) -> Option<(PromptDialogue, String)> {
        let view = {
            let mut state = self.shared.state();
            state.view = None;
            self.shared.setting.sending.happened(Happening::View(ViewRequest::Question(id.clone())));
            loop {
                if state.over || state.gone || state.queue.first() != Some(id) {
                    return None;
                }
                match state.view.take() {
                    Some((of, view)) if of == *id => break view,
                    Some(_) | None => state = self.shared.wait(state, IDLE_AFTER),
                }
            }
        };
        let (dialogue, draft, first_time, reply) = {
            let mut state = self.shared.state();
            let waiting = state.queue.get(id)?;
            let first_time = !std::mem::replace(&mut waiting.delivered, true);
            let draft = std::mem::take(&mut waiting.draft);
            (waiting.dialogue.clone(), draft, first_time, waiting.reply.clone())
        };
        if first_time {
            editor::forget_typed_ahead();
        }
        self.printer.terminal(&dialogue.opening(&view));
        self.printer.flush();
        if first_time {
            reply.delivered();
        }
        Some((dialogue, draft))
    }

    /// Commands, while nothing is asked.
    fn commands(&mut self) -> Go {
        let Context { style, executor, .. } = self.shared.setting.context.clone();
        let prompt = style.paint(Paint::Dim, style.sign("❯ ", "> "));
        let line = match self.read(&Opened::Commands, prompt, "", false, None) {
            Ok(line) => line,
            Err(left) => return left.go,
        };
        // Whether there is something to roll back is the engine's to say.
        match interpret_unasked(&line, true, style.lang, &style.zone) {
            Interpreted::Again(lines) => self.printer.terminal(&lines),
            Interpreted::Command(command) => {
                self.shared.setting.sending.happened(Happening::Command { by: executor, command });
                self.let_react();
            }
            Interpreted::View(what) => {
                self.shared.setting.sending.happened(Happening::View(what));
                self.let_react();
            }
            Interpreted::Answer { .. } => {}
        }
        Go::On
    }

    /// Reads a line. An error: the editor was left without one.
    fn read(
        &mut self,
        what: &Opened,
        prompt: String,
        draft: &str,
        hidden: bool,
        dialogue: Option<Arc<Mutex<PromptDialogue>>>,
    ) -> Result<String, Left> {
        self.printer.flush();
        let known = {
            let mut state = self.shared.state();
            let in_front = match what {
                Opened::Question(id) => state.queue.first() == Some(id),
                Opened::Commands => state.queue.first().is_none(),
            };
            if state.over || state.gone || !in_front {
                return Err(Left { draft: draft.to_owned(), go: Go::On });
            }
            state.cancel = false;
            state.open = Some(what.clone());
            state.known.clone()
        };
        let lang = self.shared.setting.context.style.lang;
        let line = Line { prompt, draft, history: &self.history, dialogue, known, lang, hidden };
        let typed = editor::read(&line, &self.above, &|| self.shared.state().cancel);
        let untouched = matches!(&typed, Typed::Cancelled(draft) if draft.is_empty()) && !editor::is_plain();
        self.printer.closed(if untouched { Closing::Goes } else { Closing::Stays });
        self.shared.state().open = None;
        self.shared.changed.notify_all();
        let ends = std::mem::take(&mut self.ends);
        match typed {
            Typed::Line(line) => {
                if self.put_aside.take().is_some_and(|since| since.elapsed() < SETTLE) {
                    let words = ("not taken: this question has only just appeared", "未采纳：此问题刚刚出现");
                    return self.again(words, String::new());
                }
                if !hidden {
                    self.history.add(&line, &self.shared.setting.secrets.redactor());
                }
                Ok(line)
            }
            Typed::Interrupt => {
                self.shared.setting.sending.happened(Happening::Interrupt);
                self.let_react();
                Err(Left { draft: String::new(), go: Go::On })
            }
            Typed::Cancelled(draft) => {
                if !draft.is_empty() || matches!(what, Opened::Question(_)) {
                    self.put_aside = Some(Instant::now());
                }
                Err(Left { draft, go: Go::On })
            }
            Typed::End if ends == 0 => {
                self.ends = 1;
                let words = (
                    "end of input: once more leaves the terminal, and the run suspends when nothing but prompts is left",
                    "输入结束：再按一次将离开终端，只剩待答复的问题时运行会挂起",
                );
                self.again(words, draft.to_owned())
            }
            Typed::End | Typed::Gone => {
                self.shared.desert();
                Err(Left { draft: draft.to_owned(), go: Go::Home })
            }
        }
    }

    fn again(&self, (en, zh): (&str, &str), draft: String) -> Result<String, Left> {
        let style = &self.shared.setting.context.style;
        self.printer.terminal(&[style.paint(Paint::Care, style.pick(en, zh))]);
        Err(Left { draft, go: Go::On })
    }

    /// Gives the loop time to do what was asked for, so that it shows above the next prompt.
    fn let_react(&self) {
        let state = self.shared.state();
        drop(self.shared.wait(state, REACTION));
    }
}

/// The editor was left without a line.
struct Left {
    /// What was being typed.
    draft: String,
    go: Go,
}

fn answer(given: Given) -> Answer {
    let Given { value, by, told_by, note, evidence } = given;
    Answer { value, by, told_by, via: Via::Terminal, note, evidence }
}
