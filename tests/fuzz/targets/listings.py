"""What programs and the kernel list as text: nft, iptables-save, ip, files under /proc that containers control."""
from __future__ import absolute_import, division, print_function

import socket

from fuzz.targets import Target
from netnsctl.compat import native
from netnsctl.edge import ip_program
from netnsctl.edge.files import iproute_names
from netnsctl.edge.firewall import drops, firewalld, forward_chain, programs
from netnsctl.edge.host import Host, Result
from netnsctl.edge.runtimes import engines, presence, processes
from netnsctl.edge.runtimes.container import Container
from netnsctl.edge.survey import elsewhere, mounts
from netnsctl.edge.uplink import iptables, nft
from netnsctl.execution.backends import iproute
from netnsctl.model import operations
from netnsctl.model.features.uplink import Port
from netnsctl.usecases.recorded import unconfirmed
from netnsctl.usecases.uplinks import listeners

ID = 'a' * 64


def _judged(chains):
    for chain in chains:
        firewalld.is_of(chain)
        for packet in (forward_chain.NEW, forward_chain.PUBLISHED, forward_chain.REPLY):
            for outgoing in ('eth0', None):
                verdict, _ = forward_chain.judge(chain, 'br0', outgoing, packet)
                assert verdict in (forward_chain.ACCEPT, forward_chain.MAYBE, forward_chain.DROP)


def _nft(data):
    text = native(data)
    for family, other in ((forward_chain.IPV4, socket.AF_INET), (forward_chain.IPV6, socket.AF_INET6)):
        _judged(forward_chain.parse_ruleset(text, family))
        for dropper in drops.parse_ruleset(text, other):
            assert dropper.key
    listing = nft.Listing(text)
    assert listing.is_ours in (True, False)
    nft.Nft._by_wire({'ip': listing})


def _iptables(data):
    text = native(data)
    programs.is_of_nft('/usr/sbin/iptables-save', text)
    _judged(forward_chain.parse_save('iptables', text))
    for dropper in drops.parse_save('iptables', text):
        assert dropper.key
    saved = iptables.Saved(text)
    saved.by_wire(4), saved.foreign()
    for chain in iptables.CHAINS:
        saved.jump(chain)
    iptables.restore_text(saved, 'w', [(chain, '-j RETURN') for chain in iptables.ORDER])


class _Printing(Host):
    """A host whose programs print the same, and whose files are the same."""

    def __init__(self, result, text=None):
        Host.__init__(self, environ={}, path='/nowhere')
        self.result, self.text = result, text

    def run(self, argv, *_, **__):
        return self.result

    def read(self, absolute, limit=1 << 20):
        return self.text[:limit]

    def listdir(self, absolute):
        return ['1', '7', 'x']


def _ip(data):
    """The first byte is of the exit status; what comes after a byte 0xff is printed on standard error."""
    status = (0, 1, 2, -9)[bytearray(data[:1] or b'\0')[0] % 4]
    out, _, err = data[1:].partition(b'\xff')
    result = Result(status, native(out), native(err))
    batch = [operations.SetUp('a', 'eth0'), operations.SetUp('a', 'eth1')]
    words = [['link', 'set', 'eth0', 'up'], ['link', 'set', 'eth1', 'up']]
    text = iproute._complaint(result)
    assert '\n' not in text
    at = iproute._failed_at(batch, words, result.err, text)
    assert at is None or 0 <= at < 2
    iproute._errno_of(text)
    ip_program.probe(_Printing(result), '/bin/ip')


def _proc(data):
    text = native(data)
    host = _Printing(None, text)
    processes.parent_of(host, 7), processes.owner_of(host, 7), processes.words_of(host, 7)
    processes.cgroups_of(host, 7), processes.children_of(host, 7)
    engines.is_in(host, Container('docker', 'x', 7, ID))
    presence.lxc_path(host), presence._podman_present(host), presence._lxc_present(host)
    iproute_names._LINE.match(text)
    unconfirmed.uptime(host)


def _mounts(data):
    for inode, path in mounts.read(data):
        assert inode >= 0 and isinstance(path, bytes)
    own = elsewhere.parse(data)
    for (device, inside), point in elsewhere.namespaces_in(own):
        assert isinstance(device + inside + point, bytes)
    elsewhere.Mounts(own, None).add(7, data, (b'0:25', b'/netns'))
    for path in (b'/run/netns', b'/run/netns/a'):
        chain = elsewhere.upon_each_other(own, elsewhere.mount_of(own, path))
        assert len(set(mount.number for mount in chain)) == len(chain)
        elsewhere._is_shown_all(chain)


def _listeners(data):
    host = _Printing(None, native(data))
    for protocol in ('tcp', 'udp'):
        for address in (None, '10.0.0.1', 'fd00::1'):
            listeners.listening(host, Port(protocol, address, 80, 90, 80), True)


_NFT = ('table inet filter {\n', '\tchain forward {\n', '\t\ttype filter hook forward priority 0; policy drop;\n',
        '\t\tct state established,related accept\n', '\t\tiifname "br0" oifname { "a", "b" } drop\n', '\t}\n', '}\n',
        ' jump x', ' goto forward', ' vmap ', ' counter packets 1 bytes 2 ', 'comment "netnsctl w"', ' # handle 5',
        '\t\treject\n', 'table ip netnsctl {\n', 'dnat to ', 'masquerade', '\x0b', '\xc2\x85')
_SAVE = ('*filter\n', '*nat\n', ':FORWARD DROP [1:2]\n', ':FORWARD ', '-A FORWARD ', '-i br0 ', '-o ! ', '-j ACCEPT\n',
         '-j DROP\n', '-g x\n', '-m conntrack --ctstate RELATED,ESTABLISHED ', 'COMMIT\n', '[1:2] ',
         '-m comment --comment "netnsctl: w" ', '# Generated by iptables-nft-save', '-j NETNSCTL-NAT\n') + tuple(
             sorted(iptables.CHAINS))
_PROC = ('Uid:\t0\t0\t0\t0\n', '7 (x) S 1 ', ')', '0::/docker/' + ID + '\n', '/proc/net/unix',
         ' @/var/lib/lxc/a/command\n',
         'lxc.lxcpath = /x\n', 'graphroot = "/x"\n', '\0', '\x0b', '\xc2\x85', '\r')

TARGETS = [
    Target('nft', _nft, _NFT),
    Target('iptables', _iptables, _SAVE),
    Target('ip', _ip, ('RTNETLINK answers: File exists\n', 'Command failed -:1\n', 'Object "netns" is unknown', '\xff',
                       'Error: ', '"eth0"', 'Cannot find device', 'ip utility, iproute2-')),
    Target('proc', _proc, _PROC),
    Target('mountinfo', _mounts, (' net:[4026531840] ', ' - nsfs nsfs rw\n', '\\040', '/run/netns/a', '\\999', '\r',
                                  ' 0:25 ', '36 35 0:25 /netns /run/netns rw', ' - tmpfs tmpfs rw\n', ' master:1')),
    Target('listeners', _listeners, ('0: 00000000:0050 00000000:0000 0A ', '0100007F:', ' 07 ', '\n', ':')),
]
