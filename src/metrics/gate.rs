//! When an objective counts as missed: after how many samples, and when it counts as met again.

use std::fmt;

/// How a crossing is told from a flicker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// So many samples must be on the bad side; 1 at least.
    pub fails: u32,
    /// Of the last so many that were judged; as many as `fails`, or more.
    pub of: u32,
    /// So many in a row must be on the good side before it is over; 1 at least.
    pub recovers: u32,
}

impl Default for Rule {
    /// One bad sample crosses, one good one is the end of it.
    fn default() -> Self {
        Self { fails: 1, of: 1, recovers: 1 }
    }
}

/// As it is written in a runbook.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fails {}", self.fails)?;
        if self.of > self.fails {
            write!(f, ", of: {}", self.of)?;
        }
        if self.recovers > 1 {
            write!(f, ", recovers: {}", self.recovers)?;
        }
        Ok(())
    }
}

/// What a sample changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The objective counts as missed from this sample on.
    Crossed,
    /// It counts as met again.
    Recovered,
}

/// One objective against one bound, sample by sample. Only samples that were judged are told to it: one that was missed, that
/// could not be read or that had no data speaks neither for the objective nor against it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// Was each of the last samples bad? The newest last, at most `of`.
    recent: Vec<bool>,
    /// Good samples in a row.
    good: u32,
    crossed: bool,
}

impl Gate {
    /// Takes the next sample that was judged.
    pub fn judge(&mut self, rule: Rule, bad: bool) -> Option<Change> {
        self.good = if bad { 0 } else { self.good.saturating_add(1) };
        self.recent.push(bad);
        let most = usize::try_from(rule.of.max(rule.fails)).unwrap_or(usize::MAX);
        if self.recent.len() > most {
            self.recent.remove(0);
        }
        if self.crossed {
            let over = self.good >= rule.recovers;
            if over {
                // What was bad before is over with it: the next crossing is counted from here.
                *self = Self::default();
            }
            return over.then_some(Change::Recovered);
        }
        let failed = self.recent.iter().filter(|bad| **bad).count();
        self.crossed = bad && failed >= usize::try_from(rule.fails).unwrap_or(usize::MAX);
        self.crossed.then_some(Change::Crossed)
    }

    /// Does the objective count as missed now?
    pub fn is_crossed(&self) -> bool {
        self.crossed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The changes at each of these samples: `x` is bad; in the answer `X` is crossed, `o` recovered.
    fn changes(rule: Rule, samples: &str) -> String {
        let mut gate = Gate::default();
        let change = |sample: char| match gate.judge(rule, sample == 'x') {
            Some(Change::Crossed) => 'X',
            Some(Change::Recovered) => 'o',
            None => '.',
        };
        samples.chars().map(change).collect()
    }

    #[test]
    fn one_bad_sample_crosses_where_nothing_else_is_said() {
        assert_eq!(changes(Rule::default(), "--xx-x-"), "..X.oXo");
    }

    #[test]
    fn samples_in_a_row_are_not_samples_among_others() {
        let row = Rule { fails: 2, of: 2, recovers: 1 };
        assert_eq!(changes(row, "x-x-xx-"), ".....Xo");
        let among = Rule { fails: 2, of: 3, recovers: 1 };
        assert_eq!(changes(among, "x-x-x--"), "..Xo...");
    }

    #[test]
    fn it_is_over_only_after_enough_good_samples_in_a_row() {
        let slow = Rule { fails: 1, of: 1, recovers: 3 };
        assert_eq!(changes(slow, "x--x---x"), "X.....oX");
    }

    #[test]
    fn a_good_sample_never_crosses() {
        let among = Rule { fails: 1, of: 3, recovers: 1 };
        assert_eq!(changes(among, "x--"), "Xo.");
    }
}
