#!/bin/sh
# Two namespaces, wired: made and removed by this script, with netnsctl as it is in this checkout. Nothing is installed:
# on Python 3 none of these commands needs a library.
# usage: docs/demo.sh      (PYTHON: which Python runs it)
set -eu
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "demo: namespaces need root, and there is no sudo here" >&2; exit 1; }
    exec sudo -- "$0" "$@"
fi
PATH=$PATH:/usr/sbin:/sbin
PYTHONPATH=$(cd "$(dirname "$0")/../src" && pwd)${PYTHONPATH:+:$PYTHONPATH}
# Root's compiled modules would be in the way of whoever owns the checkout.
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
# Names that are nobody else's: this process's number is in them.
a=demo-a-$$
b=demo-b-$$
wire=demo-$$

netnsctl() {
    "${PYTHON:-python3}" -m netnsctl "$@"
}

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
        netnsctl unwire "$wire" || status=1
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
    netnsctl "$@"
}

before=$(ours || true)
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
ip netns add $a
ip netns add $b

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
printf '\n(what this host can do)'
show doctor privileges netns veth bridge ip

ip netns delete $a
ip netns delete $b
after=$(ours || true)
if [ "$after" != "$before" ]; then
    printf 'demo: this is left:\n%s\n' "$after" >&2
    exit 1
fi
printf '\nNothing is left of it.\n'
