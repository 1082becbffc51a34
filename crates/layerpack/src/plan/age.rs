//! Lengths of time as people write them.

use std::time::Duration;

use lambda_compat::Code;

use crate::failure::Failure;

const UNITS: [(char, u64); 3] = [('h', 3600), ('d', 24 * 3600), ('w', 7 * 24 * 3600)];

/// Reads `12h`, `30d`, `2w`.
pub(crate) fn parse_age(text: &str) -> Result<Duration, Failure> {
    let lower = text.trim().to_ascii_lowercase();
    let read = || {
        let (number, seconds) =
            UNITS.iter().find_map(|(letter, seconds)| Some((lower.strip_suffix(*letter)?, *seconds)))?;
        let number: u64 = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())??;
        number.checked_mul(seconds).map(Duration::from_secs)
    };
    read().ok_or_else(|| {
        Failure::new(Code::Usage, format!("`{text}` is no length of time"))
            .help("write a number with h, d or w, for hours, days or weeks: 30d")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_days_and_weeks() {
        let hours = |text| parse_age(text).expect(text).as_secs() / 3600;
        assert_eq!([hours("12h"), hours("30d"), hours(" 2W "), hours("0d")], [12, 720, 336, 0]);
        for bad in ["", "d", "30", "-1d", "+1d", "1.5d", "1y", "99999999999999999999d", "9999999999999999999w"] {
            assert_eq!(parse_age(bad).map_err(|failure| failure.code), Err(Code::Usage), "{bad}");
        }
    }
}
