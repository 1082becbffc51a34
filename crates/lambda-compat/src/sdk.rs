//! Which packages of a layer or function the AWS SDK that every runtime brings can stand in for.

use std::collections::BTreeSet;

use wheel_tags::DistName;

use crate::profile::Profile;

/// The SDK itself: whoever requires one of these gets the runtime's.
const SDK: [&str; 3] = ["boto3", "botocore", "s3transfer"];

/// A package, and what it requires.
#[derive(Debug, Clone)]
pub struct SdkAsker<'a> {
    /// Its name.
    pub name: &'a DistName,
    /// What it requires; `None` where nobody knows, and then it may be anything.
    pub requires: Option<BTreeSet<DistName>>,
}

/// The packages that the runtime has as well and that nothing but its SDK needs: boto3, botocore and s3transfer, whoever
/// requires them, and of what comes with them what nothing else requires. `asked` are the packages that are wanted for
/// themselves; of the SDK that counts for nothing.
///
/// Empty where neither boto3 nor botocore is among the packages. Whether the runtime's versions do is not looked at.
#[must_use]
pub fn runtime_sdk<'a>(
    packages: &[SdkAsker<'a>],
    asked: &BTreeSet<DistName>,
    profile: &Profile,
) -> BTreeSet<&'a DistName> {
    let of_runtime = |name: &DistName| profile.sdk.iter().any(|package| package.name == *name);
    let mut going: BTreeSet<&'a DistName> =
        packages.iter().map(|package| package.name).filter(|name| of_runtime(name)).collect();
    if !going.iter().any(|name| matches!(name.as_str(), "boto3" | "botocore")) {
        return BTreeSet::new();
    }
    loop {
        let is_required = |name: &DistName| {
            let staying = packages.iter().filter(|package| !going.contains(package.name));
            staying.map(|package| &package.requires).any(|requires| requires.as_ref().is_none_or(|r| r.contains(name)))
        };
        // What the runtime brings for other reasons (simplejson) goes with the SDK only where the SDK leads to it.
        let is_led_to = |name: &DistName| {
            let going = packages.iter().filter(|package| going.contains(package.name));
            going.filter_map(|package| package.requires.as_ref()).any(|requires| requires.contains(name))
        };
        let stays = |name: &DistName| {
            !SDK.contains(&name.as_str()) && (asked.contains(name) || is_required(name) || !is_led_to(name))
        };
        let staying: Vec<&DistName> = going.iter().copied().filter(|name| stays(name)).collect();
        if staying.is_empty() {
            return going;
        }
        for name in staying {
            going.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::default_runtime;

    fn going(others: &[(&str, Option<&[&str]>)], asked: &[&str]) -> String {
        let name = |text: &&str| text.parse::<DistName>().expect("a name");
        let sdk: [(&str, Option<&[&str]>); 7] = [
            ("boto3", Some(&["botocore", "jmespath", "s3transfer"])),
            ("botocore", Some(&["jmespath", "python-dateutil", "urllib3"])),
            ("jmespath", Some(&[])),
            ("python-dateutil", Some(&["six"])),
            ("s3transfer", Some(&["botocore"])),
            ("six", Some(&[])),
            ("urllib3", Some(&[])),
        ];
        let packages: Vec<_> = sdk
            .iter()
            .chain(others)
            .map(|(package, requires)| (name(package), requires.map(|requires| requires.iter().map(name).collect())))
            .collect();
        let askers: Vec<SdkAsker<'_>> =
            packages.iter().map(|(name, requires)| SdkAsker { name, requires: requires.clone() }).collect();
        let asked = asked.iter().map(name).collect();
        let going = runtime_sdk(&askers, &asked, default_runtime());
        going.into_iter().map(DistName::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_sdk_goes_whoever_requires_it_and_its_own_with_it() {
        let all = "boto3 botocore jmespath python-dateutil s3transfer six urllib3";
        assert_eq!(going(&[], &[]), all);
        assert_eq!(going(&[], &["boto3"]), all);
        assert_eq!(going(&[("aws-xray-sdk", Some(&["botocore", "wrapt"]))], &[]), all);
        assert_eq!(going(&[("simplejson", Some(&[]))], &[]), all);
    }

    #[test]
    fn what_others_require_or_somebody_asked_for_stays() {
        let without = |name: &str| {
            let all = "boto3 botocore jmespath python-dateutil s3transfer six urllib3";
            all.split(' ').filter(|other| *other != name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(going(&[("requests", Some(&["urllib3"]))], &[]), without("urllib3"));
        assert_eq!(going(&[], &["urllib3"]), without("urllib3"));
        // six goes only with python-dateutil.
        assert_eq!(going(&[("pandas", Some(&["python-dateutil"]))], &[]), "boto3 botocore jmespath s3transfer urllib3");
        assert_eq!(going(&[("unknown", None)], &[]), "boto3 botocore s3transfer");
    }
}
