//! The clocks of the system.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::drivers::reply::Message;
use crate::drivers::{Busy, Clock};

/// Longest wait without a look at the wall clock: when it is set, or the machine wakes from sleep, what became due is
/// noticed within this time.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Wall time and monotonic time of the system.
#[derive(Debug)]
pub struct SystemClock {
    since: Instant,
}

impl Default for SystemClock {
    fn default() -> SystemClock {
        SystemClock { since: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> SignedDuration {
        SignedDuration::try_from(self.since.elapsed()).unwrap_or(SignedDuration::MAX)
    }

    fn wait(&self, inbox: &Receiver<Message>, until: Option<Timestamp>, _: Busy) -> Option<Message> {
        let Some(until) = until else { return inbox.recv().ok() };
        let rest = Duration::try_from(until.duration_since(self.now())).unwrap_or_default();
        inbox.recv_timeout(rest.min(LOOK_AGAIN)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drivers::reply::{News, channel_of_news};
    use crate::engine::world::Happening;

    #[test]
    fn a_message_ends_the_wait_and_so_does_the_time() {
        let clock = SystemClock::default();
        let (sending, inbox) = channel_of_news();
        assert_eq!(clock.wait(&inbox, Some(clock.now()), Busy::default()), None, "the time has come");
        sending.happened(Happening::Interrupt);
        let far = clock.now() + SignedDuration::from_hours(1);
        let message = Message { at: None, news: News::Happened(Happening::Interrupt) };
        assert_eq!(clock.wait(&inbox, Some(far), Busy::default()), Some(message.clone()));
        sending.happened(Happening::Interrupt);
        assert_eq!(clock.wait(&inbox, None, Busy::default()), Some(message));
    }
}
