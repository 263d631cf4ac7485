# bash completion for blutctl
_blutctl() {
  local word value about
  word=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS=$'\t' read -r value about; do
    case $value in
      :nothing) ;;
      :files) compopt -o default ;;
      :commands) mapfile -t COMPREPLY < <(compgen -A command -A file -- "$word") ;;
      *) COMPREPLY+=("$(printf '%q' "$value")") ;;
    esac
  done < <(blutctl __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$word"; fi
}
complete -F _blutctl blutctl
