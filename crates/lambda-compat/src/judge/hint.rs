//! What is known of single packages: read when a verdict has been reached, to help whoever got it, and nowhere else.

/// A package that does the same without the library that is missing.
struct Instead {
    package: &'static str,
    /// The package to take.
    instead: &'static str,
}

/// Each measured: the other one was imported in a root that has no more libraries than Lambda.
const INSTEAD: &[Instead] = &[
    Instead { package: "opencv-python", instead: "opencv-python-headless" },
    Instead { package: "opencv-contrib-python", instead: "opencv-contrib-python-headless" },
    Instead { package: "psycopg", instead: "psycopg[binary]" },
    Instead { package: "psycopg2", instead: "psycopg2-binary" },
];

/// The package to take in place of this one, which needs libraries that Lambda has not.
pub(super) fn instead_of(package: &str) -> Option<&'static str> {
    INSTEAD.iter().find(|known| known.package == package).map(|known| known.instead)
}
