//! Bounds, and what `pep508_rs` would get wrong or panic on.

use proptest::prelude::*;

use super::*;

fn refused(text: &str) -> String {
    read_marker(text).map_err(|fault| format!("{:?} {}", fault.span, fault.problem)).expect_err("refused")
}

#[test]
fn hostile_markers_are_refused() {
    assert!(refused(&"(".repeat(100_000)).contains("longer than"));
    assert!(refused(&"(".repeat(1000)).contains("nested parentheses"));
    assert!(refused("os_name == 'a' é").starts_with("15..17 markers are ASCII"));
    assert!(refused("os_name == 'é'").contains("ASCII"));
    assert!(refused("'x' ~= os_name").starts_with("4..6 `~=` has"));
    assert!(refused("python_version > '3.18446744073709551615'").starts_with("20..40 a number"));
    assert!(refused("os_name = 'a'").contains("the marker cannot be read"));
    assert!(refused("").contains("expected marker value, found end"));
}

#[test]
fn alternatives_stay_within_bounds() {
    let worst = |n: usize| {
        let pairs: Vec<_> = (0..n).map(|i| format!("(extra == 'a{i}' and extra == 'b{i}')")).collect();
        pairs.join(" or ")
    };
    assert!(refused(&worst(40)).contains("too many alternatives"));
    // The worst that passes takes a moment; without the bound this test would not end.
    assert!(read_marker(&worst(MOST_ALTERNATIONS)).is_ok());
    let extras: Vec<_> = (0..300).map(|i| format!("extra == 'e{i}'")).collect();
    assert!(read_marker(&format!("python_version > '3' and ({})", extras.join(" or "))).is_ok());
}

#[test]
fn comparisons_without_meaning_are_reported() {
    let ignored = |text: &str| read_marker(text).ok().and_then(|(_, ignored)| ignored).map(|ignored| ignored.0);
    assert!(ignored("python_version > 'x'").is_some());
    assert!(ignored("'a' == 'b'").is_some());
    assert!(ignored("os_name ~= 'x'").is_some());
    assert_eq!(ignored("os.name == 'posix' and platform_version >= '2'"), None);
}

#[test]
fn compatible_releases_keep_their_zeros() {
    let holds = |text: &str| {
        let target = Target::new("python3.12".parse().expect("a known runtime"), lambda_compat::Arch::Arm64);
        read_marker(text).expect("a sound marker").0.evaluate(&marker_environment(&target), &[])
    };
    assert!(holds("python_full_version ~= '3.12.0'"));
    assert!(!holds("python_full_version ~= '3.8.0'"), "~=3.8.0 is >=3.8.0,==3.8.*");
    assert!(!holds("(python_version~=\"3.8.0\") and os_name ~= '3.8.0'"));
    assert!(holds("python_version ~= '3.8'"));
    assert!(holds("python_version ~= '3.0'"));
    assert!(holds("python_version >= '3.8.0'"));
}

fn comparison() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "python_version",
        "python_full_version",
        "implementation_version",
        "os_name",
        "sys_platform",
        "platform_release",
        "os.name",
        "extra",
        "'x'",
    ]);
    let operator = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">=", "~=", "===", "in", "not in", "not", ""]);
    let value = prop::sample::select(vec![
        "'3'",
        "'3.0'",
        "'0'",
        "'0.0'",
        "'3.8.0'",
        "'3.*'",
        "'3.8.0.*'",
        "'3.8a1'",
        "'1!3'",
        "'3+x.1'",
        "'3.7 3.8'",
        "''",
        "'-'",
        "'18446744073709551615'",
        "'3.18446744073709551615'",
        "'99999999999999999999'",
        "\"posix\"",
        "os_name",
        "python_version",
        "extra",
        "'3.8.*.1'",
        "'3.8.post1.dev2'",
    ]);
    (key, operator, value, any::<bool>()).prop_map(|(key, operator, value, swap)| {
        if swap { format!("{value} {operator} {key}") } else { format!("{key} {operator} {value}") }
    })
}

proptest! {
    #[test]
    fn no_marker_panics(
        parts in prop::collection::vec((comparison(), prop::sample::select(vec![" and ", " or ", ") and (", " "])), 1..6)
    ) {
        let text: String = parts.iter().flat_map(|(comparison, join)| [comparison.as_str(), *join]).collect();
        let target = Target::new("python3.12".parse().expect("a known runtime"), lambda_compat::Arch::Arm64);
        for text in [format!("({text} os_name == 'posix')"), text] {
            let Ok((marker, _)) = read_marker(&text) else { continue };
            let holds = marker.evaluate(&marker_environment(&target), &[]);
            // What is written is read again, and means the same.
            if let Some(written) = marker.try_to_string() {
                let again = read_marker(&written).map_err(|fault| TestCaseError::fail(format!("{written}: {fault:?}")))?.0;
                prop_assert_eq!(again.evaluate(&marker_environment(&target), &[]), holds, "{} -> {}", text, written);
            }
        }
    }
}
