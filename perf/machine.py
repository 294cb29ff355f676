"""What all measuring scripts need to know of the machine: what it is, which Java it has, what it spends."""
import contextlib
import datetime
import os
import pathlib
import platform
import re
import shutil
import subprocess

SOURCES = pathlib.Path(__file__).resolve().parent.parent
LAUNCHER = pathlib.Path(os.environ.get("PENSTOCK", SOURCES / "appliance-image/bin/penstock"))
JVM_FOLDER = SOURCES / "appliance-image/src/jvm"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def said(*command):
    """What a program says, in both its streams; nothing if it is not there."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=SOURCES)
        return (done.stdout + done.stderr).strip()
    return ""


def facts(**more):
    """The machine, the time and the commit, as they stand in every results.json."""
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cpu": cpu[1] if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "kernel": platform.release(),
        **more,
        "commit": said("git", "describe", "--always", "--dirty") if shutil.which("git") else "",
    }


def java():
    """A Java 25: JAVA_HOME's, or one in the usual places; None if there is none."""
    homes = [os.environ.get("PENSTOCK_JAVA_HOME"), os.environ.get("JAVA_HOME")]
    homes += sorted(map(str, pathlib.Path("/usr/lib/jvm").glob("*"))) if pathlib.Path("/usr/lib/jvm").is_dir() else []
    for home in filter(None, homes):
        release = pathlib.Path(home, "release")
        if release.exists() and re.search(r'^JAVA_VERSION="25[".+-]', release.read_text(), re.M):
            return str(pathlib.Path(home, "bin/java"))
    return None


def java_version(executable):
    """The line that names the runtime."""
    lines = said(executable, "-version").splitlines()
    return lines[1] if len(lines) > 1 else "".join(lines)


def jvm_arguments(name):
    """The arguments in one of the product's option files."""
    lines = (JVM_FOLDER / name).read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def process_tree(pid):
    pids = [pid]
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                pids += process_tree(int(child))
    return pids


def cpu_s(pid):
    """User and kernel time of a process and its children, in seconds."""
    user = kernel = 0
    for each in process_tree(pid):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
            user += int(fields[11])
            kernel += int(fields[12])
    return user / TICKS_PER_S, kernel / TICKS_PER_S


def resident_kib(pid):
    """The memory of the largest of a process and its children; None if they have ended."""
    found = []
    for each in process_tree(pid):
        with contextlib.suppress(OSError):
            found += re.findall(r"^VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{each}/status").read_text(), re.M)
    return max(map(int, found), default=None)


def busy_s():
    """What all cores have worked since the machine's start, in seconds."""
    fields = list(map(int, pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
    return (sum(fields) - fields[3] - fields[4]) / TICKS_PER_S


class Share:
    """How busy the machine is from here on, and how much of it is not this script's children."""

    def __init__(self):
        self.busy, self.own, self.began = busy_s(), sum(os.times()[2:4]), os.times().elapsed

    def told(self):
        wall = max(os.times().elapsed - self.began, 1e-9) * (os.cpu_count() or 1)
        busy, own = busy_s() - self.busy, sum(os.times()[2:4]) - self.own
        return {"machine_busy": busy / wall, "foreign": max(0.0, busy - own) / wall}
