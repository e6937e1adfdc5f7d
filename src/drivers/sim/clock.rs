//! The discrete clock of a simulation.
//!
//! | what is under way | time |
//! |---|---|
//! | a person is at a prompt | runs as it does outside, second by second |
//! | an effect whose end is not foretold | stands |
//! | nothing | jumps to the next thing that is due; with a pace, as slowly as that says |
#![expect(clippy::disallowed_methods, reason = "time at a prompt, and the pace of jumps, are real time")]

use std::sync::mpsc::Receiver;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::drivers::reply::Message;
use crate::drivers::{Busy, Clock};

/// The clock; its threads all see the same time.
#[derive(Debug)]
pub struct SimClock {
    state: Mutex<State>,
    began: Timestamp,
    /// Virtual seconds a real one, for jumps; none: jumps take no time.
    pace: Option<f64>,
}

#[derive(Debug)]
struct State {
    /// The time when it last stood.
    stood_at: Timestamp,
    /// It runs.
    running: Option<Running>,
}

#[derive(Clone, Copy, Debug)]
struct Running {
    since: Instant,
    /// Virtual seconds a real one.
    pace: f64,
    /// It never passes this.
    until: Option<Timestamp>,
}

impl State {
    fn now(&self) -> Timestamp {
        let Some(running) = self.running else { return self.stood_at };
        let passed = SignedDuration::try_from_secs_f64(running.since.elapsed().as_secs_f64() * running.pace);
        let now = self.stood_at.saturating_add(passed.unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX);
        running.until.map_or(now, |until| now.min(until))
    }
}

impl SimClock {
    /// A clock that stands at `now`. `pace`: a jump takes its length divided by so much, in real time.
    pub fn new(now: Timestamp, pace: Option<f64>) -> Self {
        Self { state: Mutex::new(State { stood_at: now, running: None }), began: now, pace }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stand(&self, at: Timestamp) {
        *self.state() = State { stood_at: at, running: None };
    }

    /// Lets the clock run while it waits for a message, at most until `until`.
    fn run(&self, inbox: &Receiver<Message>, until: Option<Timestamp>, pace: f64) -> Option<Message> {
        let begin = {
            let mut state = self.state();
            state.running = Some(Running { since: Instant::now(), pace, until });
            state.stood_at
        };
        let message = match until {
            None => inbox.recv().ok(),
            Some(until) => {
                let wait = until.duration_since(begin).as_secs_f64() / pace;
                inbox.recv_timeout(Duration::try_from_secs_f64(wait.max(0.0)).unwrap_or(Duration::MAX)).ok()
            }
        };
        let now = match (until, &message) {
            (Some(until), None) => until,
            _ => self.state().now(),
        };
        self.stand(now);
        message
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        self.state().now()
    }

    fn monotonic(&self) -> SignedDuration {
        self.now().duration_since(self.began)
    }

    fn wait(&self, inbox: &Receiver<Message>, until: Option<Timestamp>, busy: Busy) -> Option<Message> {
        let until = until.map(|until| until.max(self.now()));
        if busy.people > 0 {
            return self.run(inbox, until, 1.0);
        }
        match (until, busy.effects, self.pace) {
            (Some(until), 0, None) => {
                self.stand(until);
                None
            }
            (Some(until), 0, Some(pace)) => self.run(inbox, Some(until), pace),
            // Its outcome comes from a real thread in real time; until then nothing is due.
            _ => inbox.recv().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::drivers::reply::{News, channel_of_news};
    use crate::engine::world::Happening;

    const NOTHING: Busy = Busy { effects: 0, people: 0 };
    const EFFECT: Busy = Busy { effects: 1, people: 0 };
    const PERSON: Busy = Busy { effects: 1, people: 1 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_767_690_000 + second).unwrap()
    }

    #[test]
    fn it_jumps_when_nothing_is_under_way() {
        let (_sending, inbox) = channel_of_news();
        let clock = SimClock::new(at(0), None);
        assert_eq!(clock.wait(&inbox, Some(at(7200)), NOTHING), None);
        assert_eq!((clock.now(), clock.monotonic()), (at(7200), SignedDuration::from_hours(2)));
        assert_eq!(clock.wait(&inbox, Some(at(60)), NOTHING), None);
        assert_eq!(clock.now(), at(7200), "it never goes back");
    }

    #[test]
    fn it_stands_while_an_effect_is_under_way() {
        let (sending, inbox) = channel_of_news();
        let clock = SimClock::new(at(0), None);
        let other = std::thread::spawn(move || sending.happened(Happening::Interrupt));
        let message = clock.wait(&inbox, Some(at(60)), EFFECT).unwrap();
        other.join().unwrap();
        assert_eq!(message.news, News::Happened(Happening::Interrupt));
        assert_eq!(clock.now(), at(0));
    }

    #[test]
    fn it_runs_like_any_clock_while_a_person_is_at_a_prompt() {
        let (sending, inbox) = channel_of_news();
        let clock = Arc::new(SimClock::new(at(0), None));
        // Whoever answers does so once the clock has moved: it moves only if it runs.
        let (watched, answering) = (Arc::clone(&clock), sending.clone());
        let person = std::thread::spawn(move || {
            while watched.now() == at(0) {
                std::thread::yield_now();
            }
            answering.happened(Happening::Interrupt);
        });
        assert!(clock.wait(&inbox, Some(at(3600)), PERSON).is_some());
        person.join().unwrap();
        let now = clock.now();
        assert!(at(0) < now && now < at(3600), "{now}");
        assert_eq!(clock.now(), now, "it stands again");
        let soon = now + SignedDuration::from_millis(5);
        assert_eq!(clock.wait(&inbox, Some(soon), PERSON), None);
        assert_eq!(clock.now(), soon, "what is due comes although a person is waited for");
    }

    #[test]
    fn a_pace_reaches_the_same_time() {
        let (_sending, inbox) = channel_of_news();
        let clock = SimClock::new(at(0), Some(1_000_000.0));
        assert_eq!(clock.wait(&inbox, Some(at(3600)), NOTHING), None);
        assert_eq!(clock.now(), at(3600));
    }
}
