"""Runs `serverless package` with its calls of AWS answered by moto's proxy on loopback, and looks at the layer in the template.

    PYTHON_WITH_MOTO serverless_check.py SERVERLESS      in the folder of serverless.yml. Part of scripts/integrations.sh.
"""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import moto.moto_proxy

PORT = 5005


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("moto's proxy does not answer")


def main() -> None:
    proxy = Path(sys.executable).parent / "moto_proxy"
    authority = str(Path(moto.moto_proxy.__file__).parent / "ca.crt")
    surroundings = os.environ | {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "HTTPS_PROXY": f"http://127.0.0.1:{PORT}",
        "NODE_EXTRA_CA_CERTS": authority,
        "cafile": authority,
    }
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([proxy, "-H", "127.0.0.1", "-p", str(PORT)], **quiet)
    try:
        wait_for(PORT)
        subprocess.run([sys.argv[1], "package"], env=surroundings, check=True, timeout=300)
    finally:
        server.terminate()
        server.wait(10)
    template = json.loads(Path(".serverless/cloudformation-template-update-stack.json").read_text())
    layer = template["Resources"]["PypiLambdaLayer"]["Properties"]
    assert layer["Content"]["S3Key"].endswith("/pypi-python3.13-arm64.zip"), layer
    assert (layer["CompatibleRuntimes"], layer["CompatibleArchitectures"]) == (["python3.13"], ["arm64"]), layer
    app = template["Resources"]["AppLambdaFunction"]["Properties"]
    assert app["Layers"] == [{"Ref": "PypiLambdaLayer"}], app
    print("the function has the layer, and the layer is the zip")


main()
