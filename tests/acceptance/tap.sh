# shellcheck shell=sh
# TAP for the suite: check, skip, finish. What a check prints is kept in $tmp/out, and shown where it fails.

number=0
failed=0

# check DESCRIPTION COMMAND [WORD...]: ok if the command ends with 0. In a subshell: a check sets nothing.
check() {
    description=$1
    shift
    number=$((number + 1))
    if ("$@") >"$tmp/out" 2>&1 </dev/null; then
        echo "ok $number - $description"
    else
        echo "not ok $number - $description"
        echo "# it was: $*"
        sed 's/^/# /' "$tmp/out"
        failed=$((failed + 1))
    fi
}

# skip DESCRIPTION REASON
skip() {
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# The plan, and the status to end with.
finish() {
    echo "1..$number"
    if [ $failed -ne 0 ]; then
        echo "# failed $failed of $number"
        return 1
    fi
}

# ends_with STATUS COMMAND...: the command ends with that status.
ends_with() {
    wanted=$1
    shift
    status=0
    "$@" || status=$?
    [ $status -eq "$wanted" ] || { echo "status $status, not $wanted"; return 1; }
}

# says TEXT COMMAND...: the command ends with 0, and what it prints has the text.
says() {
    wanted=$1
    shift
    "$@" >"$tmp/said" 2>&1 || { cat "$tmp/said"; return 1; }
    grep -qF -e "$wanted" "$tmp/said" || { cat "$tmp/said"; echo "it does not say: $wanted"; return 1; }
}
