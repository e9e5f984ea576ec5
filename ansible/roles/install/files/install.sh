# shellcheck shell=sh disable=SC2154
# Installs netnsctl and switches its services on, on a host that may have no Python for Ansible. The role puts before this:
# check (True: change nothing), baseurl, key (a public key's text), deb (a path here), version, services, upgrade (True).
# Each line that begins with "changed:" is a change that was made, or would be.
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

fail() {
    echo "netnsctl install: $*" >&2
    exit 1
}

# say WHAT: it is a change; false where it is only to be said.
say() {
    echo "changed: $*"
    [ "$check" != True ]
}

run() {
    "$@" >"$log" 2>&1 || { cat "$log" >&2; fail "$* failed"; }
}

# put TEXT FILE: a file of root's that has this text and no other.
put() {
    [ "$(cat "$2" 2>/dev/null)" != "$1" ] || return 0
    say "$2" || return 0
    if mkdir -p "$(dirname "$2")" && printf '%s\n' "$1" >"$2.new" && chmod 0644 "$2.new" && mv "$2.new" "$2"; then
        wrote=yes
    else
        fail "cannot write $2"
    fi
}

# The directory of the repository for this distribution: el6 to el10, fedora.
dist() {
    if grep -q '^ID=fedora' /etc/os-release 2>/dev/null; then
        echo fedora
    elif [ -e /etc/os-release ]; then
        sed -n 's/^VERSION_ID="*\([0-9]*\).*/el\1/p' /etc/os-release
    else
        sed -n 's/.* release \([0-9]*\).*/el\1/p' /etc/redhat-release
    fi
}

install_rpm() {
    [ -n "$baseurl" ] || fail 'install_baseurl is not set: where the repository is that repo/build made'
    [ -n "$key" ] || fail 'install_key is not set: the text of the key that the repository is signed with'
    file=/etc/pki/rpm-gpg/RPM-GPG-KEY-netnsctl wrote=no dist=$(dist)
    put "$key" $file
    if [ $wrote = yes ]; then run rpm --import $file; fi
    put "[netnsctl]
name=netnsctl for $dist
baseurl=$baseurl/$dist
enabled=1
gpgcheck=1
repo_gpgcheck=1
gpgkey=file://$file" /etc/yum.repos.d/netnsctl.repo
    yum=$(command -v dnf || command -v yum) || fail 'this host has neither dnf nor yum'
    before=$(rpm -q --qf '%{VERSION}-%{RELEASE}' netnsctl) || before=
    if [ -z "$before" ]; then
        if say "netnsctl"; then run "$yum" -y install "netnsctl${version:+-$version}"; fi
    elif [ "$check" != True ] && { [ "$upgrade" = True ] || [ -n "$version" ]; }; then
        if [ -n "$version" ]; then
            case $before in "$version" | "$version"-*) return ;; esac
            run "$yum" -y install "netnsctl-$version"
        else
            run "$yum" -y update netnsctl
        fi
        after=$(rpm -q --qf '%{VERSION}-%{RELEASE}' netnsctl)
        [ "$after" = "$before" ] || echo "changed: netnsctl $before is $after"
    fi
}

install_deb() {
    before=$(dpkg-query -W -f '${db:Status-Abbrev}${Version}' netnsctl 2>/dev/null) || before=
    if [ -z "$deb" ]; then
        case $before in ii*) return ;; esac
        fail 'install_deb is not set: the path on this host of the package that debian/build made'
    fi
    wanted=$(dpkg-deb -f "$deb" Version 2>"$log") || { cat "$log" >&2; fail "$deb is not a package for Debian"; }
    [ "$before" != "ii $wanted" ] || return 0
    say "netnsctl $wanted" || return 0
    # Without lists of packages apt-get finds nothing that it may depend on.
    if command -v apt-get >/dev/null && [ -n "$(find /var/lib/apt/lists -name '*Packages*' 2>/dev/null)" ]; then
        run apt-get -q -y --allow-downgrades install "$deb"
    else
        run dpkg --install "$deb"
    fi
}

# service NAME: starts now and when the host boots.
service_on() {
    if [ -d /run/systemd/system ]; then
        if ! systemctl is-enabled -q "$1" 2>/dev/null && say "$1 starts when the host boots"; then
            run systemctl enable "$1"
        fi
        systemctl is-active -q "$1" && return
        # netnsctl.service runs once and stays active.
        if say "$1 runs"; then run systemctl start "$1"; fi
    elif [ -e "/etc/init.d/$1" ] && command -v chkconfig >/dev/null; then
        if ! chkconfig --list "$1" 2>/dev/null | grep -q '3:on' && say "$1 starts when the host boots"; then
            run chkconfig "$1" on
        fi
        service "$1" status >/dev/null 2>&1 && return
        if say "$1 runs"; then run service "$1" start; fi
    elif [ "$check" = True ]; then
        say "$1" || return 0
    else
        fail "$1: this host does not run systemd and has no System V service of that name"
    fi
}

[ "$(id -u)" -eq 0 ] || fail 'it needs root: become: true'
log=$(mktemp) || fail 'no temporary file can be made'
trap 'rm -f "$log"' EXIT
if command -v rpm >/dev/null && [ -e /etc/redhat-release ]; then
    install_rpm
elif command -v dpkg >/dev/null; then
    install_deb
else
    fail 'this host has neither packages of rpm nor of Debian: see docs/install.md for other ways'
fi
for service in $services; do service_on "$service"; done
