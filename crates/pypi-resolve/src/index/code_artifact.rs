//! AWS `CodeArtifact`: what its URLs say, and what to do where it refuses access.
//! <https://docs.aws.amazon.com/codeartifact/latest/ug/python-configure.html>

use url::Url;

/// A repository, as its URL names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repository {
    domain: String,
    /// An account number.
    owner: String,
    region: String,
    name: Option<String>,
}

impl Repository {
    /// `https://DOMAIN-OWNER.d.codeartifact.REGION.amazonaws.com/pypi/REPOSITORY/simple/`; `None`: another host.
    pub(super) fn of(url: &Url) -> Option<Self> {
        let (place, rest) = url.host_str()?.split_once(".d.codeartifact.")?;
        let (domain, owner) = place.rsplit_once('-')?;
        let (region, suffix) = rest.split_once('.')?;
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !matches!(suffix, "amazonaws.com" | "amazonaws.com.cn" | "on.aws") || !plain(domain) || !plain(region) {
            return None;
        }
        if owner.len() != 12 || !owner.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut path = url.path_segments()?;
        let name = path.next().filter(|format| *format == "pypi").and_then(|_| path.next());
        let name = name.filter(|name| !name.is_empty() && plain(name)).map(str::to_owned);
        Some(Self { domain: domain.to_owned(), owner: owner.to_owned(), region: region.to_owned(), name })
    }

    /// What to do where access is refused.
    pub(super) fn login_help(&self) -> String {
        let Self { domain, owner, region, name } = self;
        let repository = name.as_deref().unwrap_or("REPOSITORY");
        format!(
            "CodeArtifact tokens last 12 hours at most: run `aws codeartifact login --tool pip --domain {domain} \
             --domain-owner {owner} --repository {repository} --region {region}`, which writes pip.conf; where the URL \
             comes from a flag or variable, put what `aws codeartifact get-authorization-token --domain {domain} \
             --domain-owner {owner} --region {region} --query authorizationToken --output text` prints into it, as \
             https://aws:TOKEN@…"
        )
    }

    /// What to do where it has not got a project.
    pub(super) fn absent_help(&self) -> String {
        let name = self.name.as_deref().unwrap_or("it");
        format!(
            "check the spelling; the CodeArtifact repository {name} has what was published to it, and the public index's \
             projects only through an upstream or external connection (public:pypi)"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Option<Repository> {
        Repository::of(&url.parse().expect("a URL"))
    }

    #[test]
    fn everything_is_read_off_the_url() {
        let found = of("https://my-team-111122223333.d.codeartifact.eu-west-1.amazonaws.com/pypi/libs/simple/web/");
        let found = found.expect("CodeArtifact");
        assert_eq!(
            (found.domain.as_str(), found.owner.as_str(), found.region.as_str(), found.name.as_deref()),
            ("my-team", "111122223333", "eu-west-1", Some("libs"))
        );
        assert!(found.login_help().contains(
            "aws codeartifact login --tool pip --domain my-team --domain-owner 111122223333 --repository libs --region \
             eu-west-1`"
        ));
        assert!(of("https://d-111122223333.d.codeartifact.eu-west-1.amazonaws.com/").expect("one").name.is_none());
    }

    #[test]
    fn others_are_not() {
        for url in [
            "https://pypi.example/simple/",
            "https://d-111122223333.d.codeartifact.eu-west-1.amazonaws.com.evil.example/pypi/r/simple/",
            "https://d-1.d.codeartifact.eu-west-1.amazonaws.com/pypi/r/simple/",
            "https://x.d.codeartifact.amazonaws.com/pypi/r/simple/",
        ] {
            assert_eq!(of(url), None, "{url}");
        }
    }
}
