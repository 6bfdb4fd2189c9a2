#!/usr/bin/env bash
# Times the whole program against what people would use instead, in one run, and prints a table of ratios.
#
# usage: compare.sh [VENV]      VENV: a virtual environment with Cinder, as tests/oracle/setup.sh makes it
#
# Needs hyperfine, ripgrep and a release build; makes its inputs in target/bench (about 400 MB).
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-target/oracle-venv}
data=target/bench
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

cargo build --release --locked -q
cargo build --release --locked -q --example rust_ini --example nothing
python3 benches/inputs.py $data --python "$venv/bin/python"
lint=$PWD/target/release/cinderlint
other=$PWD/target/release/examples

# measure NAME COMMAND...: the commands side by side, the first one ours. `-i`: a linter that finds something exits with 1.
measure() {
    local name=$1
    shift
    hyperfine -i -N --warmup 2 --min-runs "${RUNS:-5}" --export-json "$out/$name.json" "$@" >/dev/null 2>&1
    python3 - "$out/$name.json" "$name" <<'PY'
import json, sys
results = json.load(open(sys.argv[1]))['results']
ours = results[0]
for result in results[1:]:
    print('| %s | `%s` | %.1f ms | %.1f ms | %.1f |' % (
        sys.argv[2], result['command'].replace(sys.path[0], '')[-70:], 1000 * ours['median'], 1000 * result['median'],
        result['median'] / ours['median']))
PY
}

echo "| what | against | cinderlint | the other | ratio |"
echo "|---|---|---|---|---|"
measure "check the sample, every option set" "$lint check --format concise $data/sample-set.conf" \
    "$venv/bin/oslo-config-validator --opt-data $data/options.json --input-file $data/sample-set.conf" \
    "$venv/bin/oslo-config-validator --namespace cinder --input-file $data/sample-set.conf"
measure "read 100 MB" "$other/reading $data/big.conf" "$other/rust_ini $data/big.conf" \
    "python3 -c 'import configparser; configparser.RawConfigParser(strict=False).read(\"$data/big.conf\")'"
measure "a tree of 100,000 files" "$lint check --format concise $data/tree" "rg -c nas_secure $data/tree"
measure "a small file" "$lint check --format concise $data/small.conf" "$other/nothing"
for format in full concise json jsonl sarif github gitlab junit checkstyle rdjson zuul; do
    measure "10,000 findings as $format" "$lint check --format $format $data/findings.conf" "cat $data/findings.conf"
done
