"""A virtual machine of a test, driven by what it says: its serial line and its ports. No fixed waits."""

import contextlib
import os
import re
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

FIRMWARE = Path("/usr/share/OVMF")
# Software emulation on a busy machine; with KVM a tenth of it passes.
PATIENCE_S = 900
NEEDS = {"qemu-system-x86_64": "qemu-system-x86", "qemu-img": "qemu-utils", "xorriso": "xorriso", "openssl": "openssl", "mkfs.vfat": "dosfstools", "mcopy": "mtools"}


class Failed(Exception):
    """What was wanted and what was seen."""


def need(**more):
    """Says at once which Debian packages are missing."""
    missing = sorted({package for command, package in {**NEEDS, **more}.items() if shutil.which(command) is None})
    if not (FIRMWARE / "OVMF_CODE_4M.secboot.fd").exists():
        missing.append("ovmf")
    if missing:
        sys.exit(f"missing: {' '.join(missing)}. Install: apt-get install {' '.join(missing)}")


@contextlib.contextmanager
def workplace(name, **more):
    """A folder for a test's disks and logs. A failure ends the program; the logs are kept then, and with KEEP."""
    need(**more)
    work = tempfile.mkdtemp(prefix=f"penstock-{name}.", dir=os.environ.get("TMPDIR", "/var/tmp"))
    try:
        yield work
    except Failed as failed:
        sys.exit(f"FAILED: {failed}\nlogs are kept in {work}")
    if "KEEP" not in os.environ:
        shutil.rmtree(work)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accelerators():
    """
    Emulation, which works everywhere; ACCEL=kvm is faster by far where the machine's KVM is a whole one (nested ones often are not).
    In one thread: with one for each core, code that a JVM patched on one is at times run torn on the other, once in ten starts or so.
    """
    return ["-accel", os.environ.get("ACCEL", "tcg,thread=single")]


def say(text):
    print(time.strftime("%H:%M:%S"), text, flush=True)


class Machine:
    """A machine that runs from construction to close(); its serial line is kept in LOG."""

    def __init__(self, work, name, firmware="bios", disk=None, cdroms=(), ports=(), memory=1536, boot_once=None, stick=None):
        self.log = Path(work) / f"{name}.log"
        self.ports = {port: free_port() for port in ports}
        serial = Path(work) / f"{name}.serial"
        command = ["qemu-system-x86_64", *accelerators(), "-cpu", "max,arch-capabilities=off", "-smp", "2", "-m", str(memory), "-display", "none"]
        if firmware == "bios":
            command += ["-machine", "q35"]
        else:
            code = "OVMF_CODE_4M.secboot.fd" if firmware == "secureboot" else "OVMF_CODE_4M.fd"
            own = "OVMF_VARS_4M.ms.fd" if firmware == "secureboot" else "OVMF_VARS_4M.fd"
            variables = Path(work) / f"{name}.vars"
            if not variables.exists():
                shutil.copy(FIRMWARE / own, variables)
            command += ["-machine", "q35,smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on"]
            command += ["-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE / code}"]
            command += ["-drive", f"if=pflash,format=raw,file={variables}"]
        if disk:
            command += ["-drive", f"if=virtio,format=qcow2,file={disk},discard=unmap"]
        for cdrom in cdroms:
            command += ["-drive", f"media=cdrom,format=raw,readonly=on,file={cdrom}"]
        if stick:
            command += ["-device", "qemu-xhci", "-drive", f"if=none,id=stick,format=raw,file={stick}", "-device", "usb-storage,drive=stick,removable=on"]
        if boot_once:
            command += ["-boot", f"once={boot_once}"]
        forwards = "".join(f",hostfwd=tcp:127.0.0.1:{here}-:{there}" for there, here in self.ports.items())
        command += ["-netdev", f"user,id=net,restrict=on{forwards}", "-device", "virtio-net-pci,netdev=net,addr=0x10"]
        command += ["-device", "i6300esb", "-device", "virtio-rng-pci"]
        command += ["-chardev", f"socket,id=serial,path={serial},server=on,wait=on", "-serial", "chardev:serial"]
        self.errors = open(Path(work) / f"{name}.qemu", "wb")
        self.process = subprocess.Popen(command, stderr=self.errors, stdin=subprocess.DEVNULL)
        self.seen = ""
        self.begun = time.monotonic()
        self.line = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self.line.connect(str(serial))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                if self.process.poll() is not None:
                    raise Failed(f"qemu ended: {Path(self.errors.name).read_text()}") from None
                time.sleep(0.05)
        self.line.setblocking(False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.line, selectors.EVENT_READ)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.line.close()
        self.errors.close()

    def read(self, seconds):
        """What the serial line says within a time, appended to what was seen; false at its end."""
        if not self.selector.select(seconds):
            return True
        try:
            said = self.line.recv(65536)
        except OSError:
            return False
        if not said:
            return False
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1bc|\r", "", said.decode("utf-8", "replace"))
        self.seen += text
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(text)
        return True

    def wait(self, pattern, seconds=PATIENCE_S):
        """The match of a pattern in what comes; what stood before is forgotten."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end() :]
                return found
            if time.monotonic() > end or not self.read(1):
                raise Failed(f"not seen: {pattern}\nlast lines ({self.log}):\n" + "\n".join(self.seen.splitlines()[-30:]))

    def ended(self, seconds=PATIENCE_S):
        """Waits until the machine has switched itself off."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise Failed(f"it did not switch itself off ({self.log})")
            if not self.read(1):
                self.process.wait(30)

    def send(self, text):
        self.line.sendall(text.encode())

    def status(self, pattern, seconds=PATIENCE_S):
        """Asks the menu for the status until it says what is wanted."""
        end = time.monotonic() + seconds
        while True:
            self.send("1\n")
            said = self.wait(r"(?s)Penstock \S+ in slot [AB].*?\n> $", seconds).group(0)
            if re.search(pattern, said):
                return said
            if time.monotonic() > end:
                raise Failed(f"the status does not come to say {pattern}: {said} ({self.log})")

    def menu(self):
        """From the shell back to the menu."""
        self.send("exit\n")
        self.wait(r" 9 shell\s+> $")

    def shell(self):
        """From the menu to a shell whose prompt is known."""
        self.send("9\n")
        self.wait(r"[#$] $")
        self.send("stty -echo -onlcr cols 1000; PS1='READY''> '; PROMPT_COMMAND=; bind 'set enable-bracketed-paste off' 2>/dev/null\n")
        self.wait(r"READY> ")

    def run(self, command, seconds=PATIENCE_S, status=0):
        """Output of a command in the shell; a status other than the wanted one fails (None: any)."""
        self.send(command + "; echo \"STATUS $?\"\n")
        end = self.wait(r"(?s)(.*?)STATUS (\d+)\s+READY> ", seconds)
        if status is not None and int(end.group(2)) != status:
            raise Failed(f"{command}: status {end.group(2)}, wanted {status}: {end.group(1)}")
        return end.group(1).strip()

    def get(self, port, path="/", seconds=PATIENCE_S):
        """The body of an answer, asked for again until there is one."""
        end = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[port]}{path}", timeout=5) as answer:
                    return answer.read().decode()
            except OSError as refused:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise Failed(f"port {port} does not answer: {refused} ({self.log})") from None
                self.read(0.2)

    def is_open(self, port):
        """Whether a connection gets further than qemu: the forward itself always accepts."""
        with socket.create_connection(("127.0.0.1", self.ports[port]), timeout=5) as probe:
            probe.settimeout(3)
            try:
                probe.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return bool(probe.recv(1))
            except OSError:
                return False


def overlay(work, name, image):
    """A disk that begins as the image and leaves it as it is."""
    disk = Path(work) / f"{name}.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", Path(image).resolve(), disk], check=True)
    return disk


def stick(work, name):
    """A USB stick with an empty FAT on it, and its file."""
    file = Path(work) / f"{name}.stick"
    with open(file, "wb") as out:
        out.truncate(64 << 20)
    subprocess.run(["mkfs.vfat", "-F", "32", "-n", "MINE", file], check=True, capture_output=True)
    return file


def seed(work, name, user_data, meta_data="instance-id: one\n", network=None, label="CIDATA"):
    """A NoCloud seed as an image of a CD."""
    folder = Path(work) / f"{name}.seed"
    folder.mkdir()
    (folder / "user-data").write_text(user_data)
    (folder / "meta-data").write_text(meta_data)
    if network:
        (folder / "network-config").write_text(network)
    image = Path(work) / f"{name}.seed.iso"
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-V", label, "-J", "-r", "-o", image, folder], check=True, capture_output=True)
    return image
