#!/usr/bin/env bash
# The examples by the real programs that take their layers: CDK, SAM, Serverless Framework, Terraform's language, and the
# publish command through boto3. Needs node, npm and uv, the network to install the programs and to download the wheels, and
# `unshare`: the programs themselves run without network, Docker and AWS. Not part of the tests.
# Run from anywhere: scripts/integrations.sh. LAYERPACK_BIN names the program to use, TOOLS a folder to keep the others in.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
[ -n "${LAYERPACK_BIN:-}" ] || { cargo build --release --quiet; LAYERPACK_BIN=$PWD/target/release/layerpack; }
export LAYERPACK_BIN
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tools=${TOOLS:-$work/tools}
mkdir -p "$tools" "$work/bin"
ln -s "$LAYERPACK_BIN" "$work/bin/layerpack"
export PATH=$work/bin:$PATH LAYERPACK_CACHE_DIR=$work/cache NO_COLOR=1 AWS_DEFAULT_REGION=us-east-1
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
step() { printf '\n== %s\n' "$*"; }

# A virtual environment with these packages, the first of them for its name.
environment() {
    [ -x "$tools/$1/bin/python" ] || { uv venv -q "$tools/$1" && uv pip install -q --python "$tools/$1/bin/python" "${@:2}"; }
}
# A command that sees nothing but loopback.
alone() {
    unshare -rn bash -c 'python3 "$0" && exec "$@"' "$repository/scripts/loopback.py" "$@"
}

step "the wheels of the examples, for runs without network"
for layer in sam/layers/pypi sam/layers/tools fastapi-cdk/src/layers/pypi; do
    layerpack fetch "examples/$layer" --runtime python3.13 --arch arm64 -o "$work/wheels" -q
done
export PIP_NO_INDEX=1 PIP_FIND_LINKS=$work/wheels
cp -r examples "$work/examples"

step "CDK: npm test, without network"
npm install --prefix integrations/cdk --silent --ignore-scripts
(cd integrations/cdk && alone npm test) >"$work/cdk.log" 2>&1 || { cat "$work/cdk.log"; fail "npm test in integrations/cdk"; }
grep -E '^(# |ℹ )(tests|pass|fail) ' "$work/cdk.log"

step "CDK: the constructs from Python, without network"
integrations/cdk/scripts/python-check.sh || fail "the constructs from Python"

step "CDK: the example as its README says, with the packages it names"
(
    npm run --prefix integrations/cdk --silent build
    cd "$work/examples/fastapi-cdk"
    sed -i "s#file:../../integrations/cdk#file:$repository/integrations/cdk#" package.json
    npm install --silent
    npm run --silent wheels
    alone npx cdk synth --quiet
) || fail "cdk synth of the example"

step "SAM: sam build and sam validate --lint, without network"
environment sam aws-sam-cli
(
    export SAM_CLI_TELEMETRY=0
    cd "$work/examples/sam"
    layerpack build layers/tools --runtime python3.13 --arch arm64 --emit zip
    alone "$tools/sam/bin/sam" build
    [ -d .aws-sam/build/PypiLayer/python/pydantic ] || { echo "the layer is not where SAM looks"; exit 1; }
    alone "$tools/sam/bin/sam" validate --lint
) || fail "SAM"

step "Terraform: the module is sound HCL, and what its program prints is what it takes of it (its providers are not run)"
environment terraform python-hcl2
(cd "$work/examples/terraform" && alone "$tools/terraform/bin/python" "$repository/scripts/terraform_check.py" main.tf) || fail "Terraform"
if command -v terraform >/dev/null; then
    step "Terraform itself: its hash of the zip is the one that layerpack says, and a build over it is no change"
    (
        terraform fmt -check -diff examples/terraform
        mkdir "$work/terraform" && cd "$work/terraform"
        layer=(layerpack build "$work/examples/terraform/layers/pypi" --runtime python3.13 --arch arm64 --emit zip --format terraform)
        said=$("${layer[@]}" | jq -r .sha256_base64)
        cat >main.tf <<'HCL'
resource "terraform_data" "layer" {
  input = filebase64sha256("dist/pypi-python3.13-arm64.zip")
}
output "source_code_hash" {
  value = terraform_data.layer.output
}
HCL
        export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_CLI_CONFIG_FILE=/dev/null
        alone terraform init -no-color >/dev/null
        alone terraform apply -no-color -auto-approve >/dev/null
        [ "$(terraform output -raw source_code_hash)" = "$said" ]
        rm -r dist
        "${layer[@]}" >/dev/null
        # 2 would be a change.
        alone terraform plan -no-color -detailed-exitcode | tail -3
    ) || fail "terraform"
fi

step "Serverless Framework 3: serverless package, its calls of AWS answered by moto"
environment moto 'moto[server]' boto3
[ -x "$tools/serverless/node_modules/.bin/serverless" ] || npm install --prefix "$tools/serverless" --silent serverless@3
(
    export SLS_TELEMETRY_DISABLED=1 SLS_NOTIFICATIONS_MODE=off HOME=$work
    cd "$work/examples/serverless"
    layerpack build layers/pypi --runtime python3.13 --arch arm64 --emit zip
    alone "$tools/moto/bin/python" "$repository/scripts/serverless_check.py" "$tools/serverless/node_modules/.bin/serverless"
) || fail "Serverless Framework"

step "AWS CLI: the report's command through boto3 against moto, directly and by way of S3"
(
    cd "$work/examples/aws-cli"
    layerpack build layers/pypi --runtime python3.13 --arch arm64 --emit zip,report
    alone "$tools/moto/bin/python" "$repository/scripts/publish_check.py" dist/pypi-python3.13-arm64.json
    mkdir -p heavy/opt
    head -c 60000000 /dev/urandom >heavy/opt/data.bin
    layerpack build heavy --runtime python3.13 --arch arm64 --emit zip,report -q
    alone "$tools/moto/bin/python" "$repository/scripts/publish_check.py" dist/heavy-python3.13-arm64.json
) || fail "AWS CLI"

echo
[ "$failures" = 0 ] && echo "all fine" || { echo "$failures failed"; exit 1; }
