#!/usr/bin/env bash
# What can be said of packages and images without starting any.
#
#   appliance-image/test/static.sh [--mirror URL]      the sources: scripts, units, firewall, keepalived, BIRD, lists of packages
#   appliance-image/test/static.sh --image IMAGE.qcow2    a disk that build.sh has made: partitions, loader, and the whole root. As root
#
# Without --image it needs root for the firewall and keepalived only, which are left out, loudly, without.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
top=$(dirname "$here")
# shellcheck source=lib.sh
source "$here/lib.sh"

mirror=
image=
while (($#)); do
    case $1 in
        --mirror) mirror=$2 && shift ;;
        --image) image=$(realpath "$2") && shift ;;
        *) fail "\"$1\" is no option; see the head of $0" ;;
    esac
    shift
done
overlay=$top/disk/overlay
faults=0

# Notes a fault and goes on, so that one run tells all of them.
fault() {
    printf 'static.sh: FAULT: %s\n' "$*" >&2
    faults=$((faults + 1))
}

ended() {
    ((faults == 0)) || fail "$faults faults"
    say "passed: $*"
}

check_scripts() {
    (cd "$top" && shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning build.sh bin/penstock ha/{announce,bgp,second-chance.sh,vrrp,watch} \
        deb/{postinst,prerm,postrm} "$overlay"/usr/lib/appliance/{health,repart,write-disk} test/{deb,oci,static}.sh ../.ci/{packages,run}) ||
        fault "shellcheck"
    # Read by others, or by a shell that says who it is elsewhere.
    (cd "$top" && shellcheck --shell=bash --severity=warning --exclude=SC2115,SC2154 disk/inside.sh test/deb-inside.sh \
        "$overlay"/etc/initramfs-tools/scripts/{init-bottom/appliance,medium}) || fault "shellcheck"
    local file
    for file in "$overlay"/usr/lib/appliance/*.py "$overlay/usr/bin/appliance" "$overlay/usr/local/bin/grub-editenv" "$top"/{test,pack,disk}/*.py; do
        python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$file" || fault "$file"
    done
    for file in "$overlay"/usr/lib/appliance/{boot,console,control,installer,rescue,reset,settle,upgrades,versions}.py "$overlay"/usr/lib/appliance/{health,repart,write-disk} \
        "$overlay/usr/bin/appliance" "$overlay/usr/local/bin/grub-editenv" "$top"/ha/{announce,bgp,second-chance.sh,vrrp,watch} "$top/bin/penstock" \
        "$top"/pack/{oci,sbom,slim}.py; do
        [[ -x $file ]] || fault "$file cannot be executed"
    done
}

# Everything that units name is there: programs, and units that are enabled.
check_units() {
    local file program unit
    for file in "$overlay"/usr/lib/systemd/system/*.{service,socket,path,timer,target}; do
        while read -r program; do
            case $program in
                /usr/lib/appliance/ha/*) [[ -x $top/ha/${program##*/} ]] || fault "$file names $program" ;;
                /usr/lib/appliance/*) [[ -x $overlay$program ]] || fault "$file names $program" ;;
            esac
        done < <(sed -n 's/^Exec[A-Za-z]*=[-+!@:]*\([^ ]*\).*/\1/p' "$file")
    done
    for unit in $(sed -n '/^for unit in/,/; do$/p' "$top/disk/inside.sh" | grep -o 'appliance-[a-z-]*\(\.[a-z]*\)\?'); do
        [[ $unit == *.* ]] || unit=$unit.service
        [[ -e $overlay/usr/lib/systemd/system/$unit ]] || fault "inside.sh enables $unit"
    done
}

# What the settings and a pair become, read by the programs that they are for.
check_rendered() {
    PYTHONDONTWRITEBYTECODE=1 python3 - "$overlay/usr/lib/appliance" "$top/ha" "$work" <<'PYTHON'
import pathlib
import sys

sys.path.insert(0, sys.argv[1])
import files, pair, settings

work = pathlib.Path(sys.argv[3])
seeds = {
    "plain": ({}, None),
    "narrow": (
        {"ssh_authorized_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMtvVmBYgcMsWVgZ0uMJR8EgUXaF2fIUlLJYyMR4eF0k t"], "appliance": {"admin": {"sources": ["10.0.0.0/8", "fd00::/8"]}}},
        {"version": 2, "ethernets": {"eth0": {"addresses": ["192.0.2.7/24"], "gateway4": "192.0.2.1"}}},
    ),
}
for name, (user, network) in seeds.items():
    wanted, _ = settings.from_seed({}, user, network)
    text = files.firewall(wanted)
    (work / f"{name}.nft").write_text(text.replace("/etc/appliance", str(work)))
    (work / f"{name}-input.nft").write_text(text.replace("/etc/appliance", str(work)) + files.firewall_input(wanted).replace("/etc/appliance", str(work)))
both = {"interface": "eth0", "own": "10.77.0.11", "service": "10.77.0.10", "egress": "10.77.0.20"}
for each in ({"by": "vrrp", "peer": "10.77.0.12", "priority": 150}, {"by": "bgp", "as": 65001, "router": "10.77.0.1", "routerAs": 65000, "secondChoice": True}):
    for name, text in pair.files(pair.check({**both, **each}), pathlib.Path(sys.argv[2]), str(work / "ready")).items():
        if text is not None:
            (work / name.replace("appliance/", "")).parent.mkdir(parents=True, exist_ok=True)
            (work / name.replace("appliance/", "")).write_text(text)
    (work / "input.d" / f"{each['by']}.nft").write_text((work / "input.d/pair.nft").read_text())
PYTHON
    local rules
    if ((EUID == 0)); then
        for rules in "$work"/*.nft "$overlay/usr/lib/appliance/closed.nft"; do
            unshare --net nft --check --file "$rules" || fault "nft: ${rules##*/}"
        done
        # shellcheck disable=SC2016  # expanded inside
        unshare --net sh -ec 'ip link add eth0 type veth peer name eth1; ip link set eth0 up; ip link set eth1 up; ip address add 10.77.0.11/24 dev eth0
            exec keepalived --config-test --use-file="$0"' "$work/keepalived.conf" || fault "keepalived.conf"
    else
        say "SKIPPED, for it is not run by root: the firewall's rules and keepalived.conf, which want a network of their own"
    fi
    bird -p -c "$work/bird.conf" || fault "bird.conf"
}

# Nothing that opens anything, and nobody's address, is in what is shipped.
check_secrets() {
    local found
    found=$(grep -rlE -e '-----BEGIN ([A-Z]+ )?PRIVATE KEY' "$top"/{bin,deb,disk,ha,pack} || true)
    [[ -z $found ]] || fault "private keys: $found"
}

# All of the lists is to be had: resolved against the archive, nothing is fetched but its index.
check_packages() {
    local packages
    packages=$(sed '/^#/d' "$top/disk/packages.list" | tr -s ' \n' ',,')
    mmdebstrap --quiet --simulate --variant=minbase --include="${packages%,}" --aptopt='APT::Install-Recommends "0"' trixie /dev/null \
        ${mirror:+"deb $mirror trixie main"} >"$work/packages.log" 2>&1 || fault "packages.list: $(tail -n 5 "$work/packages.log")"
}

check_disk() {
    local raw=$work/disk.raw parts
    # Without what lies behind the slots; sfdisk takes the backup of the table for missing.
    qemu-img convert -f qcow2 -O raw "$image" "$raw"
    parts=$(sfdisk --json "$raw" 2>/dev/null | jq -r '.partitiontable.partitions[] | "\(.name) \(.start) \(.size)"')
    [[ $parts == "penstock-bios 2048 2048
penstock-esp 4096 131072
penstock-root-a 135168 1048576
penstock-root-b 1183744 1048576" ]] || fault "partitions: $parts"
    [[ $(dd if="$raw" bs=1 skip=510 count=2 status=none | od -An -tx1) == " 55 aa" ]] || fault "the first sector boots nothing"
    local file
    for file in EFI/BOOT/BOOTX64.EFI EFI/BOOT/grubx64.efi EFI/BOOT/mmx64.efi EFI/debian/grub.cfg grub/grub.cfg grub/grubenv; do
        mdir -b -i "$raw@@2M" "::/$file" >/dev/null 2>&1 || fault "the ESP has no $file"
    done
    mcopy -i "$raw@@2M" ::/grub/grubenv - >"$work/grubenv"
    grep -qx 'A_OK=1' "$work/grubenv" || fault "the loader does not take slot A as good"
    grep -q '^machine_id=.' "$work/grubenv" && fault "the loader has a machine id"
    mcopy -i "$raw@@2M" ::/grub/grub.cfg - | cmp - "$top/disk/grub.cfg" || fault "grub.cfg is another one"
    dd if="$raw" of="$work/slot" bs=1M skip=66 count=512 status=none
    [[ -z $(dd if="$raw" bs=1M skip=578 count=1 status=none | tr -d '\0' | head -c 1) ]] || fault "slot B is not empty"
    unsquashfs -s "$work/slot" | grep -q 'Compression gzip' || fault "the slot is not packed by gzip, which is all that GRUB reads"
    unsquashfs -quiet -no-progress -dest "$work/root" "$work/slot" >/dev/null
    rm -f "$raw" "$work/slot"
}

check_root() {
    local root=$work/root found package module file unit
    for file in boot/vmlinuz boot/initrd.img usr/lib/penstock/VERSION usr/lib/appliance/boot.py etc/rauc/system.conf etc/rauc/keyring.pem; do
        [[ -s $root/$file ]] || fault "there is no $file"
    done
    [[ ! -s $root/etc/machine-id ]] || fault "the image has a machine id"
    found=$(cd "$root" && ls -d etc/ssh/ssh_host_* etc/ssh/authorized_keys root/.ssh etc/apt/sources.list* var/lib/systemd/random-seed 2>/dev/null || true)
    [[ -z $found ]] || fault "left over: $found"
    found=$(grep -rlE --binary-files=without-match -e '-----BEGIN ([A-Z]+ )?PRIVATE KEY' "$root"/{etc,root,usr/lib/appliance,usr/lib/penstock,var} || true)
    [[ -z $found ]] || fault "private keys: $found"
    found=$(grep -v '^[^:]*:[!*]' "$root/etc/shadow" || true)
    [[ -z $found ]] || fault "passwords: $found"
    found=$(cd "$root" && find . -xdev -type f -perm /6000 | LC_ALL=C sort | tr '\n' ' ')
    [[ -z $found ]] || fault "programs that run as another: $found"
    found=$(find "$root" -xdev ! -type l -perm /002 ! -perm -1000 ! -path '*/dev/*')
    [[ -z $found ]] || fault "everybody may write: $found"
    found=$(find "$root/usr/lib/appliance" "$root/usr/lib/penstock" "$root/usr/bin/appliance" "$root/usr/local/bin" \( ! -uid 0 -o -perm /022 \) ! -type l)
    [[ -z $found ]] || fault "others may write: $found"
    for package in $(sed '/^#/d' "$top/disk/packages.list"); do
        grep -qx "Package: $package" "$root/var/lib/dpkg/status" || fault "$package is not installed"
    done
    for package in $OFF; do
        [[ $(readlink "$root/etc/systemd/system/$package") == /dev/null ]] || fault "$package is not off"
    done
    for module in virtio_net vmxnet3 hv_netvsc e1000e igb ixgbe nf_tables usb-storage vfat; do
        find "$root/usr/lib/modules" -name "$module.ko*" | grep -q . || grep -q "/$module.ko" "$root"/usr/lib/modules/*/modules.builtin ||
            fault "the kernel has no $module"
    done
    # The image's own systemd reads the units: what they name, and what it does not know; and, alone, what a boot wants: its order.
    local units
    units=$(cd "$overlay/usr/lib/systemd/system" && ls -- *.service *.socket *.path *.timer | sed 's/@\.service/@tty1.service/')
    for unit in "$units penstock.service nftables.service ssh.service rsyslog.service rauc.service" multi-user.target; do
        # As process 1 it would tell the kernel's log. What is expanded here is so inside.
        # shellcheck disable=SC2016
        found=$(unshare --mount --pid --fork --kill-child --net -- sh -c 'mount -t proc proc "$0/proc"; mount -t tmpfs tmp "$0/run"
            mount --rbind /dev "$0/dev"; chroot "$0" systemd-analyze verify --man=no $1; true' "$root" "$unit" 2>&1) || true
        [[ -z $found ]] || fault "systemd-analyze verify: $found"
    done
    # shellcheck disable=SC2016  # expanded inside
    unshare --mount --pid --fork --kill-child --net -- sh -ec 'mount -t proc proc "$0/proc"; exec chroot "$0" /usr/bin/penstock --version' "$root" >/dev/null ||
        fault "the program does not start"
}

OFF="keepalived.service bird.service rauc-mark-good.service getty@tty1.service apt-daily.timer"
begun=$SECONDS
if [[ -n $image ]]; then
    need_root
    need_commands qemu-img:qemu-utils sfdisk:fdisk mdir:mtools unsquashfs:squashfs-tools jq:jq unshare:util-linux
    make_work
    check_disk
    check_root
    ended "${image##*/} in $((SECONDS - begun)) s"
else
    need_commands shellcheck:shellcheck python3:python3 nft:nftables bird:bird2 keepalived:keepalived mmdebstrap:mmdebstrap
    make_work
    check_scripts
    check_units
    check_rendered
    check_secrets
    check_packages
    ended "the sources in $((SECONDS - begun)) s"
fi
