#!/usr/bin/env bash
# Walks shares of 200,000 and 1,000,000 files as `find -printf` does, with warm caches, and measures time and memory.
# Needs hyperfine and python3. Run as root, the files are of several owners.
#   benches/audit.sh [FOLDER]     FOLDER: on the file system to measure; default: a temporary one
#   FILES="200000 1000000"  RUNS=8  EXPORT=FILE.json (hyperfine's figures, of the last number of files)
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked
bin=$PWD/target/release/cinderlint
place=$(mktemp -d "${1:-${TMPDIR:-/tmp}}/cinderlint-bench.XXXXXX")
trap 'rm -rf "$place"' EXIT
share=$place/var/lib/cinder/mnt/93f6d10e708470ccc959ceb8398f77a1
mkdir -p "$share" "$place/etc/cinder"
cat > "$place/etc/cinder/cinder.conf" <<'CONF'
[DEFAULT]
enabled_backends = nfs1
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
nas_host = 192.0.2.10
nas_share_path = /export/cinder
CONF

made=0
for files in ${FILES:-200000 1000000}; do
  python3 - "$share" "$made" "$files" <<'MAKE'
import os, sys
share, made, files = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
# Users that every host knows: find looks for the names of others again and again.
owners = [(1, 1), (0, 0), (2, 2)] if os.geteuid() == 0 else [(-1, -1)]
for number in range(made, files):
    path = f"{share}/volume-{number:08x}-0000-4000-8000-000000000000"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    os.chmod(path, (0o660, 0o666)[number % 7 == 0])
    os.chown(path, *owners[number % len(owners)])
MAKE
  made=$files
  echo "== $files files"
  hyperfine --warmup 2 --runs "${RUNS:-8}" --shell=bash --style basic ${EXPORT:+--export-json "$EXPORT"} \
    -n find "find '$share' -printf '%m %u %g\n' >/dev/null" \
    -n audit "'$bin' audit --root '$place' --as 1:1 --fail-on never --format json >/dev/null" \
    -n 'audit, one thread' "'$bin' audit --root '$place' --jobs 1 --as 1:1 --fail-on never --format json >/dev/null"
  python3 - "$bin" "$place" <<'MEMORY'
import json, resource, subprocess, sys
bin, place = sys.argv[1:3]
command = [bin, "audit", "--root", place, "--as", "1:1", "--fail-on", "never", "--format", "json"]
out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
print("files counted:", json.loads(out)["summary"]["files"])
print("peak memory: %.1f MB" % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
MEMORY
done
