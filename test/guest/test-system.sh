#!/bin/sh
# test-system.sh [--host] [--suite NAME] [--qemu] [VITEST-ARG...] : the system tests, in the guest or, with --host, on
# this machine's own user manager. They never skip: a place where they cannot run fails with the remedy.
set -eu
cd "$(dirname "$0")/../.."

refuse() { echo "test:system --host: $*" >&2; exit 1; }

# blut needs a user manager that may set memory limits: on cgroup v2, with the memory controller handed to it.
require_user_manager() {
  [ "$(id -u)" != 0 ] || refuse "run it as an ordinary user, or without --host in the guest"
  [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] ||
    refuse "this machine has no cgroup v2 alone on /sys/fs/cgroup; boot it with systemd.unified_cgroup_hierarchy=1, or leave out --host"
  group=$(systemctl --user show --property=ControlGroup --value 2> /dev/null) ||
    refuse "no user manager answers; log in by ssh or run 'sudo loginctl enable-linger $(id -un)' and set XDG_RUNTIME_DIR=/run/user/$(id -u), or leave out --host"
  grep -qw memory "/sys/fs/cgroup$group/cgroup.controllers" ||
    refuse "the user manager has no memory controller; put 'Delegate=memory pids cpu' under [Service] in /etc/systemd/system/user@.service.d/delegate.conf and log in again, or leave out --host"
}

place=guest
machine=
while [ $# -gt 0 ]; do
  case $1 in
    --host) place=host ;;
    --qemu) machine="$machine --qemu" ;;
    --suite) machine="$machine --suite ${2:?--suite needs a name}"; shift ;;
    --suite=*) machine="$machine $1" ;;
    *) break ;;
  esac
  shift
done

# The native loader: the other ones write beside the configuration, which the guest's user may not.
vitest='vitest run --configLoader native --project'

# shellcheck disable=SC2086
if [ "$place" = host ]; then
  require_user_manager
  exec $vitest system "$@"
fi

# shellcheck disable=SC2086
in_user() { node test/guest/guest.ts --timeout 1800 $machine $vitest system "$@"; }
# Accounts, units and rules of the whole box, against its own systemd.
# shellcheck disable=SC2086
in_box() { node test/guest/guest.ts --root --timeout 900 $machine $vitest box "$@"; }

case $* in
'') ;;
*system-box*) in_box "$@"; exit ;;
*) in_user "$@"; exit ;;
esac

failed=0
in_user || failed=1
in_box || failed=1
# What no test can do to the machine it runs on.
# shellcheck disable=SC2086
node test/guest/test-reboot.ts $machine || failed=1
# shellcheck disable=SC2086
node test/guest/test-package.ts $machine || failed=1
exit $failed
