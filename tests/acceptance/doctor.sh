# shellcheck shell=sh disable=SC2154 # variables of run
# What the doctor says, check by check, and what the kernel says of it all.

part_doctor() {
    check 'doctor finds the host fit' netnsctl doctor
    netnsctl doctor --list-checks >"$tmp/checks"
    check 'doctor lists its checks' test -s "$tmp/checks"
    while read -r name _ tier _; do
        check "doctor $name comes to a finding" comes_to_a_finding "$name" "$tier" </dev/null
    done <"$tmp/checks"
    check 'doctor --json has every check' json_has_every_check
    # `netnsctl doctor NAME` shows all that it saw.
    if ip_knows_netns; then
        skip 'doctor says that ip has no netns, and two ways out' 'the ip of this host supports netns'
        check 'auto chooses iproute where ip supports netns' says 'auto chooses iproute' netnsctl doctor backend
    else
        check 'doctor says that ip has no netns' says 'does not support netns' netnsctl doctor ip
        check 'doctor names the way by the shim' says 'netnsctl shim enable' netnsctl doctor ip
        if rpm -q iproute >/dev/null 2>&1 && grep -q 'release 6' /etc/redhat-release; then
            check 'doctor names the way by RDO' says 'RDO' netnsctl doctor ip
        fi
        check 'auto chooses netlink where ip has no netns' says 'auto chooses netlink' netnsctl doctor backend
    fi
}

# What this host lacks is a finding too; a check that fails itself, or takes too long every time, has none.
comes_to_a_finding() {
    for time in first second third; do
        status=0
        netnsctl doctor "$1" >"$tmp/finding" 2>&1 || status=$?
        # A host that was busy with something else may be faster now.
        grep -q 'the check itself took longer' "$tmp/finding" || break
        echo "the $time time:"
        cat "$tmp/finding"
    done
    cat "$tmp/finding"
    grep -q " $1 " "$tmp/finding" || return 1
    ! grep -qE 'the check itself|Traceback' "$tmp/finding" || return 1
    [ $status -eq 0 ] || { [ "$2" != required ] && [ $status -eq 1 ]; }
}

json_has_every_check() {
    netnsctl doctor --json >"$tmp/json" 2>/dev/null || return 1
    while read -r name _; do
        grep -q "\"check\": \"$name\"" "$tmp/json" || { echo "no $name"; return 1; }
    done <"$tmp/checks"
}

# What the kernel's log has of us, as lines. A newer kernel names the process; 2.6.32 does not.
complaints() {
    grep -E 'BUG:|Oops|WARNING: at|general protection|leftover after parsing attributes(\.| *$| in process .(netnsctl|python))' \
        "$1" || [ $? -eq 1 ]
}

# usage: note_kernel_log FILE     fails where this host does not show its log
note_kernel_log() {
    dmesg >"$1" 2>/dev/null && [ -s "$1" ]
}

part_kernel_log() {
    if ! note_kernel_log "$tmp/dmesg-after"; then
        echo '# the kernel does not show its log here'
        return
    fi
    check 'the kernel complained of nothing' kernel_log_is_clean
}

kernel_log_is_clean() {
    complaints "$tmp/dmesg-before" >"$tmp/complaints-before"
    complaints "$tmp/dmesg-after" >"$tmp/complaints-after"
    # The log is a ring: what is new is what the old one had not.
    ! grep -vxFf "$tmp/complaints-before" "$tmp/complaints-after"
}
