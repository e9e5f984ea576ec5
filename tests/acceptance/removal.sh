# shellcheck shell=sh disable=SC2154 # variables of run
# Removing the package: with a wire up, and for good.

# A shell waits inside the namespace: with netnsctl removed nothing else leads there on such a host.
part_remove_with_a_wire() {
    check 'a wire is made again' wire_them --backend auto
    mkfifo "$tmp/go"
    # shellcheck disable=SC2016 # the inner shell's variables
    inside "$a" sh -c 'read -r _ <"$1/go"; ping -c 1 -w 5 "$2"; echo $? >"$1/pinged"' sh "$tmp" $b_address \
        >/dev/null 2>&1 &
    process=$!
    check 'removal with a wire up says how to remove it' says "netnsctl unwire" rpm -e netnsctl
    : >"$tmp/go"
    wait $process
    process=
    check_pinged '... and the wire still works'
    check 'the package comes back' rpm -i "$NETNSCTL_ACCEPTANCE_RPM"
    check '... and knows the wire' is_whole
    part_unwire 'of a netnsctl that was away'
}

check_pinged() {
    if command -v ping >/dev/null; then
        check "$1" test "$(cat "$tmp/pinged")" = 0
    else
        skip "$1" 'no ping on this host'
    fi
}

part_remove() {
    if [ "${NETNSCTL_ACCEPTANCE_REMOVE-}" != yes ]; then
        skip 'removal' 'NETNSCTL_ACCEPTANCE_REMOVE is not yes'
        return
    elif ! rpm -q netnsctl >/dev/null 2>&1; then
        skip 'removal' 'no package of it is installed'
        return
    fi
    if [ -n "${NETNSCTL_ACCEPTANCE_RPM-}" ]; then
        part_remove_with_a_wire
    else
        skip 'removal with a wire up' 'NETNSCTL_ACCEPTANCE_RPM names no file'
    fi
    netnsctl netns delete "$a"
    netnsctl netns delete "$b"
    rpm -ql netnsctl >"$tmp/package"
    check 'the package is removed' rpm -e netnsctl
    check '... none of its files is left' no_file_of_package
    check '... nothing of it runs, is linked or is recorded' nothing_of_it
    check '... the links of the host are those of before' same_links
}

is_there() {
    [ -e "$1" ] || [ -L "$1" ]
}

# A folder that other programs have files in too, as zsh's.
is_shared() {
    case $1 in
        *netnsctl* | */sysconfig/netns*) return 1 ;;
    esac
    [ -d "$1" ] && [ -n "$(ls -A "$1")" ]
}

no_file_of_package() {
    [ -s "$tmp/package" ] || return 1
    left=
    while IFS= read -r path; do
        case $path in
            /*) if is_there "$path" && ! is_shared "$path"; then echo "left: $path"; left=yes; fi ;;
        esac
    done <"$tmp/package"
    [ -z "$left" ]
}

nothing_of_it() {
    for path in /usr/local/sbin/ip /run/netnsctl /var/run/netnsctl /var/lock/subsys/netnsctl /var/lock/subsys/netnsctl-watch \
        /var/run/netnsctl-watch.pid /etc/rc.d/rc[0-6].d/[SK][0-9][0-9]netnsctl* \
        /etc/systemd/system/*.wants/netnsctl*.service; do
        if is_there "$path"; then echo "left: $path"; return 1; fi
    done
    for cmdline in /proc/[0-9]*/cmdline; do
        case $(tr '\0' ' ' 2>/dev/null <"$cmdline") in
            *'/usr/sbin/netnsctl '*) echo "runs: $cmdline"; return 1 ;;
        esac
    done
}

same_links() {
    links >"$tmp/links-after"
    diff "$tmp/links" "$tmp/links-after"
}
