#!/bin/sh
# Lambda Web Adapter runs this in place of Lambda's own bootstrap, which would have put the layers on sys.path.
export PYTHONPATH="/opt/python${PYTHONPATH:+:$PYTHONPATH}"
exec python3 -m uvicorn --host 127.0.0.1 --port "${AWS_LWA_PORT:-${PORT:-8080}}" main:app
