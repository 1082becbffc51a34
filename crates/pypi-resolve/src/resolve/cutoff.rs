//! "Nothing newer than this": moments, as indexes and people write them, and which of them a package is held to.
//!
//! uv's `--exclude-newer` and pip's `--uploaded-prior-to` differ in one thing: of a date without a time, uv's takes in
//! that day, pip's does not. Where no zone is written both mean the machine's; here it is UTC, so that one command gives
//! one layer on every machine.

use std::collections::BTreeMap;
use std::fmt;

use lambda_compat::Date;
use wheel_tags::DistName;

const SECONDS_OF_DAY: i64 = 86_400;

/// A point in time: seconds since 1970-01-01 00:00:00 UTC, and nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    seconds: i64,
    nanos: u32,
}

impl Moment {
    /// From a Unix time.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        Self { seconds, nanos: 0 }
    }

    /// The first moment of a day in UTC.
    #[must_use]
    pub fn of_date(date: Date) -> Self {
        Self::from_unix(date.to_unix())
    }

    /// Reads `2024-05-01T12:00:00Z`: RFC 3339 with any zone or none (UTC), `T` or a space, any number of decimals.
    /// Indexes write upload times so (PEP 700).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.trim().split_at_checked(10)?;
        let date: Date = date.parse().ok()?;
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let zone_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
        let (time, zone) = rest.split_at_checked(zone_at)?;
        let (time, decimals) = time.split_once('.').unwrap_or((time, ""));
        let mut parts = time.split(':').map(two_digits);
        let (hours, minutes) = (parts.next()??, parts.next()??);
        // RFC 3339 has 60 for a leap second.
        let seconds = parts.next().map_or(Some(0), |seconds| seconds)?;
        if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 60 {
            return None;
        }
        if !decimals.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let nanos = format!("{decimals:0<9}").get(..9)?.parse().ok()?;
        let offset = offset(zone)?;
        let of_day = hours * 3600 + minutes * 60 + seconds;
        Some(Self { seconds: Self::of_date(date).seconds + of_day - offset, nanos })
    }
}

impl fmt::Display for Moment {
    /// `2024-05-01T12:00:00Z`; without the time at midnight.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = Date::from_unix(u64::try_from(self.seconds).unwrap_or(0));
        match self.seconds.rem_euclid(SECONDS_OF_DAY) {
            0 => write!(f, "{date}"),
            of_day => write!(f, "{date}T{:02}:{:02}:{:02}Z", of_day / 3600, of_day / 60 % 60, of_day % 60),
        }
    }
}

fn two_digits(text: &str) -> Option<i64> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Seconds east of UTC: `Z`, `+02:00`, `-0800`; nothing is UTC.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z") {
        return Some(0);
    }
    let (sign, digits) = zone.split_at_checked(1)?;
    let digits = digits.replacen(':', "", 1);
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { two_digits(minutes)? };
    let seconds = two_digits(hours)? * 3600 + minutes * 60;
    Some(if sign == "-" { -seconds } else { seconds })
}

/// Files that were uploaded at this moment or later are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cutoff {
    /// The first moment that is too late.
    pub moment: Moment,
    /// The option as it was given: `--exclude-newer 7 days`.
    pub said: String,
}

/// Whether a date without a time takes in that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BareDate {
    /// As uv has it.
    Included,
    /// As pip has it.
    Excluded,
}

impl Cutoff {
    /// Reads a date, a time (RFC 3339), or a span before `now`: `7 days`, `1 week`, `36h`, `P7D`, `PT36H`.
    ///
    /// `option` is its name, for messages. `None`: it is none of these.
    #[must_use]
    pub fn parse(option: &str, text: &str, now: Moment, bare: BareDate) -> Option<Self> {
        let moment = if let Ok(date) = text.trim().parse::<Date>() {
            let day = Moment::of_date(date);
            let days = if bare == BareDate::Included { SECONDS_OF_DAY } else { 0 };
            Moment { seconds: day.seconds + days, ..day }
        } else if let Some(moment) = Moment::parse(text) {
            moment
        } else {
            let back = span(text.trim())?;
            Moment { seconds: now.seconds.checked_sub(back)?, ..now }
        };
        Some(Self { moment, said: format!("{option} {}", text.trim()) })
    }
}

/// A span of time in seconds. Months and years are no fixed spans: they are not taken, as in uv.
fn span(text: &str) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    let lower = lower.strip_suffix("ago").unwrap_or(&lower);
    let (mut rest, iso) = match lower.strip_prefix('p') {
        Some(iso) => (iso, true),
        None => (lower, false),
    };
    let mut total: i64 = 0;
    let mut some = false;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || iso && c == 't');
        if rest.is_empty() {
            return some.then_some(total);
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(digits)?;
        let after = after.trim_start();
        let unit_end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        // In ISO 8601 units are single letters, with a T somewhere before the hours.
        let (unit, after) = after.split_at_checked(if iso { 1 } else { unit_end })?;
        let unit = match unit {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" if !iso || lower.contains('t') => 60,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600,
            "d" | "day" | "days" => SECONDS_OF_DAY,
            "w" | "week" | "weeks" => 7 * SECONDS_OF_DAY,
            _ => return None,
        };
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        some = true;
        rest = after;
    }
}

/// Which packages are held to which moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cutoffs {
    /// For all packages that have none of their own.
    pub all: Option<Cutoff>,
    /// For single packages; `None`: this one is free.
    pub by_name: BTreeMap<DistName, Option<Cutoff>>,
}

impl Cutoffs {
    /// What a package is held to.
    #[must_use]
    pub fn of(&self, name: &DistName) -> Option<&Cutoff> {
        self.by_name.get(name).map_or(self.all.as_ref(), Option::as_ref)
    }

    /// Whether nothing is held to anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.by_name.values().all(Option::is_none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix(text: &str) -> Option<i64> {
        Moment::parse(text).map(|moment| moment.seconds)
    }

    #[test]
    fn moments_are_read_as_indexes_write_them() {
        assert_eq!(unix("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(unix("2024-02-29T12:34:56.123456Z"), Some(1_709_210_096));
        assert_eq!(unix("2024-02-29 12:34:56"), Some(1_709_210_096));
        assert_eq!(unix("2024-02-29T14:34:56+02:00"), Some(1_709_210_096));
        assert_eq!(unix("2024-02-29T04:34:56-0800"), Some(1_709_210_096));
        assert_eq!(unix("1969-12-31T23:59Z"), Some(-60));
        assert!(Moment::parse("2024-05-01T00:00:00.1Z") > Moment::parse("2024-05-01T00:00:00.09999999999Z"));
        for bad in [
            "",
            "2024-05-01",
            "2024-13-01T00:00:00Z",
            "2024-05-01T24:00:00Z",
            "2024-05-01T1:00:00Z",
            "soon",
            "2024-05-01T00:00:00.xZ",
            "2024-05-01T00:00:00+é",
            "2024-05-01T00:00:00:00Z",
        ] {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_day_of_four_hundred_years_follows_the_one_before() {
        let mut date: Date = "1970-01-01".parse().expect("a date");
        for day in 0..146_097_u32 {
            let seconds = i64::from(day) * SECONDS_OF_DAY;
            assert_eq!(Moment::of_date(date), Moment::from_unix(seconds), "{date}");
            assert_eq!(Moment::from_unix(seconds).to_string(), date.to_string());
            date = Date::from_unix(u64::from(day + 1) * 86_400);
        }
    }

    #[test]
    fn dates_times_and_spans_make_a_cutoff() {
        let now = Moment::parse("2026-11-22T00:00:00Z").expect("a time");
        let of = |text: &str, bare| Cutoff::parse("-x", text, now, bare).map(|cutoff| cutoff.moment.to_string());
        assert_eq!(of("2024-05-01", BareDate::Included).as_deref(), Some("2024-05-02"));
        assert_eq!(of("2024-05-01", BareDate::Excluded).as_deref(), Some("2024-05-01"));
        for span in ["7 days", "1 week", "P7D", "P1W", "7d", "168h", "PT168H", "6 days 24 hours", "1 week ago", "1W"] {
            assert_eq!(of(span, BareDate::Included).as_deref(), Some("2026-11-15"), "{span}");
        }
        assert_eq!(of("P1DT1H30M", BareDate::Included).as_deref(), Some("2026-11-20T22:30:00Z"));
        for bad in ["", "days", "7", "1 month", "P1M", "P1Y", "7 dayz", "-7 days", "P", "99999999999999999 weeks", "é"]
        {
            assert_eq!(of(bad, BareDate::Included), None, "{bad}");
        }
    }
}
