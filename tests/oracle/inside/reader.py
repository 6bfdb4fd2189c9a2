"""oslo.config's own parser, which also notes the line of each section header and of each key."""

import os

from oslo_config import cfg, iniparser


class Reader(cfg.ConfigParser):
    def __init__(self, filename):
        super(Reader, self).__init__(filename, {})
        self.headers = []  # (name, line), one per header
        self.placed = []  # (section, key, line, value), one per value
        self.key_line = 0

    def new_section(self, section):
        super(Reader, self).new_section(section)
        self.headers.append((section, self.lineno))

    def _split_key_value(self, line):
        answer = super(Reader, self)._split_key_value(line)
        # The previous assignment has been flushed by now, so this is the line of the next one.
        self.key_line = self.lineno
        return answer

    def assignment(self, key, value):
        super(Reader, self).assignment(key, value)
        self.placed.append((self.section, key, self.key_line, "\n".join(value)))


def read(path):
    """(Reader, None) after a full parse, else (Reader, the exception)."""
    reader = Reader(os.path.join(path))
    try:
        reader.parse()
    except (iniparser.ParseError, UnicodeDecodeError) as error:
        return reader, error
    return reader, None
