#!/bin/sh
# Builds the layer and publishes it by the command that layerpack's report holds. Needs the AWS CLI, its credentials, and jq.
# A layer over 50 MB goes by way of S3: then BUCKET names a bucket.
set -eu
cd "$(dirname "$0")"
layerpack build layers/pypi --runtime python3.13 --arch arm64 --emit zip,report
cd dist
eval "$(jq -r .publish pypi-python3.13-arm64.json)"
