#!/bin/sh
# Everything a change must pass. Each part runs even when one before it failed, and any failure fails
# the whole; the last lines say which parts failed.
set -u
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
# Whoever reads our output from a pipe wants the words alone.
[ -t 1 ] || export NO_COLOR=1
trap 'exit 130' INT
trap 'exit 143' TERM

failed=''
part() {
  name=$1
  shift
  printf '\n== %s\n' "$name"
  "$@" || failed="$failed\n  $name: $*"
}

part types tsc
part types tsc -p test/browser
part types pyright --project python
part lint eslint .
part format prettier --check --log-level warn .
part host vitest run --project host
part browser vitest run --project browser
part system npm run --silent test:system

if [ -n "$failed" ]; then
  printf '\nFAILED:'"$failed"'\n'
  exit 1
fi
printf '\nAll parts passed.\n'
