#!/bin/sh
# Brings a fresh clone, or one whose lock file has changed, to where every package script runs.
# Quiet when there is nothing to do. Every script that a stranger may call first calls this.
set -eu
cd "$(dirname "$0")/.."

stamp=node_modules/.blut-setup
wanted=$(sha256sum <package-lock.json)
is_done() { [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; }
give_up() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

is_done && exit 0

# Two commands started at once on a fresh clone: the second waits here, then finds it done.
exec 9<package-lock.json
flock 9
is_done && exit 0

command -v npm >/dev/null ||
  give_up 'npm is missing.' 'Install Node.js with npm (Debian: apt install npm), then try again.'

echo 'setup: installing the packages of package-lock.json, once' >&2
rm -f "$stamp"
npm ci --no-progress --loglevel=error --fetch-retries=2 --fetch-retry-maxtimeout=10000 >&2 ||
  give_up 'npm ci did not work; npm says above why.' \
    'If it could not reach the registry: check the network, `npm config get registry` and the proxy.' \
    'Then try again; nothing is left half done.'

PATH="$PWD/node_modules/.bin:$PATH"
found=$(node --version 2>/dev/null || echo none)
case $found in
v2[4-9].* | v[3-9][0-9].*) ;;
*)
  give_up "Node 24 or newer is needed, found $found." \
    'On x86-64 Linux with glibc the packages bring it; elsewhere install it and try again.'
  ;;
esac
node -e 'new (require("better-sqlite3"))(":memory:")' ||
  give_up 'the SQLite library does not load; the lines above say why.'

echo "$wanted" >"$stamp"
