//! Sizes as people write them. k, M and G count 1,024, as AWS counts.

use lambda_compat::Code;
use layer_pack::Reserved;

use crate::failure::Failure;

const UNITS: [(char, u64); 3] = [('k', 1 << 10), ('m', 1 << 20), ('g', 1 << 30)];

/// Reads `262144000`, `250MB`, `250 MiB`, `1.5G`.
pub(crate) fn parse_size(text: &str) -> Result<u64, Failure> {
    let refuse = || {
        Failure::new(Code::Usage, format!("`{text}` is not a size"))
            .help("write bytes, or a number with k, M or G: 262144000, 250MB, 1.5G")
    };
    let lower = text.trim().to_ascii_lowercase();
    let bare = lower.strip_suffix("ib").or_else(|| lower.strip_suffix('b')).unwrap_or(&lower);
    let (number, unit) =
        UNITS.iter().find_map(|(letter, unit)| Some((bare.strip_suffix(*letter)?, *unit))).unwrap_or((bare, 1));
    let (whole, fraction) = number.trim_end().split_once('.').unwrap_or((number.trim_end(), ""));
    if whole.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(refuse());
    }
    let whole: u64 = whole.parse().map_err(|_| refuse())?;
    let scale = 10_u64.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let part = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().map_err(|_| refuse())? };
    let part = u128::from(part) * u128::from(unit) / u128::from(scale);
    let bytes = u128::from(whole) * u128::from(unit) + part;
    u64::try_from(bytes).map_err(|_| refuse())
}

/// `Lambda Web Adapter=5MB`: weight and a slot that are set aside.
pub(crate) fn parse_reserved(text: &str) -> Result<Reserved, Failure> {
    let Some((name, size)) = text.rsplit_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
        return Err(Failure::new(Code::Usage, format!("--reserve {text}: not NAME=SIZE"))
            .help("write `--reserve \"Lambda Web Adapter=5MB\"`"));
    };
    Ok(Reserved { name: name.trim().to_owned(), bytes: parse_size(size)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_aws_counts() {
        let read = |text| parse_size(text).expect(text);
        assert_eq!(read("262144000"), 262_144_000);
        assert_eq!(read("250MB"), 262_144_000);
        assert_eq!(read("250 MiB"), 262_144_000);
        assert_eq!(read("1.5g"), 1_610_612_736);
        assert_eq!(read("10k"), 10_240);
        for bad in ["", "MB", "-1", "1.x", "12 parsecs", "99999999999999G", "1.0000000001"] {
            assert_eq!(parse_size(bad).map_err(|f| f.code), Err(Code::Usage), "{bad}");
        }
    }
}
