//! What the counters of the watched service hold: a pure function of the scenario, its seed and the virtual time.
//!
//! Each series is made of atoms (a route, a status, a bucket), and an atom's count is the whole part of its rate summed
//! over time. So all counts only go up, the sum over buckets is the count and the sum over routes is the total, exactly.

use jiff::SignedDuration;

use super::fields::{Latency, Rate, Share};
use super::service::Service;

/// Route, method, share of the requests.
pub const ROUTES: [(&str, &str, f64); 4] = [
    ("/api/sheets", "GET", 0.5),
    ("/api/sheets/:id", "GET", 0.2),
    ("/api/sheets/:id/cells", "POST", 0.2),
    ("/api/auth/login", "POST", 0.1),
];

/// Statuses: good, the client's error, the server's error.
pub const STATUSES: [&str; 3] = ["200", "404", "500"];

/// Upper bounds of the request histogram in seconds; `+Inf` follows.
pub const REQUEST_BOUNDS: [f64; 9] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0];

/// Upper bounds of the histogram of plugin reloads in seconds; `+Inf` follows.
pub const RELOAD_BOUNDS: [f64; 6] = [0.1, 0.5, 1.0, 2.0, 5.0, 10.0];

/// Upper bounds of the histogram of snapshot operations in seconds; `+Inf` follows.
pub const SNAPSHOT_BOUNDS: [f64; 7] = [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];

/// Reasons of effective fallbacks, with their share.
pub const FALLBACKS: [(&str, f64); 3] = [("http_timeout", 0.5), ("http_error", 0.3), ("circuit_breaker", 0.2)];

/// The share of requests that miss the cache: a fallback that is counted, but not an effective one.
const CACHE_MISSES: f64 = 0.03;

/// Plugins that are reloaded, in equal shares.
pub const PLUGINS: [&str; 2] = ["formula", "kanban"];

/// Results, good and bad.
pub const RESULTS: [&str; 2] = ["success", "failure"];

/// Half of the operations are faster, and 99 of 100: reloads of plugins, snapshots.
const RELOAD_LATENCY: (f64, f64) = (0.6, 3.0);
const SNAPSHOT_LATENCY: (f64, f64) = (1.2, 8.0);

/// A count as it grows: whole counts are read from it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Amount(f64);

impl Amount {
    fn whole(self) -> u64 {
        // Sums of binary fractions end a hair below the whole number that they mean; no rate is so small that this
        // is a count of its own.
        const HAIR: f64 = 1e-6;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "amounts are not negative, rates are bounded"
        )]
        let whole = (self.0 + HAIR).floor() as u64;
        whole
    }
}

/// Counts by bucket, not cumulative; the last is `+Inf`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram<const N: usize> {
    /// Counts of the bounds.
    pub bounds: [u64; N],
    /// What is beyond the last bound.
    pub beyond: u64,
}

impl<const N: usize> Histogram<N> {
    /// All of it.
    pub fn count(&self) -> u64 {
        self.bounds.iter().sum::<u64>() + self.beyond
    }
}

/// Growing counts by bucket.
#[derive(Clone, Copy, Debug)]
struct Growing<const N: usize> {
    bounds: [Amount; N],
    beyond: Amount,
}

impl<const N: usize> Growing<N> {
    const NONE: Self = Self { bounds: [Amount(0.0); N], beyond: Amount(0.0) };

    /// Adds `amount`, spread over the buckets as `within` (the cumulated share at each bound) says.
    fn add(&mut self, amount: f64, within: &[f64; N]) {
        let mut below = 0.0;
        for (bucket, share) in self.bounds.iter_mut().zip(within) {
            bucket.0 += amount * (share - below);
            below = *share;
        }
        self.beyond.0 += amount * (1.0 - below);
    }

    fn whole(&self) -> Histogram<N> {
        Histogram { bounds: self.bounds.map(Amount::whole), beyond: self.beyond.whole() }
    }
}

/// All counters of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// By route and status, in the order of [`ROUTES`] and [`STATUSES`].
    pub requests: [[Histogram<9>; 3]; 4],
    /// By reason, in the order of [`FALLBACKS`].
    pub fallbacks: [u64; 3],
    /// Fallbacks that are not effective ones.
    pub cache_misses: u64,
    /// By plugin and result, in the order of [`PLUGINS`] and [`RESULTS`].
    pub reloads: [[u64; 2]; 2],
    /// Their durations by plugin.
    pub reload_seconds: [Histogram<6>; 2],
    /// Snapshots created, by result.
    pub creates: [u64; 2],
    /// Snapshots restored, by result.
    pub restores: [u64; 2],
    /// Cleanups, by result.
    pub cleanups: [u64; 2],
    /// Durations of creating and of restoring.
    pub snapshot_seconds: [Histogram<7>; 2],
}

/// A number in -1..1 that `seed`, `instance` and `minute` decide (splitmix64).
fn chance(seed: u64, instance: u8, minute: i64) -> f64 {
    let mixed = super::faults::mix(seed ^ (u64::from(instance) << 56), minute.cast_unsigned());
    mixed * 2.0 - 1.0
}

/// The seconds between two moments, each minute weighed as the jitter of the seed makes it busier or quieter.
fn busy_seconds(service: &Service, seed: u64, instance: u8, from: f64, to: f64) -> f64 {
    if to <= 0.0 {
        return to - from; // What was before the run is history: its mean.
    }
    let mut sum = 0.0;
    let mut now = from;
    while now < to {
        let minute = (now / 60.0).floor();
        let end = ((minute + 1.0) * 60.0).min(to);
        #[expect(clippy::cast_possible_truncation, reason = "minutes of a simulation")]
        let factor = 1.0 + service.jitter.0 * chance(seed, instance, minute as i64);
        sum += (end - now) * factor;
        now = end;
    }
    sum
}

/// The share of the distribution within each bound.
fn within<const N: usize>(latency: &Latency, bounds: [f64; N]) -> [f64; N] {
    bounds.map(|bound| latency.share_within(bound))
}

/// The counters of an instance `after` the start of the run, since its process was started.
pub fn counts(service: &Service, seed: u64, instance: u8, after: SignedDuration) -> Counts {
    let start = service.started(instance, after);
    let now = grained(after, service.grain.0).max(start);
    let smooth = |(p50, p99): (f64, f64)| Latency::Smooth {
        p50: super::fields::Span(SignedDuration::from_secs_f64(p50)),
        p99: super::fields::Span(SignedDuration::from_secs_f64(p99)),
    };
    let reload_shape = within(&smooth(RELOAD_LATENCY), RELOAD_BOUNDS);
    let snapshot_shape = within(&smooth(SNAPSHOT_LATENCY), SNAPSHOT_BOUNDS);

    let mut requests = [[Growing::<9>::NONE; 3]; 4];
    let mut fallbacks = [Amount::default(); 3];
    let mut cache_misses = Amount::default();
    let mut reloads = [[Amount::default(); 2]; 2];
    let mut reload_seconds = [Growing::<6>::NONE; 2];
    let mut operations = [[Amount::default(); 2]; 3];
    let mut snapshot_seconds = [Growing::<7>::NONE; 2];

    let turns = service.turns(start, now);
    let begins = std::iter::once(start).chain(turns.iter().copied());
    let ends = turns.iter().copied().chain(std::iter::once(now));
    for (begin, end) in begins.zip(ends) {
        let then = service.now(begin);
        let own = 1.0 / f64::from(service.instances.max(1));
        let busy = busy_seconds(&then, seed, instance, begin.as_secs_f64(), end.as_secs_f64());
        let total = then.requests_per_min.0 / 60.0 * busy * own;
        let hours = (end - begin).as_secs_f64() / 3600.0 * own;
        let shape = within(&then.latency, REQUEST_BOUNDS);
        let bad = then.client_errors.0 + then.errors.0;
        let statuses = [(1.0 - bad).max(0.0), then.client_errors.0, then.errors.0];
        for (by_status, (_, _, share)) in requests.iter_mut().zip(ROUTES) {
            for (growing, status) in by_status.iter_mut().zip(statuses) {
                growing.add(total * share * status, &shape);
            }
        }
        for (amount, (_, share)) in fallbacks.iter_mut().zip(FALLBACKS) {
            amount.0 += total * then.fallbacks.0 * share;
        }
        cache_misses.0 += total * CACHE_MISSES;
        let half = then.reloads_per_hour.0 * hours / PLUGINS.len() as f64;
        for (by_result, seconds) in reloads.iter_mut().zip(&mut reload_seconds) {
            split(by_result, half, then.reload_failures);
            seconds.add(half, &reload_shape);
        }
        let each = |rate: Rate| rate.0 * hours;
        let rates = [
            (each(then.snapshots_per_hour), then.snapshot_failures),
            (each(then.restores_per_hour), then.snapshot_failures),
            (each(then.cleanups_per_hour), Share(0.0)),
        ];
        for (by_result, (amount, failures)) in operations.iter_mut().zip(rates) {
            split(by_result, amount, failures);
        }
        for (seconds, (amount, _)) in snapshot_seconds.iter_mut().zip(rates) {
            seconds.add(amount, &snapshot_shape);
        }
    }
    let [creates, restores, cleanups] = operations.map(|by_result| by_result.map(Amount::whole));
    Counts {
        requests: requests.map(|by_status| by_status.map(|growing| growing.whole())),
        fallbacks: fallbacks.map(Amount::whole),
        cache_misses: cache_misses.whole(),
        reloads: reloads.map(|by_result| by_result.map(Amount::whole)),
        reload_seconds: reload_seconds.map(|growing| growing.whole()),
        creates,
        restores,
        cleanups,
        snapshot_seconds: snapshot_seconds.map(|growing| growing.whole()),
    }
}

/// Adds to the good and the bad ones.
fn split(by_result: &mut [Amount; 2], amount: f64, failures: Share) {
    let [good, bad] = by_result;
    good.0 += amount * (1.0 - failures.0);
    bad.0 += amount * failures.0;
}

/// The last whole step of `grain` before `time`.
fn grained(time: SignedDuration, grain: SignedDuration) -> SignedDuration {
    if grain.is_zero() {
        return time;
    }
    let rest = time.as_nanos().rem_euclid(grain.as_nanos());
    time - SignedDuration::from_nanos_i128(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(text: &str) -> Service {
        toml::from_str(text).unwrap()
    }

    fn sec(seconds: i64) -> SignedDuration {
        SignedDuration::from_secs(seconds)
    }

    fn total(counts: &Counts, status: Option<usize>) -> u64 {
        let of = |by_status: &[Histogram<9>; 3]| match status {
            Some(n) => by_status[n].count(),
            None => by_status.iter().map(Histogram::count).sum(),
        };
        counts.requests.iter().map(of).sum()
    }

    #[test]
    fn counts_are_a_function_of_scenario_seed_and_time() {
        let service = service("");
        assert_eq!(counts(&service, 1, 0, sec(4000)), counts(&service, 1, 0, sec(4000)));
        assert_ne!(counts(&service, 1, 0, sec(4000)), counts(&service, 2, 0, sec(4000)));
        assert_ne!(counts(&service, 1, 0, sec(4000)), counts(&service, 1, 0, sec(4001)));
    }

    #[test]
    fn counts_only_go_up() {
        let service = service("[[at]]\nafter = \"5m\"\nfor = \"5m\"\nrequests_per_min = 3\nerrors = \"50%\"\n");
        let mut before = counts(&service, 9, 0, sec(0));
        for n in 1..200 {
            let now = counts(&service, 9, 0, sec(n * 7));
            for (a, b) in before.requests.iter().flatten().zip(now.requests.iter().flatten()) {
                assert!(a.bounds.iter().zip(b.bounds).all(|(a, b)| *a <= b) && a.beyond <= b.beyond, "at {n}");
            }
            before = now;
        }
    }

    #[test]
    fn rates_without_jitter_are_exact() {
        let steady = "jitter = \"0%\"\nup_for = \"0s\"\nclient_errors = \"0%\"\nfallbacks = \"10%\"\n";
        let failing = service(&format!("{steady}errors = \"2%\"\nlatency = \"80ms\"\n"));
        let now = counts(&failing, 0, 0, sec(600));
        assert_eq!((total(&now, None), total(&now, Some(2))), (12_000, 240));
        assert_eq!(now.fallbacks, [600, 360, 240]);
        let latency = "[{ takes = \"80ms\", share = \"99%\" }, { takes = \"3s\", share = \"1%\" }]";
        let slow = service(&format!("{steady}errors = \"0%\"\nlatency = {latency}\n"));
        let now = counts(&slow, 0, 0, sec(600));
        let between_2_and_5: u64 = now.requests.iter().flatten().map(|histogram| histogram.bounds[8]).sum();
        assert_eq!((total(&now, None), between_2_and_5), (12_000, 120));
    }

    #[test]
    fn a_restart_begins_at_nothing() {
        let service = service("[[at]]\nafter = \"10m\"\nrestart = true\n");
        assert!(total(&counts(&service, 0, 0, sec(599)), None) > 1_000_000);
        assert_eq!(total(&counts(&service, 0, 0, sec(600)), None), 0);
        assert!(total(&counts(&service, 0, 0, sec(660)), None) > 500);
    }

    #[test]
    fn a_grain_makes_counts_stand_still_between_its_steps() {
        let service = service("grain = \"10m\"\njitter = \"0%\"\n");
        assert_eq!(counts(&service, 0, 0, sec(600)), counts(&service, 0, 0, sec(1199)));
        assert_ne!(counts(&service, 0, 0, sec(600)), counts(&service, 0, 0, sec(1200)));
    }

    #[test]
    fn without_reloads_none_is_counted() {
        let service = service("[[at]]\nafter = \"0s\"\nreloads_per_hour = 0\n");
        let before = counts(&service, 0, 0, sec(0));
        assert!(before.reloads[0][0] > 0, "there was a history");
        assert_eq!(counts(&service, 0, 0, sec(7200)).reloads, before.reloads);
    }

    #[test]
    fn instances_share_the_traffic_and_count_apart() {
        let service =
            service("instances = 2\nup_for = \"0s\"\njitter = \"0%\"\n[[at]]\nafter = \"0s\"\nrestart = true\n");
        let (one, two) = (counts(&service, 0, 0, sec(600)), counts(&service, 0, 1, sec(600)));
        let whole = counts(&Service { instances: 1, ..service.clone() }, 0, 0, sec(600));
        assert!(total(&one, None) + total(&two, None) <= total(&whole, None));
        assert!(total(&one, None) * 2 + 120 > total(&whole, None));
    }
}
