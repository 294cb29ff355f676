"""Has another process of the gateway take the running one's place, with other arguments; no request is lost by it."""

import os
import secrets
import shlex
import shutil
import sys
from pathlib import Path

import changes
import pair
import system

PAIR_UNITS = ("appliance-second-chance", "appliance-vrrp", "appliance-bgp")
DATA = str(system.DATA)
TOKEN_FILE = Path("/run/penstock-token")
TRIES = 3
# With a value behind them, as one word or two.
FOR_ONE_START = ("--apply", "--admin-token-file")


def lasting(words):
    """Arguments of "penstock run" without those that are for one start."""
    left = []
    passes = False
    for word in words:
        name = word.split("=", 1)[0]
        if passes:
            passes = False
        elif name in FOR_ONE_START:
            passes = "=" not in word
        else:
            left.append(word)
    return left


def running():
    """What the gateway's main process was given behind "run"."""
    process = system.run("systemctl", "show", "penstock", "--property=MainPID", "--value").strip()
    if process in ("", "0"):
        raise system.Refused("the gateway is not running")
    words = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")[:-1]
    return lasting(words[words.index("run") + 1 :])


def restart(arguments):
    system.run(
        *("setpriv", "--reuid", "penstock", "--regid", "penstock", "--init-groups"),
        *("/usr/bin/penstock", "restart", "--data", DATA, "--", *arguments),
    )


def new_token():
    """A token that may do everything, beside those that there are. The gateway adopts it by being started with it once."""
    arguments = running()
    token = "pst_console_" + secrets.token_urlsafe(32)
    # Beside the process that reads it nobody but root.
    with open(os.open(TOKEN_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as out:
        out.write(token + "\n")
    shutil.chown(TOKEN_FILE, "penstock", "penstock")
    try:
        restart([*arguments, "--admin-token-file", str(TOKEN_FILE)])
    except system.Refused:
        TOKEN_FILE.unlink()
        raise
    without_token_file(arguments)
    return token


def without_token_file(arguments):
    """A gateway that was started with the file would ask for it at each later hand-over: so it is started anew without, or the file stays."""
    for _ in range(TRIES):
        try:
            restart(arguments)
            TOKEN_FILE.unlink()
            return
        except system.Refused as refused:
            print(f"appliance: {refused}", file=sys.stderr)


def share_addresses(wanted):
    """Begins to share addresses with another gateway; whether it is in force now, or from the next boot on."""
    before = pair.kept()
    pair.keep(wanted)
    if before is not None:
        # What the kernel was told for the one before goes with it.
        return before == wanted
    pair.render()
    with changes.Changes(system.STATE).locked():
        system.run("nft", "-f", "/etc/appliance/input.nft")
    for unit in PAIR_UNITS:
        system.run("systemctl", "restart", unit)
    try:
        with_pair()
    except system.Refused as refused:
        # The addresses are shared all the same.
        print(f"appliance: the gateway ends without waiting to be noticed until its next start: {refused}", file=sys.stderr)
    return True


def with_pair(env=Path("/etc/penstock/pair.env")):
    """Starts anew with what a gateway of a pair is given, unless it is given already."""
    added = shlex.split(env.read_text().split("=", 1)[1])
    given = running()
    if "--drain-delay" not in given:
        restart([*added, *given])
