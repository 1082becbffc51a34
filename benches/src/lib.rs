//! Speed is measured here and never in a test.
//!
//! `benches/benches/` holds one criterion benchmark per stage of the work, each for one crate: `parse_tags` (file names
//! parsed and ranked), `read_elf` (facts of a shared object), `inspect_wheel` (a whole wheel verified), `resolve_graph`
//! (pins for a graph of packages in memory) and `pack_layer` (plan, weight and zip). `cargo bench -p benches` measures,
//! `cargo bench -p benches -- --test` runs each once. Reading index pages is not among them: its parsers are private to
//! `pypi-resolve`, and through its public side a benchmark would measure the loopback.
//!
//! Their data come from `testkit` and from the generator below, so that they are the same bytes on any machine. Whole
//! processes beside uv, pip and auditwheel are measured by `compare.sh`.

/// A stream of numbers that look random and depend on the seed alone: `SplitMix64`, Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014.
#[derive(Clone, Debug)]
pub struct SplitMix(u64);

impl SplitMix {
    /// The stream of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` - 1, even enough for test data.
    ///
    /// # Panics
    ///
    /// When `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let [a, b, c, d, ..] = self.bits().to_be_bytes();
        u32::from_be_bytes([a, b, c, d]) % bound
    }

    /// One of these.
    ///
    /// # Panics
    ///
    /// When there is none, or more than 2³².
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let count = u32::try_from(choices.len()).expect("no more than 2³² choices");
        &choices[self.below(count) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::SplitMix;

    #[test]
    fn the_numbers_are_those_of_the_reference_implementation() {
        // Java's SplittableRandom and Vigna's splitmix64.c give these for seed 0.
        let mut numbers = SplitMix::new(0);
        assert_eq!(numbers.bits(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(numbers.bits(), 0x6E78_9E6A_A1B9_65F4);
        assert_eq!(numbers.bits(), 0x06C4_5D18_8009_454F);
    }
}
