# Runs in the root that becomes a slot: installs the gateway, makes kernel and initial file system, takes away what has no use.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

dpkg -i /penstock.deb

# Units. "enable" of several enables nothing if one is missing, so one by one.
for unit in penstock appliance-firewall appliance-reset appliance-settings appliance-versions appliance-health nftables systemd-networkd systemd-resolved systemd-timesyncd; do
    systemctl enable "$unit.service"
done
systemctl enable ssh.service
for unit in appliance-deadline.timer appliance-control.socket appliance-settle.path appliance-upgrade.path rsyslog.service appliance-second-chance.service \
    appliance-vrrp.service appliance-bgp.service; do
    systemctl enable "$unit"
done
for unit in getty@tty1.service serial-getty@ttyS0.service sshd-keygen.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service keepalived.service bird.service fstrim.timer systemd-firstboot.service console-getty.service \
    rauc-mark-good.service ldconfig.service systemd-update-done.service systemd-boot-random-seed.service; do
    systemctl mask "$unit"
done
mkdir -p /etc/systemd/system/{dev-ttyS0.device.wants,multi-user.target.wants}
ln -s /usr/lib/systemd/system/appliance-console@.service /etc/systemd/system/multi-user.target.wants/appliance-console@tty1.service
ln -s /usr/lib/systemd/system/appliance-console@.service /etc/systemd/system/dev-ttyS0.device.wants/appliance-console@ttyS0.service
systemctl set-default multi-user.target

# No password opens anything.
passwd -l root
! grep -v '^[^:]*:[!*]' /etc/shadow || exit 1

mkdir -p /efi /usr/lib/appliance
kernel=$(basename /usr/lib/modules/*)
while read -r folder; do
    rm -rf "/usr/lib/modules/$kernel/kernel/${folder:?}"
done </modules.drop
depmod "$kernel"
update-initramfs -c -k "$kernel"
mv "/boot/vmlinuz-$kernel" /boot/vmlinuz
mv "/boot/initrd.img-$kernel" /boot/initrd.img
rm -f /boot/System.map-* /boot/config-*

# The loaders.
mkdir /loaders
cp /usr/lib/shim/shimx64.efi.signed /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed /usr/lib/shim/mmx64.efi.signed /loaders/
cp /usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed /loaders/ 2>/dev/null || true
cp /usr/lib/grub/i386-pc/boot.img /usr/lib/grub/i386-pc/boot_hybrid.img /loaders/
cp /usr/lib/grub/i386-pc/cdboot.img /loaders/cdboot.img
grub-mkimage -O i386-pc -p '(,gpt2)/grub' -o /loaders/core.img biosdisk part_gpt fat squash4 gzio normal linux loadenv configfile regexp \
    test serial terminal echo reboot sleep minicmd search
# The medium may be a CD or a stick: it is found by its label.
printf 'search.fs_label PENSTOCK_SETUP root\nset prefix=($root)/boot/grub\n' >/loaders/early.cfg
grub-mkimage -O i386-pc -p /boot/grub -c /loaders/early.cfg -o /loaders/cd-core.img biosdisk iso9660 part_msdos part_gpt normal linux configfile \
    test serial terminal echo reboot sleep minicmd search search_label
rm /loaders/early.cfg
cat /loaders/cdboot.img /loaders/cd-core.img >/loaders/eltorito.img
rm /loaders/cdboot.img /loaders/cd-core.img
/usr/bin/grub-editenv /loaders/grubenv create
/usr/bin/grub-editenv /loaders/grubenv set ORDER="A B" A_OK=1 A_TRY=0 B_OK=0 B_TRY=0 machine_id= factory_reset=
rm -rf /usr/lib/grub /usr/lib/shim /usr/share/grub

# Nobody logs in who is not root: no program has to give its user more rights.
find / -xdev -type f -perm /6000 -exec chmod ug-s {} +

# Every machine makes its own.
rm -f /etc/ssh/ssh_host_* /etc/machine-id /var/lib/dbus/machine-id /var/lib/systemd/random-seed
: >/etc/machine-id
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
rm -f /etc/hostname /etc/hosts
: >/etc/hostname

# Nothing is installed by packages in a running appliance. dpkg's status stays for scanners.
mv /usr/share/doc/penstock /penstock-doc
rm -rf /usr/share/{doc,man,info,locale,lintian,bug} /var/cache/* /var/lib/apt/* /var/log/* /var/tmp/* /usr/share/doc-base /etc/apt/sources.list*
rm -rf /var/lib/dpkg/info/*.{postinst,prerm,postrm,preinst,triggers,shlibs,symbols} /usr/lib/python3/dist-packages/*/__pycache__ /etc/kernel/postinst.d /boot/grub
mkdir /usr/share/doc && mv /penstock-doc /usr/share/doc/penstock
# By content: all times in a slot are the same one.
find / -xdev -name '*.pyc' -delete
python3 -m compileall -q --invalidation-mode unchecked-hash /usr/lib/python3* /usr/lib/appliance
find / -xdev -name '*~' -path '/etc/*' -delete
rm -rf /root/.??* /home/*
