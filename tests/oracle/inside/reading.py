"""What the oslo.config that is installed here reads in a file. Request: {"path": file}."""

import re

import answers
import reader


def decoded(value):
    """A text, or texts within lists, in Unicode."""
    if isinstance(value, (list, tuple)):
        return [decoded(item) for item in value]
    return answers.text_of(value)


def expected(path):
    found, error = reader.read(path)
    if error is None:
        merged = {name: {} for name, _ in found.headers}
        for section, key, _, text in found.placed:
            merged[section].setdefault(key, []).append(text)
        assert merged == found.sections
        return {"sections": decoded(found.headers), "options": decoded(found.placed)}
    if isinstance(error, UnicodeDecodeError):
        with open(path, "rb") as file:
            data = file.read()
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as bad:
            # Of bytes that are no text cinderlint names the line of the first one; "." keeps a last empty line counted.
            return {"error": "not UTF-8", "line": len(re.split(br"\r\n|\r|\n", data[:bad.start] + b".")), "any": True}
    if error.msg == "Section must be started before assignment":
        return {"error": error.msg, "line": found.key_line}
    return {"error": error.msg, "line": error.lineno}


if __name__ == "__main__":
    answers.serve(lambda request: {"python": answers.python()} if "hello" in request else expected(answers.native(request["path"])))
