//! The command of the AWS CLI that makes a layer version of a zip.

use std::fmt::Write as _;

use lambda_compat::{Arch, RuntimeName};

use crate::DIRECT_UPLOAD_LIMIT;

/// The command that publishes a zip, ready to be pasted into a shell: `zip` is its path, `size` its bytes.
///
/// A zip that is too large for a direct upload goes by way of S3, and the shell's variable `BUCKET` names the bucket:
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
#[must_use]
pub fn publish_command(layer: &str, runtime: RuntimeName, arch: Arch, zip: &str, size: u64) -> String {
    let mut command = String::new();
    let content = if size > DIRECT_UPLOAD_LIMIT {
        let key = quoted(zip.rsplit(['/', '\\']).next().unwrap_or(zip));
        let _ = write!(command, r#"aws s3 cp {zip} "s3://$BUCKET/"{key} && "#, zip = quoted(zip));
        format!(r#"--content S3Bucket="$BUCKET",S3Key={key}"#)
    } else {
        format!("--zip-file {}", quoted(&format!("fileb://{zip}")))
    };
    let name = layer_name(layer);
    let _ = write!(
        command,
        "aws lambda publish-layer-version --layer-name {name} {content} --compatible-runtimes {runtime} \
         --compatible-architectures {arch}"
    );
    command
}

/// A layer's name as Lambda takes it: letters of ASCII, digits, hyphens and underscores.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html>
fn layer_name(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    name.chars().map(|c| if allowed(c) { c } else { '-' }).collect()
}

/// One word of a POSIX shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(layer: &str, zip: &str, size: u64) -> String {
        publish_command(layer, "python3.13".parse().expect("a runtime"), Arch::Arm64, zip, size)
    }

    const DECLARED: &str = "--compatible-runtimes python3.13 --compatible-architectures arm64";

    #[test]
    fn up_to_the_limit_the_zip_is_uploaded_with_the_request() {
        assert_eq!(
            command("pypi", "dist/pypi.zip", DIRECT_UPLOAD_LIMIT),
            format!("aws lambda publish-layer-version --layer-name pypi --zip-file fileb://dist/pypi.zip {DECLARED}")
        );
    }

    #[test]
    fn above_it_the_zip_goes_by_way_of_s3() {
        assert_eq!(
            command("pypi", "dist/pypi.zip", DIRECT_UPLOAD_LIMIT + 1),
            format!(
                "aws s3 cp dist/pypi.zip \"s3://$BUCKET/\"pypi.zip && aws lambda publish-layer-version --layer-name pypi \
                 --content S3Bucket=\"$BUCKET\",S3Key=pypi.zip {DECLARED}"
            )
        );
    }

    #[test]
    fn names_are_what_shell_and_lambda_take() {
        assert_eq!(
            command("my layer 1.0", "it's/a b.zip", 1),
            format!(
                "aws lambda publish-layer-version --layer-name my-layer-1-0 --zip-file 'fileb://it'\\''s/a b.zip' {DECLARED}"
            )
        );
    }
}
