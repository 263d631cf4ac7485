#!/bin/sh
# shim.sh ATTEMPT DIRECTORY CWD COMMAND [ARGUMENT...]
#
# First process of an attempt: waits at its gate, runs the command, records how it ended. It runs with
# an empty environment and uses builtins, /bin/cat and /bin/mv only, in dash and in bash as sh.
#
# fd 3 is the gate and the command's environment in one: a text that the daemon writes when the limit
# is in force, then closes. It is ONE compound command in braces, which a shell parses whole before it
# does any of it: a text cut short by the daemon's death is a syntax error, and nothing runs.
#
# Leaves in DIRECTORY: `started` (made just before the command; its mtime is the first instruction) and
# `result.json` (by rename). Neither: the command was never run, or all was killed.

blut__attempt=$1 blut__directory=$2 blut__cwd=$3
shift 3
# fd 2 becomes /dev/null for the shell's own chatter ("Killed"); 5 keeps the command's.
exec 4>&- 5>&2 6>&- 7>&- 8>&- 9>&- 2>/dev/null

# Refuses before the first instruction: a fixed sentence for the record, with the name for the log.
blut__refuse() {
  umask 077
  printf '{"kind":"could-not-start","why":"%s","attempt":"%s"}\n' "$1" "$blut__attempt" \
    >"$blut__directory/result.json.tmp"
  [ -z "$2" ] || printf 'blut: %s: %s\n' "$1" "$2" >&5
  exit 127
}

# The shell has said on the command's own stderr why it could not execute it.
blut__not_executed() {
  case $? in
  127) blut__refuse 'there is no such program' '' ;;
  *) blut__refuse 'the program cannot be executed' '' ;;
  esac
}

# The last line of the gate's text.
blut__run() {
  : >"$blut__directory/started" || exit
  exec 2>&5 5>&-
  trap blut__not_executed EXIT
  exec "$@"
}

# The shell itself waits, before it forks: a scope is made around this one process, and what was
# forked earlier would stay outside of it and of every limit.
blut__gate=$(/bin/cat <&3)
exec 3<&-

# A trapped signal, unlike an ignored one, has its default action again in the subshell.
trap : TERM INT HUP QUIT
(
  # The daemon's own score protects it; work must be killed before anything else is.
  echo 500 >/proc/self/oom_score_adj
  read -r blut__score </proc/self/oom_score_adj
  [ "${blut__score:-0}" -gt 0 ] ||
    blut__refuse 'its out-of-memory score cannot be raised' /proc/self/oom_score_adj
  # Node raised this for itself; select() breaks above 1024. The hard limit is left as it is.
  ulimit -S -n 1024
  cd "$blut__cwd" || blut__refuse 'the working directory cannot be entered' "$blut__cwd"
  eval "$blut__gate"
)
blut__status=$?
umask 077
# An ignored signal is ignored by mv too: a stop of everything does not lose the record.
trap '' TERM INT HUP QUIT
if [ -e "$blut__directory/started" ] && ! [ -e "$blut__directory/result.json.tmp" ]; then
  printf '{"kind":"exited","status":%d,"attempt":"%s"}\n' "$blut__status" "$blut__attempt" \
    >"$blut__directory/result.json.tmp"
fi
[ -e "$blut__directory/result.json.tmp" ] &&
  /bin/mv -f "$blut__directory/result.json.tmp" "$blut__directory/result.json"
exit "$blut__status"
