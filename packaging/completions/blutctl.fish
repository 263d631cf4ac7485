# fish completion for blutctl
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
