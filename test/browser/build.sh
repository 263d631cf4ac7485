#!/bin/sh
# build.sh browser OUT : makes a directory with Debian's headless Chromium and all that it wants, at most once, whoever
# asks for it and however many ask together. OUT appears complete or not at all. It needs no root.
set -eu
out=$2

say() { echo "browser: $*" >&2; }

mkdir -p "$(dirname "$out")"
exec 9> "$(dirname "$out")/lock"
flock -n 9 || { say "another build is under way, waiting for it"; flock 9; }
[ ! -e "$out" ] || exit 0

missing=
need() { [ -e "$1" ] || command -v "$1" > /dev/null || missing="$missing $2"; }
need mmdebstrap mmdebstrap
need /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
[ "$(id -u)" = 0 ] || need newuidmap uidmap
if [ -n "$missing" ]; then
  install="apt-get install -y --no-install-recommends$missing"
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    say "to build the browser this machine needs:$missing"
    say "on Debian or Ubuntu: sudo $install"
    exit 1
  fi
  say "installing$missing"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install -qq; } < /dev/null >&2
fi

part=$out.part.$$
trap 'rm -rf "$part" "$part.tar"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "building it, once (a minute or two)"
# Mirrors may lag behind the validity of their index; the signature is still checked.
TMPDIR=/tmp mmdebstrap --quiet --variant=minbase --format=tar --aptopt='Acquire::Check-Valid-Until "false"' \
  --include=chromium-headless-shell,fonts-dejavu-core \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*' trixie "$part.tar" < /dev/null >&2
mkdir "$part"
tar -C "$part" -xf "$part.tar" --no-same-owner --exclude='./dev/*'
mv "$part" "$out"
say "built $(basename "$out"), $(du -sh "$out" | cut -f1)"
