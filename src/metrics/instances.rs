//! Several processes behind one URL: a load balancer in front of two instances makes nonsense of counters.

use crate::text;
use crate::text::Text;
use std::fmt;

/// How many start times are remembered. A target that restarted more often than this within one observation is a crash
/// loop, which the resets show; forgetting the oldest only makes a return to it look like one restart more.
const MAX_REMEMBERED: usize = 256;

/// What a scrape's start time says about the process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Process {
    /// The first one that was seen, or nothing is known about start times.
    First,
    /// The same as at the last scrape.
    Same,
    /// It was started again: counters begin at 0.
    Restarted {
        /// Start of the process before, unix seconds.
        from: f64,
        /// Start of this one, unix seconds.
        to: f64,
    },
}

/// The start time went back to that of a process seen earlier, so that both are alive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeveralInstances {
    /// The two start times, unix seconds.
    pub starts: (f64, f64),
}

impl SeveralInstances {
    /// For people.
    pub fn text(&self) -> Text {
        let (one, other) = self.starts;
        text!(
            "several instances behind one URL (start times {one} and {other} alternate)",
            "一个 URL 后面有多个实例（启动时间 {one} 与 {other} 交替出现）"
        )
    }
}

/// In English; see [`SeveralInstances::text`].
impl fmt::Display for SeveralInstances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for SeveralInstances {}

/// The start times seen at one URL, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instances {
    /// The last one is that of the process whose counters are followed.
    seen: Vec<f64>,
}

impl Instances {
    /// Takes the start time of the next scrape. After an error the followed process stays the one before: if the other
    /// instance does not answer again, as when a rolling update ends, the observation goes on with it.
    pub fn feed(&mut self, start: Option<f64>) -> Result<Process, SeveralInstances> {
        let Some(start) = start else {
            return Ok(if self.seen.is_empty() { Process::First } else { Process::Same });
        };
        let Some(&current) = self.seen.last() else {
            self.seen.push(start);
            return Ok(Process::First);
        };
        // Compared exactly: it is one number that the process prints again and again.
        if start.to_bits() == current.to_bits() {
            return Ok(Process::Same);
        }
        if self.seen.iter().any(|earlier| earlier.to_bits() == start.to_bits()) {
            return Err(SeveralInstances { starts: (current, start) });
        }
        if self.seen.len() == MAX_REMEMBERED {
            self.seen.remove(0);
        }
        self.seen.push(start);
        Ok(Process::Restarted { from: current, to: start })
    }
}

/// The check before an observation: scrapes taken in quick succession must come from one process. A restart between
/// two of them cannot be told from a second instance, and is no state to begin an observation in either.
pub fn one_process(starts: impl IntoIterator<Item = Option<f64>>) -> Result<(), SeveralInstances> {
    let mut starts = starts.into_iter().flatten();
    let Some(first) = starts.next() else { return Ok(()) };
    match starts.find(|start| start.to_bits() != first.to_bits()) {
        None => Ok(()),
        Some(other) => Err(SeveralInstances { starts: (first, other) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_start_time_is_a_restart_and_an_old_one_a_second_instance() {
        let mut instances = Instances::default();
        assert_eq!(instances.feed(Some(100.0)), Ok(Process::First));
        assert_eq!(instances.feed(Some(100.0)), Ok(Process::Same));
        assert_eq!(instances.feed(Some(200.0)), Ok(Process::Restarted { from: 100.0, to: 200.0 }));
        assert_eq!(instances.feed(Some(100.0)), Err(SeveralInstances { starts: (200.0, 100.0) }));
        assert_eq!(instances.feed(Some(200.0)), Ok(Process::Same));
        assert_eq!(instances.feed(None), Ok(Process::Same));
    }

    #[test]
    fn a_second_instance_may_have_started_earlier() {
        let mut instances = Instances::default();
        let starts = [200.0, 100.0, 200.0];
        let answers = starts.map(|start| instances.feed(Some(start)).is_ok());
        assert_eq!(answers, [true, true, false]);
    }

    #[test]
    fn one_round_has_one_start_time() {
        assert_eq!(one_process([Some(1.0), Some(1.0), None]), Ok(()));
        assert_eq!(one_process([None, None]), Ok(()));
        assert!(one_process([Some(1.0), Some(2.0)]).is_err());
    }
}
