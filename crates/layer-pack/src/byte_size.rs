//! Bytes as people read them.

use std::fmt;

const KILOBYTE: u64 = 1 << 10;
const MEGABYTE: u64 = 1 << 20;

/// A number of bytes; shows `95 bytes`, `812 kB` (rounded up) or `31.2 MB` (rounded half up). kB and MB count 1,024, as
/// AWS counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0..KILOBYTE => write!(f, "{} bytes", self.0),
            KILOBYTE..MEGABYTE => write!(f, "{} kB", self.0.div_ceil(KILOBYTE)),
            _ => {
                let tenths = (u128::from(self.0) * 10 + u128::from(MEGABYTE) / 2) / u128::from(MEGABYTE);
                write!(f, "{}.{} MB", tenths / 10, tenths % 10)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded() {
        let shown = |bytes| ByteSize(bytes).to_string();
        assert_eq!(shown(0), "0 bytes");
        assert_eq!(shown(1023), "1023 bytes");
        assert_eq!(shown(1024), "1 kB");
        assert_eq!(shown(1025), "2 kB");
        assert_eq!(shown(MEGABYTE), "1.0 MB");
        assert_eq!(shown(1_100_000), "1.0 MB");
        assert_eq!(shown(1_101_005), "1.1 MB");
        assert_eq!(shown(262_144_000), "250.0 MB");
        assert_eq!(shown(u64::MAX), "17592186044416.0 MB");
    }
}
