"""Make `service_wide.jsonl`: the options of backends that code of a release also reads in [DEFAULT], as `CONF.name`.

    python3 service_wide.py --cinder-git DIR --environments DIR

Such an option stands in options.jsonl under [DEFAULT] and under backend_defaults. Where no code reads `CONF.name`, its line in [DEFAULT] has no
effect as soon as backends have sections of their own."""

from __future__ import annotations

import argparse
import json
import os
import re

import sources
import tables

HERE = os.path.dirname(os.path.abspath(__file__))
# `CONF.name`, `cfg.CONF.name`, `getattr(CONF, 'name')`, `CONF['name']`; `self.configuration` is a backend's.
READ = re.compile(r"""\bCONF(?:\.|\[['"])([a-z][a-z0-9_]+)|getattr\(CONF, ['"]([a-z0-9_]+)""")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--cinder-git', required=True)
    parser.add_argument('--environments', required=True)
    parser.add_argument('--into', default=HERE)
    args = parser.parse_args()
    releases = tables.load(os.path.join(HERE, 'releases.jsonl'))
    groups: dict[str, set[str]] = {}
    for line in tables.load(os.path.join(HERE, 'options.jsonl')):
        groups.setdefault(line['name'], set()).add(line['group'])
    both = {name for name, of in groups.items() if {'DEFAULT', 'backend_defaults'} <= of}
    seen: dict[str, set[int]] = {}
    for at, release in enumerate(releases):
        if release['ref'] == 'pypi':
            tree = sources.Sources.from_site_packages(os.path.join(args.environments, release['name']))
        else:
            tree = sources.Sources.from_git(args.cinder_git, release['ref'])
        for text in tree.files.values():
            for match in READ.finditer(text.decode('utf-8', 'replace')):
                name = match[1] or match[2]
                if name in both:
                    seen.setdefault(name, set()).add(at)
    with open(os.path.join(args.into, 'service_wide.jsonl'), 'w') as file:
        for name, found in sorted(seen.items()):
            ats = sorted(found)
            while ats:
                first = last = ats.pop(0)
                while ats and ats[0] == last + 1:
                    last = ats.pop(0)
                line = {'option': name, 'first': releases[first]['name'], 'last': releases[last]['name']}
                file.write(json.dumps(line) + '\n')


if __name__ == '__main__':
    main()
