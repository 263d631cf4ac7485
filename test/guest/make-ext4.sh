#!/bin/sh
# make-ext4.sh ROOTFS WORK : writes ROOTFS into WORK/image. Runs inside mmdebstrap, where the files have their true
# owners even when the build has no root, and where /proc and its like are mounted: a bind mount leaves those out.
set -eu
mkdir "$2/plain"
mount --bind "$1" "$2/plain"
truncate -s 4G "$2/image" # sparse; room for tests that write
# A journal, small: a second boot from the same disk comes after a power cut.
mkfs.ext4 -q -J size=8 -E lazy_itable_init=1,lazy_journal_init=1 -d "$2/plain" "$2/image"
umount "$2/plain"
