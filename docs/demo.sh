#!/bin/sh
# netnsctl's scenario between two namespaces that this script makes and removes.
# usage: docs/demo.sh PROGRAM      (`make demo` gives it .venv/bin/netnsctl)
set -eu
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "demo: namespaces need root, and there is no sudo here" >&2; exit 1; }
    exec sudo -- "$0" "$@"
fi
PATH=$PATH:/usr/sbin:/sbin
program=$1
# Names that are nobody else's: this process's number is in them.
a=demo-a-$$
b=demo-b-$$
wire=demo-$$

# What is there of ours, on a host where others may come and go at the same time.
ours() {
    ip netns list | grep -w -e "$a" -e "$b"
    find /run/netnsctl -name "$wire*" 2>/dev/null
    ip -o link | grep -e " A@" -e " B@" -e "$wire"
}

clean_up() {
    status=$?
    trap - EXIT
    if [ -e "/run/netnsctl/wires/$wire.json" ]; then
        "$program" unwire "$wire" || status=1
    fi
    for namespace in $a $b; do
        [ ! -e "/run/netns/$namespace" ] || ip netns delete "$namespace" || status=1
    done
    exit $status
}

# Says the command as a person would type it, then runs it.
show() {
    printf '\n# netnsctl'
    printf ' %s' "$@"
    printf '\n'
    "$program" "$@"
}

before=$(ours || true)
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
ip netns add $a
ip netns add $b

show doctor
show wire --name $wire "$a:A=10.1.1.1/32" "$b:B=10.1.1.2/32"
if command -v ping >/dev/null; then
    printf '\n# ip netns exec %s ping 10.1.1.2, and back\n' $a
    ip netns exec $a ping -c 1 -W 2 10.1.1.2
    ip netns exec $b ping -c 1 -W 2 10.1.1.1
else
    show check $wire
fi
show ls
printf '\n(the same again: nothing changes)'
show wire --name $wire "$a:A=10.1.1.1/32" "$b:B=10.1.1.2/32"
show unwire $wire

ip netns delete $a
ip netns delete $b
after=$(ours || true)
if [ "$after" != "$before" ]; then
    printf 'demo: this is left:\n%s\n' "$after" >&2
    exit 1
fi
printf '\nNothing is left of it.\n'
