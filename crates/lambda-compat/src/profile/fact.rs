//! One fact of a profile: a value, where it comes from and when that was looked up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::serde_text::serde_text;

/// A value with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact<T> {
    /// What is the case.
    pub value: T,
    /// Where that is said or was seen: a page, or a repository with path and commit.
    pub source: String,
    /// When the source was last looked at.
    pub checked: Date,
    /// How sure it is, and what else to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A day of the Gregorian calendar; its text form is `2026-11-22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day of a Unix time (seconds since 1970-01-01 00:00:00 UTC), in UTC. Days after 9999-12-31 are that day.
    #[must_use]
    pub fn from_unix(seconds: u64) -> Self {
        const LAST: Date = Date { year: 9999, month: 12, day: 31 };
        let mut days = seconds / 86_400;
        let mut date = Self { year: 1970, month: 1, day: 1 };
        loop {
            let year_length = if is_leap(date.year) { 366 } else { 365 };
            if days < year_length {
                break;
            }
            days -= year_length;
            date.year += 1;
            if date.year > LAST.year {
                return LAST;
            }
        }
        while let Some(rest) = days.checked_sub(u64::from(month_length(date.year, date.month))) {
            days = rest;
            date.month += 1;
        }
        date.day += u8::try_from(days).unwrap_or(0);
        date
    }

    /// The Unix time at which the day begins in UTC: seconds since 1970-01-01 00:00:00, negative before.
    #[must_use]
    pub fn to_unix(self) -> i64 {
        let (year, month, day) = (i64::from(self.year), i64::from(self.month), i64::from(self.day));
        // Years begin with March, so that the leap day is the last one.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let days = year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468;
        days * 86_400
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn month_length(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Not a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no date; dates look like 2026-11-22")]
pub struct InvalidDate(String);

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let number = |part: &str, length: usize| {
            (part.len() == length && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok())?
        };
        let date = || {
            let (year, rest) = s.split_once('-')?;
            let (month, day) = rest.split_once('-')?;
            let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
            let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
            ((1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day)).then_some(Self {
                year,
                month,
                day,
            })
        };
        date().ok_or_else(|| InvalidDate(s.to_owned()))
    }
}

serde_text!(Date);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for right in ["2026-11-22", "2024-02-29", "2000-02-29", "2027-12-31"] {
            assert_eq!(right.parse::<Date>().map(|d| d.to_string()), Ok(right.to_owned()));
        }
        for wrong in [
            "",
            "2026",
            "2026-11",
            "2026-1-2",
            "2026-13-01",
            "2026-00-01",
            "2026-04-31",
            "2025-02-29",
            "1900-02-29",
            "2026-11-22T00:00",
            "+026-11-22",
        ] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn unix_time_gives_the_day_in_utc() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_795_305_600, "2026-11-22"),
            (u64::MAX, "9999-12-31"),
        ] {
            assert_eq!(Date::from_unix(seconds).to_string(), day, "{seconds}");
        }
    }
}
