"""Does `cinderlint effective` resolve a deployment's options as Cinder 29.0.0 does?

Generated deployments (several --config-file and --config-dir, [backend_defaults], section names in other cases, options
repeated across files, deprecated names, substitution) are resolved by Cinder's own backend configuration class on
oslo.config. Which file and line a value comes from is worked out here from the precedence that oslo.config documents, and is
checked against the value that it gives.
"""

import glob
import logging
import os
import random
import shutil
import sys
import warnings

import common

from oslo_config import cfg
from oslo_log import log

warnings.simplefilter("ignore")
from cinder import objects

objects.register_all()  # as every Cinder service does first; the imports below need it

from cinder.common import config
from cinder.volume import configuration
from cinder.volume import driver
from cinder.volume import manager
from cinder.volume.drivers import nfs
from cinder.volume.drivers import remotefs
from cinder.volume.drivers.lenovo import lenovo_common
from cinder.volume.drivers.san import san

BASE = (manager.volume_backend_opts + driver.volume_opts + driver.iser_opts + driver.nvmeof_opts + driver.nvmet_opts
        + driver.scst_opts + driver.backup_opts + driver.image_opts + driver.fqdn_opts)
DRIVERS = {  # with the options that each registers in its constructor
    "cinder.volume.drivers.nfs.NfsDriver": BASE + remotefs.nas_opts + remotefs.volume_opts + nfs.nfs_opts,
    "cinder.volume.drivers.lenovo.lenovo_iscsi.LenovoISCSIDriver":
        BASE + san.san_opts + lenovo_common.common_opts + lenovo_common.iscsi_opts,
}
TEXTS = ["plain", "a b", "", '"quoted"', "'q", "10.0.0.5", "/srv/$nas_host/x", "$volume_backend_name-1", "${nas_host}:x",
         "$state_path/mnt", "${state_path}mnt", "$my_ip", "$$", "\\$", "a$$b\\$c", "$", "$ x", "$5", "${", "${}", "${nas_host",
         "$backend_defaults.nas_host", "${backend_defaults.nfs_mount_options}", "$nfs1.nas_host", "${nfs2.nas_login}",
         "$DEFAULT.my_ip", "$nope", "$nope.x", "$nas_host.x", "$nas_host.", "$NAS_HOST", "$nfs_mount_attempts",
         "$nfs_sparsed_volumes", "$nfs_mount_options", "$target_secondary_ip_addresses", "$enabled_backends", "$host", "é",
         "a\n    b", "\n    a", "a # b", "$_", "$volume_backend_name", "$storage_availability_zone", "\\$state_path",
         "$$state_path", "$$$state_path", "$nas_login$nas_host", "$state_path$", "-$reserved_percentage-", "$target_port",
         "$driver_use_ssl", "$\u017ftate_path", "$nas_password", "\\\\$my_ip", "${state_path}${my_ip}", "$iser_ip_address"]
TYPED = {"Boolean": ["true", "False", "1", "0", "yes", "no", "on", "off", "YES", "$nfs_qcow2_volumes", '"true"'],
         "Integer": ["1", "7", "07", "", "$nfs_mount_attempts", " 3", "'4'", "${target_port}"],
         "Port": ["1", "65535", "", "$nas_ssh_port"],
         "List": ["a,b", "a, b", "", "a", "$my_ip,b", "a,,b"],
         "Float": ["1.5", "2", ""]}
CHOSEN = ["volume_backend_name", "nas_host", "nas_share_path", "nas_mount_options", "nas_login", "nas_password", "nas_ssh_port",
          "nas_secure_file_operations", "nas_secure_file_permissions", "nfs_shares_config", "nfs_sparsed_volumes",
          "nfs_qcow2_volumes", "nfs_mount_point_base", "nfs_mount_options", "nfs_mount_attempts", "nfs_snapshot_support",
          "reserved_percentage", "target_ip_address", "target_secondary_ip_addresses", "iscsi_secondary_ip_addresses",
          "target_port", "driver_use_ssl", "filter_function", "backend_availability_zone", "storage_protocol", "iser_ip_address",
          "lenovo_pool_name", "lenovo_backend_name", "volumes_dir", "trace_flags", "image_volume_cache_max_size_gb"]
SECTIONS = {"nfs1": ["nfs1", "nfs1", "NFS1", "Nfs1"], "nfs2": ["nfs2", "nfs2", "NFS2"], "b-3": ["b-3", "B-3", "b_3"]}
BY_NAME = {opt.name: opt for opts in DRIVERS.values() for opt in opts}
BY_NAME |= {old.name: opt for opt in list(BY_NAME.values()) for old in opt.deprecated_opts if old.name not in BY_NAME}


# Defaults that differ from host to host; a value that contains one cannot be compared.
MACHINE = {"my_ip": "the-address-of-this-machine", "host": "the-name-of-this-machine"}


def assignment(rng, name):
    """One line (or more) that gives an option a value."""
    if name == "volume_driver":
        value = rng.choice(list(DRIVERS))
    elif name == "lenovo_pool_type":
        value = rng.choice(["linear", "virtual"])
    elif name == "storage_protocol":
        value = rng.choice(["iSCSI", "FC"])
    else:
        value = rng.choice(TYPED.get(type(BY_NAME[name].type).__name__, TEXTS))
    return name + rng.choice([" = ", "=", ": ", " ="]) + value + "\n"


def text(rng, main):
    """One file; the main one says which backends are enabled."""
    names = ["DEFAULT", "DEFAULT", "backend_defaults", "backend_defaults", "Backend_Defaults", "default", "nova"]
    names += [rng.choice(cases) for cases in SECTIONS.values() for _ in range(3)]
    out = [rng.choice(["", "# a file\n", "\n\n"])]
    sections = [rng.choice(names) for _ in range(rng.randrange(1, 6))]
    if main:
        sections.insert(rng.randrange(len(sections) + 1), "DEFAULT")
    enabled = [rng.choice(cases) for cases in rng.sample(list(SECTIONS.values()), rng.randrange(1, 4))]
    for section in sections:
        out.append(f"[{section}]\n")
        if section == "DEFAULT":
            if main or rng.random() < 0.2:
                main = False
                out.append("enabled_backends = " + rng.choice([",", ", ", " , ", ",,"]).join(enabled) + "\n")
            if rng.random() < 0.5:
                out.append("state_path = " + rng.choice(["/srv/state", "/x$my_ip", "$$x"]) + "\n")
            if rng.random() < 0.8:
                out.append(f"my_ip = 192.0.2.{rng.randrange(9)}\nhost = h{rng.randrange(9)}\n")
        elif section not in ("nova", "default") and rng.random() < 0.6:
            out.append(assignment(rng, "volume_driver"))
        for _ in range(rng.randrange(0, 7)):
            out.append(assignment(rng, rng.choice(CHOSEN)))
            out.append(rng.choice(["", "", "", "\n", "# c\n"]))
    return "".join(out)


def deployment(rng):
    """{"files": {relative name: text}, "args": [flag, value, …]}"""
    files, flags = {}, []
    for number in range(rng.randrange(1, 5)):
        files[f"{number}.conf"] = text(rng, number == 0)
        flags.append(["--config-file", f"{number}.conf"])
    for number in range(rng.choice([0, 0, 1, 2])):
        for name in rng.sample(["10-a.conf", "2.conf", "B.conf", "a.conf", "é.conf", ".hidden.conf", "a.conf~", "a.CONF", "README",
                                "a.conf.bak", "conf"], rng.randrange(0, 6)):
            files[f"d{number}/{name}"] = text(rng, False)
        files[f"d{number}/note.txt"] = "no configuration\n"
        flags.append(["--config-dir", f"d{number}"])
    if rng.random() < 0.7:
        rng.shuffle(flags)
    return {"files": files, "args": [item for flag in flags for item in flag]}


def write(folder, case):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in case["files"].items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)


class Layers:
    """Where a value comes from: the last file that has the option, in any of its names, and the last line there."""

    def __init__(self, args):
        self.files = []
        for flag, value in zip(args[::2], args[1::2]):
            for path in [value] if flag == "--config-file" else sorted(glob.glob(os.path.join(value, "*.conf"))):
                reader, error = common.read(path)
                assert error is None, (path, error)
                self.files.insert(0, (path, reader.placed))

    def origin(self, opt, group):
        """((file, line), text), or (None, None)."""
        group = group if group == "DEFAULT" else group.lower()
        for path, placed in self.files:
            for name in names_of(opt):
                values = [(line, text) for section, key, line, text in placed
                          if key == name and (section if section == "DEFAULT" else section.lower()) == group]
                if values:
                    return (path, values[-1][0]), values[-1][1]
        return None, None


class Failure:
    """An option that Cinder cannot read: getting it raises."""

    def __init__(self, error):
        self.error = f"{type(error).__name__}: {error}"[:200]

    def __repr__(self):
        return self.error


def expected(case):
    """(names of the backends, {backend: {option: (value or Failure, origin)}}), from the working directory's files."""
    conf = cfg.ConfigOpts()
    log.register_options(conf)
    conf.register_cli_opts(config.core_opts)
    for opts in (config.api_opts, config.auth_opts, config.backup_opts, config.image_opts, config.global_opts,
                 config.compression_opts):
        conf.register_opts(opts)
    conf(case["args"], project="cinder", default_config_files=[], default_config_dirs=[])
    for name, text in MACHINE.items():
        conf.set_default(name, text)
    layers = Layers(case["args"])
    configuration.CONF = conf
    backends = {}
    names = list(filter(None, conf.enabled_backends or []))
    for name in names:
        conf.register_opt(cfg.StrOpt("backend_host"), group=name)
        settings = configuration.Configuration(manager.volume_backend_opts, config_group=name)
        opts = DRIVERS.get(settings.volume_driver, BASE)
        settings.append_config_values(opts)
        options = backends[name] = {}
        for opt in opts:
            # As BackendGroupConfiguration does: a backend's own value counts unless it is None, which '' is for a number.
            (own, text), value = layers.origin(opt, name), None
            try:
                value = getattr(conf[name], opt.dest)
            except Exception as error:
                value = Failure(error)
            origin = own
            if value is None:
                origin, text = layers.origin(opt, "backend_defaults")
            try:
                value = getattr(settings, opt.dest)
            except Exception as error:
                value = Failure(error)
            if any(name in str(value) for name in MACHINE.values()):
                value = Failure(ValueError("depends on the machine"))
            if origin:
                assert "$" in text or opt.multi or isinstance(value, Failure) or opt.type(text) == value, (opt.name, text, value)
                options[opt.name] = (value, origin)
            elif own:  # an empty number, which counts for nothing: what is said of its line is free
                options[opt.name] = (Failure(ValueError("empty")), None)
    return names, backends


def names_of(opt):
    """An option's names, the current one first."""
    return [opt.name, *(old.name or opt.name for old in opt.deprecated_opts)]


def same(opt, text, value):
    """Whether cinderlint's text stands for Cinder's value."""
    if isinstance(value, Failure) or opt.secret:
        return True
    if isinstance(text, str) and "***" in text:  # a part of it comes from a secret
        return True
    try:
        return opt.type(text) == value if isinstance(text, str) else text == value
    except (TypeError, ValueError):
        return False


def compare(args, folder, case):
    """A list of differences, as text."""
    write(folder, case)
    os.chdir(folder)
    try:
        names, backends = expected(case)
    except cfg.Error as error:  # the generator made something that no service can read
        return None if not args.strict else [f"oracle: {type(error).__name__}: {error}"]
    try:
        output = common.ask(args.bin, "effective", "--format", "json", "--release", "2026.2", *case["args"])
    except common.Broken as broken:
        return [f"cinderlint: {broken}"]
    if len(output["deployments"]) != 1:
        return [f"{len(output['deployments'])} deployments"]
    got = {item["name"]: item for item in output["deployments"][0]["backends"] if item["enabled"]}
    if sorted(got) != sorted(set(names)):
        return [f"enabled backends: cinder {names}, cinderlint {list(got)}"]
    found = []
    for name, options in backends.items():
        settings = got[name]["options"]
        driver_name = options.get("volume_driver", ("cinder.volume.drivers.lvm.LVMVolumeDriver", None))[0]
        if got[name]["driver"] != driver_name:
            found.append(f"[{name}] driver: cinder {driver_name}, cinderlint {got[name]['driver']}")
        known = {opt.name: opt for opt in DRIVERS.get(driver_name, BASE)}
        for option, (value, origin) in options.items():
            if option == "volume_driver" and option not in settings:
                continue
            mine = next((settings[old] for old in names_of(known[option]) if old in settings), None)
            if origin is None:
                continue
            if mine is None:
                found.append(f"[{name}] {option}: cinder {value!r} from {origin}, cinderlint has nothing")
                continue
            place = (os.path.normpath(mine["origin"].get("file", "")), mine["origin"].get("line"))
            if place != (os.path.normpath(origin[0]), origin[1]):
                found.append(f"[{name}] {option}: cinder's from {origin}, cinderlint's from {mine['origin']}")
            elif not same(known[option], mine["value"], value):
                found.append(f"[{name}] {option}: cinder {value!r}, cinderlint {mine['value']!r} from {origin}")
        found += [f"[{name}] {option}: cinder has nothing, cinderlint {settings[option]}" for option in settings
                  if option in known and option not in options and "file" in settings[option]["origin"]]
    return found


def shrink(args, folder, case):
    """The same with as few flags, files and lines as still differ."""
    def shorter(case):
        pairs = list(zip(case["args"][::2], case["args"][1::2]))
        for at in range(len(pairs)):
            fewer = pairs[:at] + pairs[at + 1:]
            if any(flag == "--config-file" for flag, _ in fewer):
                yield case | {"args": [item for pair in fewer for item in pair]}
        for name, content in case["files"].items():
            lines = content.splitlines(True)
            for at in range(len(lines)):
                yield case | {"files": case["files"] | {name: "".join(lines[:at] + lines[at + 1:])}}

    found = True
    while found:
        found = next((other for other in shorter(case) if compare(args, folder, other)), None)
        case = found or case
    used = {name: content for name, content in case["files"].items() if content.strip()}
    return case | {"files": used} if compare(args, folder, case | {"files": used}) else case


def main():
    parser = common.arguments(__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="deployments to generate (default 1000)")
    parser.add_argument("--strict", action="store_true", help="a deployment that Cinder itself cannot read is a difference")
    args = parser.parse_args()
    args.bin = os.path.abspath(args.bin)
    logging.disable(logging.CRITICAL)
    rng = random.Random(args.seed)
    failed, cases = [], 0
    with common.scratch() as top:
        folder = top / "case"
        while cases < args.cases:
            case = deployment(rng)
            found = compare(args, folder, case)
            if found is None:
                continue
            cases += 1
            if found:
                failed.append(case)
        for case in failed[:args.show]:
            case = shrink(args, folder, case)
            print("cinderlint effective " + " ".join(case["args"]))
            for name, content in case["files"].items():
                print(f"--- {name}\n{content}", end="")
            print("---\n  " + "\n  ".join(compare(args, folder, case)) + "\n")
        os.chdir("/")
    return common.verdict("deployment", cases, len(failed))


if __name__ == "__main__":
    sys.exit(main())
