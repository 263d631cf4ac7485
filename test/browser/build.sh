#!/bin/sh
# build.sh browser OUT : makes a directory with Debian's headless Chromium and all that it wants. It needs no root.
set -eu
out=$2 name=browser
. "$(dirname "$0")/../guest/part.sh"
install_missing

say "building it, once (a minute or two)"
small_debian --format=tar --include=chromium-headless-shell,fonts-dejavu-core trixie "$work"
mkdir "$part"
tar -C "$part" -xf "$work" --no-same-owner --exclude='./dev/*'
mv "$part" "$out"
say "built $(basename "$out"), $(du -sh "$out" | cut -f1)"
