"""A host like EL6 whose iproute is upgraded, for tests of `netnsctl repo enable --upgrade`."""
from __future__ import absolute_import, division, print_function


OLD, NEW = '2.6.32-31.el6', '2.6.32-130.el6ost.netns.2'


def key_words(host):
    return ['--gpgkey', host.packages.key, '--fingerprint', host.packages.fingerprint]


def offer(host, *kinds, **options):
    """Sets a repository up that offers packages of these kinds."""
    url = options.get('baseurl') or 'file://' + host.packages.repo(*kinds)
    result = host('repo', 'enable', '--baseurl', url, *key_words(host))
    assert result.status == 0, result


def knows_netns(host):
    return 'yes' in host.sh('if ip netns >/dev/null 2>&1; then echo yes; else echo no; fi')


def is_as_it_was(host):
    """Is the old iproute in the database, alone and whole, and does its ip work, with nothing of ours left?"""
    return host.installed() == [OLD] and host.sh(
        'rpm -V iproute || true; ip -V; ls -A /run/netnsctl/repo; ls -A /var/lib/netnsctl/iproute 2>/dev/null || true; '
        'ls /usr/sbin/ip.* 2>/dev/null || true') == 'ip utility, iproute2-ss091226\n' and not knows_netns(host)
