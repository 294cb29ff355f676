#!/usr/bin/python3
"""The menu on the local console. No login: who stands here can open the machine as well. No shell, unless the settings allow it."""

import os
import subprocess
import sys
import time

import changes
import handover
import settings
import sticks
import support
import system

TRIAL_SECONDS = 120
NOT_SHOWN = "not on a serial console: the settings do not allow it (console.serialToken)"

MENU = """
 1 status         2 setup token      3 network
 4 reboot         5 power off        6 previous version
 7 factory reset  8 log of the gateway
 a set an address                    b support bundle
 t new admin token, for who has lost theirs
 u upgrade from a USB stick or a CD{shell}
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
            show("log", lambda: print(log(console, allowed)))
        elif choice == "a":
            show("address", set_address)
        elif choice == "b":
            show("support bundle", support_bundle)
        elif choice == "t":
            show("token", lambda: new_token(console, allowed))
        elif choice == "u":
            show("upgrade", upgrade)
        elif choice == "9" and allowed.get("shell"):
            # A shell prompts on its standard error, which is the journal here.
            subprocess.run(["/bin/bash", "--login"], stderr=sys.stdout, check=False)


def token(console, allowed):
    kept = system.token()
    if kept is None:
        return "none: it was claimed, or the gateway has not started yet"
    if not may_be_shown(console, allowed):
        return NOT_SHOWN
    return f"{kept}\npenstock token claim --admin https://ADDRESS:PORT --fingerprint FINGERPRINT --token-file FILE --context-name NAME   exchanges it for the first token"


def log(console, allowed):
    """The gateway has told its setup token there as well."""
    lines = system.run("journalctl", "--no-pager", "-u", "penstock", "-n", "40")
    return lines if may_be_shown(console, allowed) else support.without_tokens(lines)


def may_be_shown(console, allowed):
    """In a cloud others can read what goes to a serial line."""
    return bool(allowed.get("serialToken")) or not console.startswith("ttyS")


def new_token(console, allowed):
    if not may_be_shown(console, allowed):
        print(NOT_SHOWN)
        return
    print("One more token that may do everything; those that there are stay valid until they are revoked. The gateway starts anew twice,")
    print("by hand-over, so that no request is lost.")
    if asked('Type "new token" to do it: ') != "new token":
        print("Not done.")
        return
    print(handover.new_token())


def set_address():
    """On trial, as a change over the network is: what nobody confirms is taken back, also by a boot."""
    links = system.links()
    print("Network interfaces: " + (", ".join(links) or "none"))
    name = asked("Which one: ") if len(links) != 1 else links[0]
    address = asked(f'Address of {name} with its prefix, such as 192.0.2.7/24, or "dhcp": ')
    gateway, servers = "", ""
    if address != "dhcp":
        gateway = asked("Gateway (empty: none): ")
        servers = asked("Name servers, with blanks between (empty: none): ")
    of = changes.Changes()
    version, kept = of.kept()
    of.put(system.with_link(kept, name, address, gateway, servers.split()), version, TRIAL_SECONDS)
    print("It comes into force ...", flush=True)
    while of.trial() and not of.is_in_force():
        time.sleep(0.2)
    print("\n".join(system.status()))
    if of.trial() and asked(f'Type "keep" within {TRIAL_SECONDS} seconds, or it is taken back: ') == "keep":
        of.confirm()
        print("Kept.")
    elif of.trial():
        of.revert()
        print("Taken back.")
    else:
        print("It was taken back: " + str((of.show()["last"] or {}).get("why", "")))


def support_bundle():
    found = sticks.to_write()
    for i, (_, words) in enumerate(found, 1):
        print(f" {i}  {words}")
    choice = asked("Number of the USB stick, or Enter for the data partition: " if found else "No USB stick was found. Enter writes to the data partition: ")
    if is_of(choice, found):
        print(support.onto_stick(found[int(choice) - 1][0]))
    elif not choice:
        address = next((found.split("/")[0] for found in system.addresses()), "ADDRESS")
        print(f"{support.onto_disk()}\nBy ssh: scp root@{address}:{support.KEPT}/*.zip .")
    else:
        print("Not done.")
    print("The gateway's own bundle, by a machine that has a token: penstock support-bundle support.zip --admin https://ADDRESS:PORT")


def is_of(choice, listed):
    return choice.isascii() and choice.isdigit() and 1 <= int(choice) <= len(listed)


def upgrade():
    found = sticks.bundles()
    if not found:
        print("No USB stick and no CD with a bundle was found: wanted a file *.raucb in its topmost folder.")
        return
    for i, (path, name) in enumerate(found, 1):
        print(f" {i}  {name}  on {path}")
    choice = asked("Number of the bundle, or Enter for none: ")
    if not is_of(choice, found):
        print("Not done.")
        return
    path, name = found[int(choice) - 1]
    print("It is checked and written into the other slot; what runs is not touched. It is not rehearsed: \"penstock system upgrade\" does that.", flush=True)
    with sticks.mounted(path, "ro") as place:
        version = system.upgrade(os.path.join(place, name), told=lambda percent, words, _: print(f"{percent:3}% {words}", flush=True))
    print(f"Version {version} is installed, and the medium can be taken out.")
    if asked('Type "reboot" to start it now: ') == "reboot":
        system.reboot()
    else:
        print("The next boot starts it.")


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
    except (system.Refused, settings.Faults, changes.NotDone, OSError, ValueError, KeyError) as refused:
        print(f"{what}: {refused}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
