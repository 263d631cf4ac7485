/*
 * The shells ask `blutctl __complete` for everything, so that these scripts never grow stale. The
 * libraries that were looked at generate the same three scripts and bring their own parser of the
 * command line, which would have to be told of every verb again.
 */

/** A shell that there is a script for. */
export type Shell = "bash" | "zsh" | "fish";

const bash = `# bash completion for blutctl
_blutctl() {
  local word value about
  word=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS=$'\\t' read -r value about; do
    case $value in
      :nothing) ;;
      :files) compopt -o default ;;
      :commands) mapfile -t COMPREPLY < <(compgen -A command -A file -- "$word") ;;
      *) COMPREPLY+=("$(printf '%q' "$value")") ;;
    esac
  done < <(blutctl __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$word"; fi
}
complete -F _blutctl blutctl
`;

const zsh = `#compdef blutctl
_blutctl() {
  local value about also=:nothing
  local -a candidates
  while IFS=$'\\t' read -r value about; do
    if [[ $value == :nothing || $value == :files || $value == :commands ]]; then
      also=$value
    else
      candidates+=("\${value//:/\\\\:}:$about")
    fi
  done < <(blutctl __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( $#candidates )); then _describe -V blutctl candidates; fi
  case $also in
    :files) _files ;;
    :commands) _alternative 'commands:command:_command_names -e' 'files:file:_files' ;;
  esac
}
if [[ $funcstack[1] == _blutctl ]]; then _blutctl "$@"; else compdef _blutctl blutctl; fi
`;

const fish = `# fish completion for blutctl
function __blutctl_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for line in (blutctl __complete -- $words[2..-1] "$word" 2>/dev/null)
        switch $line
            case ':nothing'
            case ':files'
                __fish_complete_path "$word"
            case ':commands'
                __fish_complete_command
            case '*'
                echo $line
        end
    end
end
complete -c blutctl -f -a '(__blutctl_complete)'
`;

/** The script of each shell. */
export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
