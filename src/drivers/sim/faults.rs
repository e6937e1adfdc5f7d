//! What is left to chance in a simulation: one seed decides all of it, so that a run can be repeated exactly.

use super::fields::Share;

/// A number in 0..1 that two numbers decide (splitmix64 over both).
pub fn mix(seed: u64, value: u64) -> f64 {
    let scrambled = scramble(scramble(seed).wrapping_add(value));
    // The upper 53 bits: as many as a double holds.
    (scrambled >> 11) as f64 / (1_u64 << 53) as f64
}

fn scramble(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// FNV-1a of a text: the same on every machine and in every version.
pub fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

/// Does the effect named `id` meet the fault `kind`, whose chance is `share`?
pub fn strikes(seed: u64, kind: &str, id: &str, share: Share) -> bool {
    share.0 > 0.0 && mix(seed ^ hash(kind), hash(id)) < share.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_chance_never_strikes_and_a_sure_one_always() {
        for n in 0..100 {
            let id = format!("deploy/sh.1#{n}");
            assert!(!strikes(n, "commands", &id, Share(0.0)));
            assert!(strikes(n, "commands", &id, Share(1.0)));
        }
    }

    #[test]
    fn a_chance_strikes_about_as_often_as_it_says() {
        let struck = (0..10_000).filter(|n| strikes(3, "requests", &format!("alive#{n}"), Share(0.1))).count();
        assert!((900..1100).contains(&struck), "{struck}");
    }

    #[test]
    fn the_seed_decides() {
        let pattern = |seed| (0..64).map(|n| strikes(seed, "files", &format!("x#{n}"), Share(0.5))).collect::<Vec<_>>();
        assert_eq!(pattern(1), pattern(1));
        assert_ne!(pattern(1), pattern(2));
    }
}
