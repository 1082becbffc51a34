"""A CDK app in Python: what the constructs are to it. Synthesized by scripts/python-check.sh, which names the two folders.

    app.py ENTRY WHEELS_ENTRY
"""

import json
import sys

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from layerpack_cdk import BundlingOptions, PythonLayerVersion, PythonLayerVersionSet

ARM, X86 = lambda_.Architecture.ARM_64, lambda_.Architecture.X86_64
PYTHON_3_12, PYTHON_3_13 = lambda_.Runtime.PYTHON_3_12, lambda_.Runtime.PYTHON_3_13


def synthesized(entry: str, above: str) -> dict:
    """Of each layer version, what it is for and the name of its asset."""
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    target = {"compatible_runtimes": [PYTHON_3_13], "compatible_architectures": [ARM]}
    pypi = PythonLayerVersion(
        stack, "Pypi", entry=entry, description="pypi", bundling=BundlingOptions(args=["--no-config"]), **target
    )
    whl = PythonLayerVersion(stack, "Whl", entry=above, description="whl", on_top_of=[pypi], **target)
    lambda_.Function(
        stack,
        "App",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        handler="index.handler",
        runtime=PYTHON_3_13,
        architecture=ARM,
        layers=[pypi, whl],
    )
    both = PythonLayerVersionSet(
        stack, "Both", entry=entry, compatible_runtimes=[PYTHON_3_12, PYTHON_3_13], compatible_architectures=[ARM, X86]
    )
    assert len(both.layer_versions) == 4
    assert both.layer_version(PYTHON_3_12, X86).compatible_runtimes[0].name == "python3.12"
    resources = app.synth().get_stack_by_name("Stack").template["Resources"].values()
    layers = [one["Properties"] for one in resources if one["Type"] == "AWS::Lambda::LayerVersion"]
    return {one["Description"]: one["Content"]["S3Key"] for one in layers if "Description" in one}


def refused(entry: str) -> str:
    """One layer for two runtimes with wheels of their own is none."""
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack")
    try:
        PythonLayerVersion(
            stack, "Pypi", entry=entry, compatible_runtimes=[PYTHON_3_12, PYTHON_3_13], compatible_architectures=[ARM]
        )
    except RuntimeError as error:
        return str(error)
    raise AssertionError("it was not refused")


first, second = synthesized(*sys.argv[1:]), synthesized(*sys.argv[1:])
assert first == second and set(first) == {"pypi", "whl"}, (first, second)
said = refused(sys.argv[1])
assert "is not one layer for python3.12 · arm64 and python3.13 · arm64: 1 package differs" in said, said
assert "native: " in said, said
print(json.dumps({"assets": first, "refused": said.splitlines()[:2]}, indent=2, ensure_ascii=False))
