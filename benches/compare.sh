#!/usr/bin/env bash
# The whole program beside what people would use instead, in one run: prints one Markdown table. See benches/README.md.
# Needs hyperfine, ripgrep and python3. Makes its inputs and builds what it lacks.
#   benches/compare.sh [--quick]     --quick: to try it out; smaller inputs, few runs, figures that mean little
set -euo pipefail
cd "$(dirname "$0")/.."
quick=
case "${1:-}" in '') ;; --quick) quick=--quick ;; *) sed -n '2,4s/^# //p' "$0" >&2; exit 2 ;; esac
for tool in hyperfine rg python3; do
  command -v "$tool" > /dev/null || { echo "$tool is lacking: apt-get install hyperfine ripgrep python3" >&2; exit 2; }
done
bench=target/bench
mkdir -p "$bench"
python3 benches/inputs.py "$bench" ${quick:+--largest 4} >&2
# What a Rust program costs that does nothing, of the same toolchain.
echo 'fn main() {}' > "$bench/empty.rs"
rustc -O -C strip=symbols -o "$bench/empty" "$bench/empty.rs"
reader=$(cargo build --release --locked --bench reader --message-format json |
  python3 -c 'import json, sys
for line in sys.stdin:
    said = json.loads(line)
    if said.get("executable") and said["target"]["name"] == "reader": print(said["executable"])')
# Last, and kept: building the reader leaves a cinderlint in target/release that has more of its libraries than the one that is shipped.
cargo build --release --locked >&2
cp target/release/cinderlint "$bench/cinderlint"
exec python3 benches/compare.py --reader "$reader" $quick
