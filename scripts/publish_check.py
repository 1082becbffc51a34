"""Runs the publish command of a layer's report through boto3 against moto on loopback. Part of scripts/integrations.sh.

    PYTHON_WITH_MOTO publish_check.py REPORT

The command is taken apart as a shell would, and what the AWS CLI would send is sent: the layer's version must have the
report's digest, size, runtimes and architectures.
"""

import json
import os
import shlex
import sys
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "layers-of-the-test"


def options(words: list[str]) -> dict[str, str]:
    pairs = list(zip(words[::2], words[1::2], strict=True))
    assert all(name.startswith("--") for name, _ in pairs), words
    return {name.removeprefix("--"): value for name, value in pairs}


def run(words: list[str], clients) -> dict | None:
    match words:
        case ["aws", "s3", "cp", source, destination]:
            bucket, _, key = destination.removeprefix("s3://").partition("/")
            clients("s3").put_object(Bucket=bucket, Key=key, Body=Path(source).read_bytes())
            return None
        case ["aws", "lambda", "publish-layer-version", *rest]:
            given = options(rest)
            content = {}
            if zip_file := given.pop("zip-file", None):
                content["ZipFile"] = Path(zip_file.removeprefix("fileb://")).read_bytes()
            if place := given.pop("content", None):
                content.update(part.split("=", 1) for part in place.split(","))
            name = given.pop("layer-name")
            runtimes, arches = given.pop("compatible-runtimes"), given.pop("compatible-architectures")
            assert not given, given
            return clients("lambda").publish_layer_version(
                LayerName=name,
                Content=content,
                CompatibleRuntimes=runtimes.split(),
                CompatibleArchitectures=arches.split(),
            )
    raise AssertionError(f"an unknown command: {words}")


def main() -> None:
    path = Path(sys.argv[1])
    report = json.loads(path.read_text())
    # The command names files of the report's folder.
    os.chdir(path.parent)
    command = report["publish"].replace("$BUCKET", BUCKET)
    print(report["publish"])
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        _, port = server.get_host_and_port()

        def clients(service: str):
            return boto3.client(
                service,
                endpoint_url=f"http://127.0.0.1:{port}",
                region_name="us-east-1",
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
            )

        clients("s3").create_bucket(Bucket=BUCKET)
        answers = [run(shlex.split(part), clients) for part in command.split(" && ")]
    finally:
        server.stop()
    version = answers[-1]
    [zip_output] = [output for output in report["outputs"] if output["kind"] == "zip"]
    expected = (zip_output["sha256_base64"], zip_output["size"], [report["runtime"]], [report["arch"]])
    content = version["Content"]
    got = (content["CodeSha256"], content["CodeSize"], version["CompatibleRuntimes"], version["CompatibleArchitectures"])
    assert got == expected, f"{got} is not {expected}"
    print(f"{version['LayerVersionArn']}: CodeSha256 {content['CodeSha256']} is the report's, {content['CodeSize']} bytes")


main()
