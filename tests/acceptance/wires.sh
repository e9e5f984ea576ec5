# shellcheck shell=sh disable=SC2154 # variables of run
# Names, and wires of each sort by each backend. Without a word the backend is auto's.

part_names() {
    check 'netns add makes a namespace' netnsctl netns add "$a"
    check 'netns add makes another' netnsctl netns add "$b"
    check 'netns list has them' says "$b" netnsctl netns list
    check 'a name that is taken is refused' ends_with 1 netnsctl netns add "$a"
}

part_wire() {
    check 'wire --dry-run prints ip commands' says 'link add name eth0' wire_them --dry-run --backend netlink
    check '... and makes nothing' lacks_link "$a" eth0
    check 'wire by netlink' says '(netlink, checked)' wire_them --backend netlink
    check_ping '... ping both ways'
    check '... check finds no fault' netnsctl check "$wire"
    check '... ls calls it whole' is_whole
    check '... show has its ends' says "$a_address" netnsctl show "$wire"
    check '... the same wire again is no error' wire_them --backend netlink
    check '... one that differs is a conflict' ends_with 4 \
        netnsctl wire "$a:eth0=$a_address/32" "$b:eth0=198.51.100.3/32" --name "$wire"
    check 'an endpoint that is not there ends with 3' ends_with 3 netnsctl wire "$a" "nacc-$$-nosuch"
    check 'an address that is none ends with 2' ends_with 2 netnsctl wire "$a=198.51.100.300" "$b"
}

# usage: part_more BACKEND      routes, IPv6, several wires at once, a signal
part_more() {
    check "a wire with a route by $1" netnsctl wire "$a:rt=198.51.100.40/24,route=203.0.113.0/24@198.51.100.41" \
        "$b:rt=198.51.100.41/24" --name "$wire-more" --backend "$1"
    # 203.0.113.0 as /proc/net/route has it, on a little or a big end.
    check '... the route is there' inside "$a" grep -qE '^rt[[:space:]]+(007100CB|CB007100)' /proc/net/route
    check '... and goes with the wire' netnsctl unwire "$wire-more"
    if inside "$a" grep -q 0 /proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null; then
        check "a wire of IPv6 by $1" netnsctl wire "$a:v6=fd5c:7::1/64" "$b:v6=fd5c:7::2/64" --name "$wire-more" \
            --backend "$1"
        check '... goes' netnsctl unwire "$wire-more"
    else
        echo '# no IPv6 in a new namespace'
    fi
    lines="$a:m1=198.51.100.50/32 $b:m1=198.51.100.51/32
$a:m2=198.51.100.52/32 $b:m2=198.51.100.53/32"
    echo "$lines" >"$tmp/lines"
    check "a file of wires by $1" netnsctl wire -f "$tmp/lines" --backend "$1"
    check '... both are there' both_of_file
    check '... and go' netnsctl unwire "$a:m1-$b:m1" "$a:m2-$b:m2"
    check "a signal leaves no wire half made ($1)" none_half_made "$1"
}

both_of_file() {
    has_link "$a" m1 && has_link "$a" m2 && has_link "$b" m2
}

none_half_made() {
    number=1
    while [ $number -le 30 ]; do
        echo "$a:k$number=198.51.100.$((60 + number))/32 $b:k$number=198.51.100.$((100 + number))/32"
        number=$((number + 1))
    done >"$tmp/many"
    netnsctl wire -f "$tmp/many" --backend "$1" &
    making=$!
    tries=0
    until has_link "$a" k3 || [ $tries -eq 50 ]; do
        tries=$((tries + 1))
    done
    kill "$making" 2>/dev/null
    wait $making
    status=$?
    echo "ended with $status"
    [ $status -eq 143 ] || [ $status -eq 0 ] || return 1
    netnsctl ls >"$tmp/ls"
    cat "$tmp/ls"
    sed -n "s/^\($a:k[0-9]*-$b:k[0-9]*\)  *whole .*/\1/p" "$tmp/ls" >"$tmp/made"
    [ "$(grep -c "^$a:k" "$tmp/ls")" -eq "$(count <"$tmp/made")" ] || return 1
    for name in "$a" "$b"; do
        inside "$name" cat /proc/net/dev >"$tmp/dev" || return 1
        [ "$(grep '^ *k[0-9]' "$tmp/dev" | count)" -eq "$(count <"$tmp/made")" ] || { cat "$tmp/dev"; return 1; }
    done
    while read -r name; do
        netnsctl unwire "$name" || return 1
    done <"$tmp/made"
    lacks_link "$a" 'k[0-9]*'
}

count() {
    grep -c . || [ $? -eq 1 ]
}

# usage: part_bridge BACKEND
part_bridge() {
    check "a bridge is made for a wire by $1" says "($1, checked)" netnsctl wire "$a:br=198.51.100.10/24" \
        "bridge://$bridge=198.51.100.9/24" --name "$wire-bridge" --backend "$1"
    check '... and a second one is plugged into it' netnsctl wire "$b:br=198.51.100.11/24" "bridge://$bridge" \
        --name "$wire-bridge2" --backend "$1"
    if command -v ping >/dev/null; then
        check '... both reach it' reach_the_bridge
        if netnsctl doctor forward-chain 2>/dev/null | grep -q '^ *ok '; then
            check '... and each other' pings "$a" 198.51.100.11
        fi
    fi
    check '... check finds no fault' both_are_well
    check '... ls calls both whole' both_are_whole
    check '... the wires are taken away' netnsctl unwire "$wire-bridge"
    check '... the bridge goes with its last one' unwire_last_of_bridge
    check 'a wire that is refused leaves no bridge' refused_without_a_bridge "$1"
    part_own_bridge "$1"
}

both_are_well() {
    netnsctl check "$wire-bridge" && netnsctl check "$wire-bridge2"
}

reach_the_bridge() {
    pings "$a" 198.51.100.9 && pings "$b" 198.51.100.9
}

both_are_whole() {
    netnsctl ls >"$tmp/ls"
    cat "$tmp/ls"
    grep -q "^$wire-bridge  *whole " "$tmp/ls" && grep -q "^$wire-bridge2  *whole " "$tmp/ls"
}

host_has() {
    grep -q "^ *$1:" /proc/net/dev
}

unwire_last_of_bridge() {
    host_has "$bridge" && netnsctl unwire "$wire-bridge2" && ! host_has "$bridge"
}

refused_without_a_bridge() {
    ends_with 4 netnsctl wire "$a:eth0=198.51.100.12/24" "bridge://$bridge=198.51.100.9/24" --backend "$1" || return 1
    ! host_has "$bridge"
}

# A bridge that somebody made: it stays as it was. (2.6.32 makes none by rtnetlink, so by no `ip` either.)
part_own_bridge() {
    if ! make_bridge >/dev/null 2>&1; then
        echo '# neither brctl nor ip makes a bridge here'
        return
    fi
    check "a bridge that is there already gets a wire by $1" netnsctl wire "$a:br=198.51.100.10/24" "bridge://$bridge" \
        --no-check --name "$wire-bridge" --backend "$1"
    check '... which goes' netnsctl unwire "$wire-bridge"
    check '... and leaves the bridge' host_has "$bridge"
    remove_bridge
}

make_bridge() {
    brctl addbr "$bridge" || busybox brctl addbr "$bridge" || "$(own_ip)" link add "$bridge" type bridge
}

remove_bridge() {
    if host_has "$bridge"; then
        brctl delbr "$bridge" || busybox brctl delbr "$bridge" || "$(own_ip)" link delete "$bridge"
    fi >/dev/null 2>&1
}

part_process() {
    # exec(2): the PID of the background job is that of the process inside.
    netnsctl netns exec "$b" sleep 600 >/dev/null 2>&1 &
    process=$!
    # It is there at once, but Python has yet to lead it inside.
    tries=0
    until grep -q sleep "/proc/$process/cmdline" 2>/dev/null && ! grep -q netns "/proc/$process/cmdline" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 20 ] || break
        sleep 1
    done
    check 'a process is wired by its PID' netnsctl wire "$a:p=198.51.100.20/32" "pid://$process:p=198.51.100.21/32" \
        --name "$wire-pid"
    check '... and the wire taken away' netnsctl unwire "$wire-pid"
    kill "$process" 2>/dev/null
    # Bash's word that it was terminated would be no TAP.
    wait "$process" 2>/dev/null
    process=
}
