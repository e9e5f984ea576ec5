"""Files of the config tree on a throwaway host (support.aside.own_host)."""
from __future__ import absolute_import, division, print_function

import os

TREE = '/etc/sysconfig/netns'
# Two wires of three namespaces, in a file of wires.
LINES = ['a:x1=10.1.1.1/32 b:x=10.1.1.2/32 --name ov-1', 'a:x2=10.1.1.1/32 c:x=10.1.1.3/32 --name ov-2']


def write(host, files):
    """Writes files of the tree: {'a/ifcfg-eth0': text}; None removes one."""
    for name, text in files.items():
        path = '%s/%s' % (TREE, name)
        if text is None:
            host.sh("rm '%s'" % path)
        else:
            host.sh("mkdir -p '%s'; cat >'%s' <<'end-of-file'\n%send-of-file\n" % (os.path.dirname(path), path, text))


def save_lines(host):
    """Gives a host the namespaces a, b and c, and the wires LINES, which are saved."""
    host.sh('for each in a b c; do ip netns add $each; done')
    made = host('wire', '-f', '-', '--save', feed='\n'.join(LINES))
    assert made.status == 0, made


def everything(host):
    """All that `up` may change on a host, as text that compares equal: links, addresses, routes and rules of each
    namespace, sysctls, names, servers. Without what comes and goes with a carrier or is random."""
    return host.sh(r"""
        look() {
            $1 ip -o link | sed 's/^[0-9]*: //; s/@if[0-9]*//; s/: .* mtu \([0-9]*\) .*/ \1/' | sort
            $1 ip -br address | sed 's/@if[0-9]*//; s/fe80[^ ]*//' | awk '{ $2 = ""; print }' | sort
            { $1 ip route show table all; $1 ip -6 route show table all; } | grep -v -e fe80 -e ff00 |
                sed 's/ linkdown//; s/ proto kernel//' | sort
            $1 ip rule; $1 ip -6 rule
            $1 sh -c 'cd /proc/sys/net; grep -r . ipv4/conf/all ipv4/conf/default ipv4/ip_forward ipv6/conf/all
                      ' 2>/dev/null | sort | grep -v stable_secret || true
        }
        look ''
        for name in $(ls /run/netns 2>/dev/null); do echo "== $name"; look "ip netns exec $name"; done
        find /etc/netns -type f 2>/dev/null | sort || true
        find /run/netnsctl -type f 2>/dev/null | grep -v -e lock -e ip.json | sort || true""")


def wires(host):
    """Names of the recorded wires, sorted."""
    return host.sh('ls /run/netnsctl/wires 2>/dev/null | sed s/.json$// || true').split()


def tree_of(host):
    """{file of the tree: text}"""
    found = {}
    for path in host.sh('find %s -type f 2>/dev/null | sort || true' % TREE).splitlines():
        found[path[len(TREE) + 1:]] = host.sh("cat '%s'" % path)
    return found


def net(host, *names):
    """What the namespaces hold: addresses, routes and rules, as text without numbers that differ from run to run."""
    return host.sh(
        '; '.join(
            'ip -n {0} -br address | sed "s/@if[0-9]*//; s/fe80[^ ]* *//"; ip -n {0} route; '
            'ip -n {0} -6 route | grep -v fe80 || true; ip -n {0} rule'.format(name) for name in names))
