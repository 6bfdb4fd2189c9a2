#!/bin/sh
# Asks the real oslo.config and Cinder for all the answers in tests/data afresh. A release whose Python is missing keeps what it has.
set -eu
cd "$(dirname "$0")/../.."
environments=${CINDERLINT_ORACLES:-target/oracle}
tests/oracle/setup.sh
"$environments/2026.2/bin/python" tests/oracle/check_types.py --record
python3 tests/oracle/reading.py --cases 400 --record tests/data/reading/2026.2.jsonl
for release in ocata pike queens rocky stein 2026.2; do
    code=0
    tests/oracle/setup.sh "$release" || code=$?
    [ "$code" -ne 3 ] || continue
    [ "$code" -eq 0 ]
    python3 tests/oracle/nas.py --release "$release" --sample 120 --record "tests/data/nas/$release.jsonl"
    python3 tests/oracle/deployment.py --release "$release" --cases 30 --record "tests/data/deployment/$release.jsonl"
done
