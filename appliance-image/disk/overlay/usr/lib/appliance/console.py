#!/usr/bin/python3
"""The menu on the local console. No login: who stands here can open the machine as well. No shell, unless the settings allow it."""

import os
import subprocess
import sys

import system

MENU = """
 1 status         2 setup token      3 network
 4 reboot         5 power off        6 previous version
 7 factory reset  8 log of the gateway{shell}
"""


def main():
    console = os.environ.get("CONSOLE", "tty1")
    show("status", lambda: print("\n".join(system.status()), flush=True))
    while True:
        allowed = system.settings().get("console", {})
        print(MENU.format(shell="\n 9 shell" if allowed.get("shell") else ""), flush=True)
        try:
            choice = asked("> ")
        except EOFError:
            return
        if choice == "1":
            show("status", lambda: print("\n".join(system.status())))
        elif choice == "2":
            show("token", lambda: print(token(console, allowed)))
        elif choice == "3":
            show("network", lambda: print(system.run("networkctl", "--no-pager", "--full", "status", "--all", "--lines=0")))
        elif choice == "4":
            confirmed("reboot", system.reboot)
        elif choice == "5":
            confirmed("power off", system.power_off)
        elif choice == "6":
            confirmed("previous", back)
        elif choice == "7":
            print("This deletes configuration, keys, logs and settings. The installed versions stay.")
            confirmed("factory reset", reset)
        elif choice == "8":
            show("log", lambda: print(system.run("journalctl", "--no-pager", "-u", "penstock", "-n", "40")))
        elif choice == "9" and allowed.get("shell"):
            # A shell prompts on its standard error, which is the journal here.
            subprocess.run(["/bin/bash", "--login"], stderr=sys.stdout, check=False)


def token(console, allowed):
    kept = system.token()
    if kept is None:
        return "none: it was claimed, or the gateway has not started yet"
    # In a cloud others can read what goes to a serial line.
    if console.startswith("ttyS") and not allowed.get("serialToken"):
        return "not on a serial console: the seed does not allow it (appliance.console.serialToken)"
    return f"{kept}\npenstock token claim --admin https://ADDRESS:PORT --token-file FILE   exchanges it for the first token"


def back():
    system.previous()
    system.reboot()


def reset():
    system.factory_reset()
    system.reboot()


def confirmed(word, act):
    if asked(f'Type "{word}" to do it: ') == word:
        show(word, act)
    else:
        print("Not done.")


def asked(question):
    """input() would write the question to the standard error, which is the journal here."""
    print(question, end="", flush=True)
    return input().strip()


def show(what, act):
    try:
        act()
    except (system.Refused, OSError, ValueError, KeyError) as refused:
        print(f"{what}: {refused}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
