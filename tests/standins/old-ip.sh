# An `ip` of 2009 before today's: what both stand-ins share. Sourced with `netns` (yes or no) set.
#
# As iproute2-ss091226 (EL6) reads its command line: its options, its objects, a PID and
# nothing else after `link ... netns` unless netns=yes, and the same for lines of -batch.
# What it accepts goes to the machine's own `ip`. Not like EL6: what that `ip` prints and the
# words it knows after the object (`link set ... master` and such) are today's.

# The next `ip` on PATH after this one's folder.
find_real_ip() {
    saved_ifs=$IFS
    IFS=:
    for folder in $PATH:/usr/sbin:/sbin; do
        if [ -x "$folder/ip" ] && ! [ "$folder/ip" -ef "$0" ]; then
            IFS=$saved_ifs
            real_ip=$folder/ip
            return
        fi
    done
    echo "stand-in for ip: no real ip found" >&2
    exit 127
}

# Is $1 a prefix of one of the other words? (iproute2's matches())
is_prefix() {
    prefix=$1
    shift
    for word in "$@"; do
        case $word in "$prefix"*) return 0 ;; esac
    done
    return 1
}

# Objects and words as this `ip` knows them. Prints the error and returns 255 for what it does not;
# returns 0 and leaves the words to run in $accepted (quoted for eval) otherwise.
accept() {
    accepted=
    objects='address addrlabel maddress route rule neighbor neighbour link ntable tunnel tunl monitor xfrm mroute help'
    # shellcheck disable=SC2086 # words
    if is_prefix "$1" $objects; then
        :
    elif [ $netns = yes ] && is_prefix "$1" netns; then
        if [ $# -gt 1 ] && ! is_prefix "$2" list show lst help add delete exec monitor; then
            echo "Command \"$2\" is unknown, try \"ip netns help\"." >&2
            return 255
        fi
    else
        echo "Object \"$1\" is unknown, try \"ip help\"." >&2
        return 255
    fi
    is_link=no
    case $1 in l|li|lin|link) is_link=yes ;; esac
    previous=
    for argument in "$@"; do
        case $is_link:$previous in
            yes:ne|yes:net|yes:netn|yes:netns)
                accept_pid "$argument" || return 255
                previous=
                ;;
            *:dev|*:name|*:alias|*:link)
                # The word after these is a value, even where it is "netns".
                previous=value
                ;;
            *) previous=$argument ;;
        esac
        case $argument in
            *\'*) accepted="$accepted '$(printf %s "$argument" | sed "s/'/'\\\\''/g")'" ;;
            *) accepted="$accepted '$argument'" ;;
        esac
    done
}

# After `link ... netns`: EL6's takes a number, RDO's also a name. May change $argument. What it
# refuses ends the program there, even in a batch.
accept_pid() {
    case $1 in
        *[!0-9]*|'')
            [ $netns = yes ] && return 0
            # The message ends with a line feed of its own there, so an empty line follows.
            printf 'Error: argument "%s" is wrong: Invalid "netns" value\n\n' "$1" >&2
            fatal=yes
            return 255
            ;;
    esac
    # Today's ip would take a namespace of that name first.
    if [ $netns = no ] && [ -e "/proc/$1/ns/net" ]; then
        argument=/proc/$1/ns/net
        changed=yes
    fi
}

# $1: the file of commands, - for standard input. $force: go on after a line that fails.
run_batch() {
    file=$1
    if [ "$file" != - ]; then
        [ -r "$file" ] || { echo "Cannot open file \"$file\" for reading: No such file or directory" >&2; exit 1; }
        exec <"$file"
    fi
    real_lines=
    status=0
    while IFS= read -r line || [ -n "$line" ]; do
        set -f
        # shellcheck disable=SC2086 # the words of the line
        set -- ${line%%#*}
        set +f
        if [ $# -gt 0 ]; then
            changed=no
            if ! accept "$@"; then
                status=1
                [ $force = yes ] && [ $fatal = no ] || break
                line=
            elif [ $changed = yes ]; then
                # Words of a line have no blanks there, so none need quotes here.
                line=$(eval "printf '%s ' $accepted")
            fi
        fi
        real_lines="$real_lines$line
"
    done
    {
        complaints=$({ printf %s "$real_lines" | "$real_ip" $options -batch - 2>&1 >&5 5>&-; echo "status $?"; })
    } 5>&1
    real_status=${complaints##*status }
    complaints=${complaints%status *}
    # What the kernel refuses ends it at once, with 2 and no line of its own: exit(2) after rtnl_talk() in iplink.c,
    # ipaddress.c, iproute.c and ipneigh.c of iproute2-ss091226, which iprule.c has not.
    case $force:$complaints in
        no:*'RTNETLINK answers: '*'Command failed -:'*)
            at=${complaints##*Command failed -:}
            case $(printf %s "$real_lines" | sed -n "${at%%[!0-9]*}p") in
                ru*) ;;
                *) complaints=${complaints%Command failed*} real_status=2 ;;
            esac ;;
    esac
    # It says line 0 of whatever line: lineno, which batch() in its ip/ip.c prints, is never counted up.
    printf %s "$complaints" |
        sed "s/^Command failed -:[0-9]*$/Command failed $(printf %s "$file" | sed 's:[\\/&]:\\&:g'):0/" >&2
    [ "$real_status" -eq 0 ] || exit "$real_status"
    [ $fatal = no ] || exit 255
    [ $status -eq 0 ] || echo "Command failed $file:0" >&2
    exit $status
}

tell_usage() {
    echo 'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }' >&2
    exit 255
}

find_real_ip
options=
force=no
fatal=no
batch=
while [ $# -gt 0 ]; do
    case $1 in
        --) shift; break ;;
        --*) option=${1#-} ;;
        -*) option=$1 ;;
        *) break ;;
    esac
    case $option in
        -4|-6|-0|-D|-I) options="$options $option" ;;
        *)
            if is_prefix "$option" -Version; then
                echo 'ip utility, iproute2-ss091226'
                exit 0
            # In its order: -f is -family, -r is -resolve.
            elif is_prefix "$option" -loops -family; then
                [ $# -gt 1 ] || tell_usage
                options="$options $option $2"
                shift
            elif is_prefix "$option" -stats -statistics -details -resolve -oneline -timestamp; then
                options="$options $option"
            elif is_prefix "$option" -rcvbuf; then
                [ $# -gt 1 ] || tell_usage
                options="$options $option $2"
                shift
            elif is_prefix "$option" -force; then
                force=yes
                options="$options -force"
            elif is_prefix "$option" -batch; then
                [ $# -gt 1 ] || tell_usage
                batch=$2
                shift
            elif ! is_prefix "$option" -help; then
                echo "Option \"$option\" is unknown, try \"ip -help\"." >&2
                exit 255
            fi
            ;;
    esac
    shift
done
[ -z "$batch" ] || run_batch "$batch"
[ $# -gt 0 ] || tell_usage
accept "$@" || exit 255
eval "set -- $accepted"
# Lists of namespaces had no ids then.
if [ $netns = yes ] && is_prefix "$1" netns && { [ $# -lt 2 ] || is_prefix "$2" list show lst; }; then
    "$real_ip" $options "$@" | sed 's/ (id: [0-9]*)$//'
    exit 0
fi
exec "$real_ip" $options "$@"
