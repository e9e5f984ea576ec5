"""A throwaway host with an outside: the namespace `out`, at 192.0.2.9 and 2001:db8::9, behind the host's link up0."""
from __future__ import absolute_import, division, print_function

import pytest

from support.aside import own_host

NETWORK = """
ip netns add out; ip netns add web; ip netns add db
ip link add up0 type veth peer name eth0 netns out
ip address add 192.0.2.1/24 dev up0; ip address add 2001:db8::1/64 dev up0 nodad; ip link set up0 up
ip -n out address add 192.0.2.9/24 dev eth0; ip -n out address add 2001:db8::9/64 dev eth0 nodad
ip -n out link set eth0 up; ip -n out link set lo up; ip -n web link set lo up; ip -n db link set lo up
sysctl -q -w net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
"""
# Says who asks, and then what its own name is.
ANSWER = """import socket, sys
kind = socket.SOCK_DGRAM if sys.argv[1] == 'udp' else socket.SOCK_STREAM
server = socket.socket(socket.AF_INET6 if ':' in sys.argv[2] else socket.AF_INET, kind)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((sys.argv[2], int(sys.argv[3])))
if kind == socket.SOCK_STREAM:
    server.listen(5)
sys.stdout.write('ready\\n')
sys.stdout.flush()
while True:
    if kind == socket.SOCK_STREAM:
        connection, peer = server.accept()
        connection.sendall(('%s %s' % (sys.argv[4], peer[0])).encode())
        connection.close()
    else:
        _, peer = server.recvfrom(100)
        server.sendto(('%s %s' % (sys.argv[4], peer[0])).encode(), peer)
"""
ASK = """import socket, sys, time
kind = socket.SOCK_DGRAM if sys.argv[1] == 'udp' else socket.SOCK_STREAM
asker = socket.socket(socket.AF_INET6 if ':' in sys.argv[2] else socket.AF_INET, kind)
asker.settimeout(float(sys.argv[4]))
deadline = time.time() + float(sys.argv[4])
try:
    asker.bind(('', int(sys.argv[5])))
    asker.connect((sys.argv[2], int(sys.argv[3])))
    while kind == socket.SOCK_DGRAM and time.time() < deadline:
        # A link that has just come up may lose the first.
        asker.settimeout(0.3)
        asker.send(b'?')
        try:
            print(asker.recv(100).decode())
            sys.exit()
        except socket.timeout:
            continue
    print(asker.recv(100).decode())
except (socket.error, OSError):
    print('no answer')
"""
# Sends a datagram to the host as from any address: what root in a container can do.
FORGE = """import socket, struct, sys
source, target, port, mac, dev = sys.argv[1:]
def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff
udp = struct.pack('!HHHH', 4444, int(port), 9, 0) + b'!'
ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(source),
                 socket.inet_aton(target))
ip = ip[:10] + struct.pack('!H', checksum(ip)) + ip[12:]
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((dev, 0x800))
wire.send(bytes(bytearray.fromhex(mac.replace(':', ''))) + wire.getsockname()[4] + b'\\x08\\x00' + ip + udp)
"""
# Says who was the first to send a datagram.
FIRST = """import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('0.0.0.0', int(sys.argv[1])))
sys.stdout.write('ready\\n')
sys.stdout.flush()
sys.stdout.write(server.recvfrom(100)[1][0] + '\\n')
"""
FILES = {'answer': ANSWER, 'ask': ASK, 'forge': FORGE, 'first': FIRST}


class UplinkHost(object):
    """host: the Aside. program: 'nft' or 'iptables', by /etc/netnsctl.conf."""

    def __init__(self, run_netnsctl, program):
        self.host, self.program = own_host(run_netnsctl), program
        self.host.sh(NETWORK)
        self.host.sh('echo "firewall = %s" >/etc/netnsctl.conf; chmod 644 /etc/netnsctl.conf' % program)
        for name, text in FILES.items():
            self.host.sh("cat >/run/%s.py <<'end-of-file'\n%send-of-file\n" % (name, text))
        self.sh = self.host.sh

    def __call__(self, *words, **options):
        return self.host(*words, **options)

    def rules(self):
        """All that the host's firewall holds, of both programs, without counters."""
        return self.sh("nft -s list ruleset; for p in iptables-legacy ip6tables-legacy; do "
                       "for t in nat raw filter; do $p -t $t -S; done; done")

    def serve(self, name, port, protocol='tcp', address='0.0.0.0'):
        """A server in a namespace (None: the host's) that answers with the namespace's name and who asked."""
        inside = 'ip netns exec %s ' % name if name else ''
        self.sh('%spython3 /run/answer.py %s %s %d %s >/run/said-%s-%d 2>&1 </dev/null & echo $! >>/run/servers; '
                'for i in $(seq 600); do grep -q ready /run/said-%s-%d && exit 0; sleep 0.05; done; '
                'cat /run/said-%s-%d; exit 1' % ((inside, protocol, address, port, name or 'host')
                                                 + (name or 'host', port) * 3))

    def ask(self, name, address, port, protocol='tcp', seconds=10, source=0):
        """What a server answers to a namespace (None: the host): 'web 192.0.2.9', or 'no answer'."""
        inside = 'ip netns exec %s ' % name if name else ''
        return self.sh('%spython3 /run/ask.py %s %s %d %s %d' % (inside, protocol, address, port, seconds,
                                                                 source)).strip()

    def close(self):
        self.host.sh('for p in $(cat /run/servers 2>/dev/null); do kill $p || true; done')
        self.host('unwire', '--all')
        self.host.close()


@pytest.fixture(params=['nft', 'iptables'])
def world(request, run_netnsctl):
    """An UplinkHost, for each program that translates addresses."""
    made = UplinkHost(run_netnsctl, request.param)
    yield made
    made.close()
