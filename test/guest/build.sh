#!/bin/sh
# build.sh WHAT OUT : makes one part of the guest, at most once, whoever asks for it and however many ask together.
#   uml            a directory with the user-mode Linux kernel and the C library it wants
#   stock          a directory with Debian's cloud kernel and the one module the guest loads
#   bookworm|...   the root filesystem of that Debian suite as an ext4 image
# OUT appears complete or not at all. No part of this needs root: mmdebstrap makes a user namespace where it can.
set -eu
what=$1 out=$2 name=guest here=$(cd "$(dirname "$0")" && pwd)
. "$here/part.sh"

need mkfs.ext4 e2fsprogs
[ "$what" != uml ] || need patchelf patchelf
install_missing

# Hooks run as another user when there is no root, so the place they write to must be open to it: a private
# directory cannot be. It is ours, short-lived, and what comes out of it is copied.
work=$(mktemp -d "${TMPDIR:-/tmp}/blut-guest-build.XXXXXX")
[ "$(id -u)" = 0 ] || chmod 777 "$work"

build_uml() {
  # Kernels of bookworm and trixie panic on CPUs with large FP state, so the kernel is the newest there is.
  # It wants a newer C library than the host's: ship that beside it and point the program there.
  lib=usr/lib/x86_64-linux-gnu
  for suite in forky sid; do
    debian --format=null --variant=extract --include=user-mode-linux \
      --extract-hook="cd \"\$1\" && cp -L usr/bin/linux.uml $lib/libc.so.6 $lib/ld-linux-x86-64.so.2 '$work'" "$suite" /dev/null && break
  done
  [ -e "$work/linux.uml" ] || { say "found no kernel: the reason stands above"; exit 1; }
  mkdir "$part"
  cp "$work/linux.uml" "$work/libc.so.6" "$work/ld-linux-x86-64.so.2" "$part"
  patchelf --set-interpreter "$out/ld-linux-x86-64.so.2" --set-rpath "$out" "$part/linux.uml"
}

build_stock() {
  # All the guest's drivers are built in but that of the disk which carries the tree.
  debian --format=null --variant=extract --include=linux-image-cloud-amd64 \
    --extract-hook="cd \"\$1\" && cp boot/vmlinuz-* '$work/vmlinuz' && cp usr/lib/modules/*/kernel/drivers/block/virtio_blk.ko* '$work'" trixie /dev/null
  mkdir "$part"
  cp "$work"/vmlinuz "$work"/virtio_blk.ko* "$part"
}

build_image() {
  cp "$here/configure-rootfs.sh" "$here/make-ext4.sh" "$work"
  small_debian --format=null \
    --include=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,procps,util-linux,libstdc++6,kmod,sudo,polkitd,python3,strace,libfaketime,ca-certificates,python3-sklearn,python3-matplotlib \
    --customize-hook="sh '$work/configure-rootfs.sh' \"\$1\"" \
    --customize-hook="sh '$work/make-ext4.sh' \"\$1\" '$work'" "$what" /dev/null
  cp --sparse=always "$work/image" "$part"
}

say "building $what, once (a minute or two)"
case $what in
  uml) build_uml ;;
  stock) build_stock ;;
  *) build_image ;;
esac
mv "$part" "$out"
say "built $(basename "$out"), $(du -sh "$out" | cut -f1)"
