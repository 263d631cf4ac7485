#!/bin/sh
# configure-rootfs.sh ROOTFS : a plain Debian with systemd becomes the test guest: a lingering user, few units, and
# one service that fetches the request and runs it. What may change from run to run comes with the request
# (run-request.sh), so that the image stays cached.
set -eu
root=$1
units=$root/etc/systemd/system

chroot "$root" useradd --create-home --uid 1000 --shell /bin/sh blut
mkdir -p "$root/var/lib/systemd/linger" "$root/tree"
: > "$root/var/lib/systemd/linger/blut"
echo 'blut ALL=(ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/blut" # tests break things only root can break
chmod 440 "$root/etc/sudoers.d/blut"

echo blut-guest > "$root/etc/hostname"
echo '127.0.0.1 localhost blut-guest' > "$root/etc/hosts"
: > "$root/etc/fstab"
echo 0123456789abcdef0123456789abcdef > "$root/etc/machine-id" # a fixed one: no first-boot work

# Nothing that a test needs, and most of a boot's time. tmp.mount: /tmp shall be disk, since memory is what is tested.
for unit in \
  tmp.mount systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udevd-varlink.socket \
  systemd-udev-trigger.service systemd-udev-settle.service systemd-hwdb-update.service getty.target getty@.service \
  serial-getty@.service systemd-journal-flush.service systemd-journal-catalog-update.service systemd-update-done.service \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-random-seed.service \
  systemd-machine-id-commit.service systemd-pstore.service systemd-binfmt.service systemd-firstboot.service \
  systemd-sysusers.service systemd-modules-load.service systemd-ask-password-wall.path systemd-ask-password-console.path \
  modprobe@.service systemd-remount-fs.service ldconfig.service systemd-boot-update.service systemd-pcrextend.socket \
  systemd-pcrlock.socket systemd-creds.socket systemd-tpm2-setup-early.service systemd-tpm2-setup.service \
  systemd-hibernate-clear.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
  e2scrub_reap.service fstrim.timer systemd-tmpfiles-clean.timer remote-fs.target dev-hugepages.mount dev-mqueue.mount \
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
  proc-sys-fs-binfmt_misc.automount; do
  ln -sf /dev/null "$units/$unit"
done

mkdir -p "$root/etc/systemd/journald.conf.d" "$root/etc/systemd/system.conf.d" "$units/multi-user.target.wants"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' > "$root/etc/systemd/journald.conf.d/guest.conf"
printf '[Manager]\nDefaultTimeoutStopSec=10s\nShowStatus=no\n' > "$root/etc/systemd/system.conf.d/guest.conf"

cat > "$units/guest-request.service" << 'UNIT'
[Unit]
Description=The command this guest was booted for
Wants=dbus.socket systemd-logind.service
After=basic.target dbus.socket systemd-user-sessions.service systemd-logind.service user@1000.service
[Service]
Type=oneshot
ExecStart=/bin/sh /usr/local/lib/fetch-request.sh
StandardInput=null
StandardOutput=file:/dev/console
StandardError=inherit
TimeoutStartSec=infinity
UNIT
ln -sf ../guest-request.service "$units/multi-user.target.wants/guest-request.service"
ln -sf /lib/systemd/system/multi-user.target "$units/default.target"

mkdir -p "$root/usr/local/lib"
cat > "$root/usr/local/lib/fetch-request.sh" << 'FETCH'
#!/bin/sh
# The request is a tar archive: on the second disk under user-mode Linux, on the fourth port under QEMU.
set -eu
trap 'echo 1 > /proc/sys/kernel/sysrq; echo b > /proc/sysrq-trigger' EXIT # without a request there is nothing to do
source=/dev/ubdb
[ -b "$source" ] || source=$(echo /dev/vport*p4)
mkdir /run/request
cd /run/request
tar -xf - --no-same-owner < "$source"
exec sh ./run-request.sh
FETCH
