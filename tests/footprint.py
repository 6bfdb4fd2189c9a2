"""How large the command is, and how much memory the check of a ten-line file takes at most.

    python3 -I -S tests/footprint.py target/release/cinderlint

Fails above 15 MB on disk or 12 MB in memory. The peak is that of the largest process that started, this small Python's included."""

import os
import resource
import sys
import tempfile

DISK, MEMORY = 15_000_000, 12 * 1024
FILE = """[DEFAULT]
enabled_backends = nfs1
transport_url = rabbit://u:p@h/
[database]
connection = mysql+pymysql://u:p@h/cinder
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = nfs1
nas_secure_file_operations = false
nas_secure_file_permissions = false
"""


def main(binary: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'cinder.conf')
        with open(path, 'w') as f:
            f.write(FILE)
        with open(os.devnull, 'w') as null:
            actions = [(os.POSIX_SPAWN_DUP2, null.fileno(), 1), (os.POSIX_SPAWN_DUP2, null.fileno(), 2)]
            child = os.posix_spawn(binary, [binary, 'check', '--no-settings', path], os.environ, file_actions=actions)
            _, status = os.waitpid(child, 0)
    disk, memory = os.path.getsize(binary), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print('%.1f MB on disk, at most %.1f MB in memory' % (disk / 1e6, memory / 1024))
    return os.waitstatus_to_exitcode(status) not in (0, 1) or disk > DISK or memory > MEMORY


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
