//! When a file was uploaded, as its index spells it.

use std::fmt;

use lambda_compat::Date;

const MICROS: i64 = 1_000_000;

/// The time of an upload. Indexes spell nearly all of them one way, `2024-01-02T03:04:05.678901Z`, of which a number is
/// kept: a resolution holds a hundred thousand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadTime(Kept);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kept {
    /// Since 1970, in UTC.
    Micros(i64),
    Text(Box<str>),
}

impl UploadTime {
    /// Whatever the text is; `Display` gives the very same.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let usual = micros(text).map(|micros| Self(Kept::Micros(micros))).filter(|usual| usual.to_string() == text);
        usual.unwrap_or_else(|| Self(Kept::Text(text.into())))
    }
}

impl fmt::Display for UploadTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = match &self.0 {
            Kept::Micros(micros) => *micros,
            Kept::Text(text) => return f.write_str(text),
        };
        let (seconds, decimals) = (micros.div_euclid(MICROS), micros.rem_euclid(MICROS));
        let date = Date::from_unix(u64::try_from(seconds).unwrap_or(0));
        let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
        write!(f, "{date}T{hours:02}:{minutes:02}:{:02}.{decimals:06}Z", seconds % 60)
    }
}

/// Of a text in the usual spelling, and perhaps of others.
fn micros(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, decimals) = time.split_once('.')?;
    let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.len() <= 6);
    let mut parts = time.split(':').map(number);
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let date = date.parse::<Date>().ok()?.to_unix();
    Some((date + hours * 3600 + minutes * 60 + seconds) * MICROS + number(decimals)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_given_back() {
        let usual = ["2024-01-02T03:04:05.678901Z", "1970-01-01T00:00:00.000000Z", "2038-12-31T23:59:59.999999Z"];
        for text in usual {
            let time = UploadTime::new(text);
            assert!(matches!(time.0, Kept::Micros(_)) && time.to_string() == text, "{text}: {time:?}");
        }
        let others = [
            "",
            "2024-01-02",
            "2024-01-02T03:04:05Z",
            "2024-01-02T03:04:05.6Z",
            "2024-01-02T3:4:5.678901Z",
            "1969-12-31T23:59:59.999999Z",
            "2024-01-02T24:00:00.000000Z",
            "2024-01-02T03:04:60.000000Z",
            "2024-01-02T03:04:05.678901+00:00",
            "2024-01-02T-3:04:05.678901Z",
            "2024-02-30T03:04:05.678901Z",
            "noon",
        ];
        for text in others {
            assert_eq!(UploadTime::new(text).to_string(), text);
        }
    }
}
