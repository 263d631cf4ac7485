# Sourced by what makes a part (build.sh here and in test/browser/), with $name for people and $out, the part. It is made
# at most once, whoever asks for it and however many ask together, and appears complete or not at all.

say() { echo "$name: $*" >&2; }

mkdir -p "$(dirname "$out")"
exec 9> "$(dirname "$out")/lock"
flock -n 9 || { say "another build is under way, waiting for it"; flock 9; }
[ ! -e "$out" ] || exit 0

# need FILE-OR-PROGRAM PACKAGE ... : collects what is missing; install_missing installs it where we may, else says how
missing=
need() { [ -e "$1" ] || command -v "$1" > /dev/null || missing="$missing $2"; }
need mmdebstrap mmdebstrap
need /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
[ "$(id -u)" = 0 ] || need newuidmap uidmap
install_missing() {
  [ -n "$missing" ] || return 0
  install="apt-get install -y --no-install-recommends$missing"
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    say "to be built it needs on this machine:$missing"
    say "on Debian or Ubuntu: sudo $install"
    exit 1
  fi
  say "installing$missing"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install -qq; } < /dev/null >&2
}

# Neither is left over, whatever came of it.
part=$out.part.$$
work=$part.work
trap 'rm -rf "$part" "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Mirrors may lag behind the validity of their index; the signature is still checked.
debian() { TMPDIR=/tmp mmdebstrap --quiet --aptopt='Acquire::Check-Valid-Until "false"' "$@" < /dev/null >&2; }
# A small system: nobody reads its documents.
small_debian() {
  debian --variant=minbase \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*' "$@"
}
