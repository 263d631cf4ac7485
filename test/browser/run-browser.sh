#!/bin/sh
# Becomes the browser in BLUT_BROWSER, with the pages in BLUT_PAGES at /mnt: in namespaces of its own, so that it sees
# no network at all and leaves nothing behind. Descriptors 3 and 4, its DevTools pipe, go through.
set -eu
[ "$(id -u)" = 0 ] && user= || user=--map-root-user
exec unshare $user --mount --net --pid --ipc --fork --kill-child sh -euc '
  root=$BLUT_BROWSER
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/tmp"
  mount --rbind "$BLUT_PAGES" "$root/mnt"
  exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/tmp TZ=UTC LANG=C.UTF-8 chromium-headless-shell "$@"
' sh --no-sandbox --disable-gpu --disable-dev-shm-usage "$@"
