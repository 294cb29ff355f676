"""What the admin API does to the machine that it runs on: parts of boot.py and upgrade.py."""

import json
import os
import ssl
import time
import urllib.error
import urllib.request

from machine import PATIENCE_S, Failed, say

# Of software emulation: longer than it takes to put a change into force, by far.
TRIAL_S = 60


class Api:
    """The admin API of a machine, by the token that its setup token is exchanged for."""

    def __init__(self, vm, setup_token):
        self.vm = vm
        self.token = setup_token
        self.token = self.wanted(201, "POST", "/v1/setup")["secret"]

    def call(self, method, path, body=None, kind="application/json", seconds=60):
        """Status and document of an answer; OSError where there is none."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind, "If-Match": "*"}
        data = body
        if hasattr(body, "fileno"):
            headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
        elif body is not None:
            data = json.dumps(body).encode()
        asked = urllib.request.Request(f"https://127.0.0.1:{self.vm.ports[8443]}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=seconds, context=ssl._create_unverified_context()) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    def wanted(self, status, *asked, **more):
        found, document = self.call(*asked, **more)
        if found != status:
            raise Failed(f"{asked[0]} {asked[1]}: {found} {document}, wanted {status}")
        return document

    def until(self, what, is_so):
        """Waits for something that a machine does in its own time."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                found = is_so()
                if found:
                    return found
            except OSError:
                pass
            if time.monotonic() > end:
                raise Failed(f"{what}: not within {PATIENCE_S} s")
            self.vm.read(0.3)


def settings(api):
    """A change that cuts nobody off is kept, one of the firewall is confirmed, and one that shuts its own author out goes by itself."""
    path, kind = "/v1/system/settings", "application/merge-patch+json"
    api.wanted(200, "PATCH", path, {"ntp": {"servers": ["ntp.example"]}}, kind)
    api.vm.run("for i in $(seq 600); do grep -q NTP=ntp.example /etc/systemd/timesyncd.conf.d/appliance.conf && break; sleep 0.1; done")
    api.vm.run("grep NTP=ntp.example /etc/systemd/timesyncd.conf.d/appliance.conf")

    api.wanted(202, "PATCH", f"{path}?confirm_within=600s", {"admin": {"sources": ["10.0.2.0/24"]}}, kind)
    api.until("a change is confirmed", lambda: api.call("POST", f"{path}:confirm")[0] == 200)
    api.vm.run("nft list ruleset | grep 10.0.2.0/24")

    begun = time.monotonic()
    api.wanted(202, "PATCH", f"{path}?confirm_within={TRIAL_S}s", {"admin": {"sources": ["192.0.2.0/24"]}}, kind)

    def is_shut_out():
        try:
            api.call("GET", path, seconds=3)
        except OSError:
            return True
        if time.monotonic() > begun + TRIAL_S:
            raise Failed("the firewall of a change on trial was never in force")
        return False

    api.until("who is no source is shut out", is_shut_out)
    api.until("the former firewall is back", lambda: api.call("GET", path, seconds=3)[0] == 200)
    took = time.monotonic() - begun
    kept = api.wanted(200, "GET", path)
    if kept["admin"]["sources"] != ["10.0.2.0/24"] or "pending" in kept:
        raise Failed(f"the settings after a trial that nobody confirmed: {kept}")
    if took < TRIAL_S:
        raise Failed(f"a trial of {TRIAL_S} s was taken back after {took:.0f} s")
    say(f"settings by the API: kept, confirmed, and {took:.0f} s after one that shut its author out the former are back")


def upgrade(api, file, options=""):
    """Sends a bundle and waits until it is written, or not."""
    with open(file, "rb") as bundle:
        api.wanted(202, "POST", f"/v1/system/upgrade{options}", bundle, "application/octet-stream", seconds=PATIENCE_S)

    def outcome():
        found = api.wanted(200, "GET", "/v1/system/upgrade")["upgrade"]
        return found if found["state"] not in ("waiting", "checking", "rehearsing", "installing") else None

    return api.until("the upgrade ends", outcome)
