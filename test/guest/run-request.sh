#!/bin/sh
# Runs in the guest as root, once per boot, in the directory that holds the request:
#   command.sh   execs the command, with its arguments quoted
#   as           "user" or "root"
# Output leaves by its own two lines, so that stdout and stderr stay apart and the kernel's messages stay out of both.
# The third line carries "ready" and "exit CODE" out and "signal NAME" in.
set -u

# A power cut, not a shutdown: nothing is synced, so a test that boots this disk again sees what was durable.
trap 'echo 1 > /proc/sys/kernel/sysrq; echo b > /proc/sysrq-trigger' EXIT

if [ -b /dev/ubdb ]; then
  out=/dev/tty1 err=/dev/tty2 control=/dev/tty3
  raw() { for line in $out $err $control; do stty -F "$line" raw -echo; done; } # also waits until all is sent
  mount -t hostfs none /tree
else
  port=$(echo /dev/vport*p1) port=${port%1}
  out=${port}1 err=${port}2 control=${port}3
  raw() { :; }
  insmod ./virtio_blk.ko* && until [ -b /dev/vda ]; do sleep 0.05; done
  mount -t ext4 -o noatime /dev/vda /tree
fi
raw
exec 3<> "$control"
cd /tree || exit

common="PATH=/tree/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb SHELL=/bin/sh BLUT_IN_GUEST=1"
case $(cat /run/request/as) in
  root) identity= ; common="$common HOME=/root USER=root LOGNAME=root" ;;
  *)
    identity="setpriv --reuid blut --regid blut --init-groups"
    common="$common HOME=/home/blut USER=blut LOGNAME=blut XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus"
    ;;
esac
chmod 755 /run/request

# Pipes, as in any other place where output is collected: a program must not think it talks to a person.
mkfifo /run/request/out /run/request/err
cat /run/request/out > "$out" & pumps=$!
cat /run/request/err > "$err" & pumps="$pumps $!"

echo "ready $(cut -d' ' -f1 /proc/uptime)" >&3

# Its own session, so that a signal reaches all of it. Services ignore SIGPIPE and background commands SIGINT:
# the command shall find every signal as a shell would leave it.
# shellcheck disable=SC2086
setsid $identity env -i --default-signal $common sh /run/request/command.sh < /dev/null > /run/request/out 2> /run/request/err 3>&- & command=$!
while read -r word name <&3; do [ "$word" = signal ] && kill -s "$name" -- "-$command"; done 2> /dev/null & listener=$!
wait "$command"
code=$?
kill "$listener"

# A child that the command left behind may hold its output open: what is there is passed on, then the lights go out.
# shellcheck disable=SC2086
{ sleep 5; kill $pumps; } 2> /dev/null & patience=$!
# shellcheck disable=SC2086
wait $pumps
kill "$patience"
raw
echo "exit $code" >&3
raw
