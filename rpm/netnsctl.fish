# fish completion for netnsctl(8). What may follow is found by the completion for bash, which is run for it: the words of
# the program stand in one place.

function __netnsctl_complete
    set -l script
    for place in $NETNSCTL_COMPLETION /usr/local/share/bash-completion/completions/netnsctl \
            /usr/share/bash-completion/completions/netnsctl /etc/bash_completion.d/netnsctl
        if test -r "$place"
            set script $place
            break
        end
    end
    test -n "$script"; or return 1
    set -l before (commandline -opc)
    set -l typed (commandline -ct)
    set -l found (bash --norc --noprofile -c '. "$1" && shift && _netnsctl_print "$@"' bash $script $before "$typed" 2>/dev/null)
    for line in $found[2..-1]
        echo $line
    end
    if string match -q -- '* default *' "$found[1] "
        __fish_complete_path "$typed"
    else if string match -q -- '* dirnames *' "$found[1] "
        __fish_complete_directories "$typed"
    end
end

complete -c netnsctl -f -a '(__netnsctl_complete)'
