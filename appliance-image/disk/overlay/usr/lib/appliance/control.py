#!/usr/bin/python3
"""What the gateway may ask of its machine: one question on a socket, one answer, as root. Everything else it has to do itself.

A question is a line with one word of WORDS, and behind it a JSON document if the word takes one. An answer is a JSON document:
{"done": {...}} or {"refused": {"code": ..., "detail": ..., "errors": [...]}}.
"""

import json
import sys

import changes
import settings
import system
import upgrades

QUESTION_BYTES_MAX = 512 << 10


def answer(line, body, of, slots):
    try:
        match line.strip():
            case "show":
                return {"done": {**of.show(), "warnings": system.warnings(of)}}
            case "check":
                return {"done": of.check(body.get("settings"))}
            case "put":
                return {"done": of.put(body.get("settings"), body.get("version"), body.get("confirmWithin"))}
            case "confirm":
                return {"done": of.confirm()}
            case "revert":
                return {"done": of.revert()}
            case "upgrade":
                return {"done": slots.begin(body.get("allowDowngrade") is True, body.get("reboot") is True, body.get("allowDifferences") is True)}
            case "upgrade-state":
                return {"done": slots.state()}
            case "previous":
                return {"done": slots.previous(body.get("reboot") is True)}
            case _:
                return {"refused": {"code": "unknown-word", "detail": "this machine's version does not know what it was asked"}}
    except settings.Faults as wrong:
        return {"refused": {"code": "validation", "detail": "the settings are not valid", "errors": wrong.problems()}}
    except (changes.NotDone, upgrades.NotDone) as refused:
        return {"refused": {"code": refused.code, "detail": str(refused)}}
    except system.Refused as failed:
        return {"refused": {"code": "failed", "detail": str(failed)}}


def main(source, to, of, slots):
    question = source.read(QUESTION_BYTES_MAX + 1)
    if len(question) > QUESTION_BYTES_MAX:
        said = {"refused": {"code": "too-large", "detail": f"a question has at most {QUESTION_BYTES_MAX} bytes"}}
    else:
        line, _, rest = question.partition(b"\n")
        try:
            body = json.loads(rest) if rest.strip() else {}
            said = answer(line.decode("ascii", "replace"), body if isinstance(body, dict) else {}, of, slots)
        except (ValueError, RecursionError) as unreadable:
            said = {"refused": {"code": "unreadable", "detail": f"the question cannot be read: {type(unreadable).__name__}"}}
        except OSError as failed:
            said = {"refused": {"code": "failed", "detail": str(failed)}}
    to.write(json.dumps(said).encode())
    to.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer, changes.Changes(), upgrades.Upgrades())
