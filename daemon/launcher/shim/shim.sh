#!/bin/sh
# shim.sh
#
# First process of an attempt: waits at its gate, is told there what to run, runs it, records how it
# ended. It is spawned ahead of the attempt and knows nothing of it until then. It runs with an empty
# environment and forks once, for the command: each further fork would be paid by every start.
#
# fd 3 is the gate: one line, the name of a file that the daemon holds open and nobody else has a name
# for. The daemon writes it when the limit is in force. Without a whole line, nothing runs. The file is
# ONE compound command in braces (see gate.ts), which a shell parses whole before it does any of it.
#
# Leaves in its attempt's directory: `started` (made just before the command; its mtime is the first
# instruction) and `result.json`. Neither: the command was never run, or all was killed.

# fd 2 is /dev/null, for the shell's own chatter ("Killed"); 5 becomes the command's at the gate.
exec 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-

# Never over anything that is there already, and never through a link: with `set -C` a file is made new.
# A record that was cut short by a full disk or a kill is no JSON, and counts as absent.
blut__record() {
  umask 077
  set -C
  printf '{"kind":"%s",%s,"attempt":"%s"}\n' "$1" "$2" "$blut__attempt" \
    >"$blut__directory/result.json"
}

# Refuses before the first instruction: a fixed sentence for the record, with the name for the log.
blut__refuse() {
  blut__record could-not-start "\"why\":\"$1\""
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

# The shell itself waits, before it forks: a scope is made around this one process, and what was
# forked earlier would stay outside of it and of every limit.
read -r blut__gate <&3 || exit
. "$blut__gate"
[ -n "$blut__attempt" ] || exit
# This tells the daemon that the file has been read.
exec 3<&-

# A trapped signal, unlike an ignored one, has its default action again in the subshell. SIGTERM comes to
# the shim only where everything in the attempt is told to end: by the daemon, or by systemd at a shutdown.
trap : INT HUP QUIT
trap blut__told=1 TERM
(
  # The daemon's own score protects it; work must be killed before anything else is.
  echo 500 >/proc/self/oom_score_adj
  read -r blut__score </proc/self/oom_score_adj
  [ "${blut__score:-0}" -gt 0 ] ||
    blut__refuse 'its out-of-memory score cannot be raised' /proc/self/oom_score_adj
  # Node raised this for itself; select() breaks above 1024. The hard limit is left as it is.
  ulimit -S -n 1024
  cd "$blut__cwd" || blut__refuse 'the working directory cannot be entered' "$blut__cwd"
  blut__environment
  : >"$blut__directory/started" || exit
  exec 2>&5 5>&-
  trap blut__not_executed EXIT
  exec "$@"
)
blut__status=$?
# A stop of everything must not lose the record.
trap '' TERM INT HUP QUIT
# What was refused is on record already, and stays.
[ ! -e "$blut__directory/started" ] || blut__record exited "\"status\":$blut__status${blut__told:+,\"told\":true}"
exit "$blut__status"
