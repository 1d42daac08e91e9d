use uuid::Uuid;

/// A small seeded generator (SplitMix64): the same seed always yields the same sequence. Not for secrets.
#[derive(Debug, Clone)]
pub struct SimRandom {
    state: u64,
}

impl SimRandom {
    /// A generator that starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 (included) to 1 (excluded).
    pub fn next_unit(&mut self) -> f64 {
        // 53 bits are what an f64 holds exactly.
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A UUID with the version and variant bits of a random one.
    pub fn next_uuid(&mut self) -> Uuid {
        let high = u128::from(self.next_u64());
        let low = u128::from(self.next_u64());
        uuid::Builder::from_random_bytes(((high << 64) | low).to_be_bytes()).into_uuid()
    }

    /// `length` characters out of `0-9A-Z`.
    pub fn next_code(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| {
                // The remainder is below 36, so the cast loses nothing.
                let digit = (self.next_u64() % 36) as u8;
                char::from(if digit < 10 { b'0' + digit } else { b'A' + digit - 10 })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_yields_the_same_sequence() {
        let (mut a, mut b, mut c) = (SimRandom::new(7), SimRandom::new(7), SimRandom::new(8));
        let left: Vec<_> = (0..50).map(|_| a.next_u64()).collect();
        let right: Vec<_> = (0..50).map(|_| b.next_u64()).collect();
        let other: Vec<_> = (0..50).map(|_| c.next_u64()).collect();
        assert_eq!(left, right);
        assert_ne!(left, other);
        assert_eq!(a.next_uuid().get_version_num(), 4);
        let code = a.next_code(6);
        assert!(
            code.len() == 6 && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()),
            "{code}"
        );
        assert!((0..1000).all(|_| (0.0..1.0).contains(&a.next_unit())));
    }
}
