"""What a release's own options make of a file: each that is set, with its type applied.

Request: {"path": file, "backends": [section, ...]}. Answer: {"values": [[section, option, text], ...]}, where a text is the value as
a file would say it, or null where its type refuses it. Every option that the release and its libraries list is asked, in its own
section, or, if it is one of backends, in each of these.
"""

import warnings

from oslo_config import cfg

import answers
import deployment

warnings.simplefilter("ignore")


def written(value):
    """A value as a file would say it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(written, value))
    if isinstance(value, dict):
        return ",".join("%s:%s" % (key, written(one)) for key, one in sorted(value.items()))
    return u"%s" % answers.text_of(value)


def values(path, backends):
    """[[section, option, text], ...]."""
    conf = cfg.ConfigOpts()
    answers.load(conf, ["--config-file", path])
    services, of_backends = deployment.everything(conf)
    # Ocata lists the options of backends in [DEFAULT].
    of_backends = of_backends or [opt for group, opt in services if group == "DEFAULT"]
    layers = deployment.Layers(["--config-file", path])
    found = []
    for group, opt in services + [(name, opt) for name in backends for opt in of_backends]:
        if layers.origin(opt, group)[0] is None:
            continue
        try:
            conf.register_opt(opt, None if group == "DEFAULT" else group)
            value = getattr(conf if group == "DEFAULT" else conf[group], opt.dest)
        except (cfg.Error, ValueError):
            value = None
        found.append([group, opt.name, None if value is None else written(value)])
    return found


def answer(request):
    backends = [answers.native(name) for name in request["backends"]]
    return {"values": values(answers.native(request["path"]), backends)}


if __name__ == "__main__":
    answers.serve(answer)
