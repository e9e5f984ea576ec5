"""The ways to make COUNT wires between named namespaces, each as one whole process: a function that returns Spent."""
from __future__ import absolute_import, division, print_function

import json
import os

import world
from measuring import HERE, Skipped, run
from world import write

# As a person's script has them: one sh, nine processes a wire.
NINE = '''ip link add A type veth peer name B
ip link set A netns {a}
ip netns exec {a} ip addr add 10.1.1.1/32 dev A
ip netns exec {a} ip link set A up
ip netns exec {a} ip route add 10.1.1.2/32 dev A
ip link set B netns {b}
ip netns exec {b} ip addr add 10.1.1.2/32 dev B
ip netns exec {b} ip link set B up
ip netns exec {b} ip route add 10.1.1.1/32 dev B
'''
PAIR = 'link add A netns {a} type veth peer name B netns {b}\n'
END = 'addr add {own}/32 dev {dev}\nlink set {dev} up\nroute add {other}/32 dev {dev}\n'
CNI_FOLDERS = ('/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni')


def names_of(prefix, count):
    """[(name of the a side, name of the b side)]"""
    return [('%sa%d' % (prefix, number), '%sb%d' % (prefix, number)) for number in range(count)]


def pairs_of(count, sharing):
    """How many pairs of namespaces lines_of() takes."""
    return -(-count // sharing)


def lines_of(prefix, count, sharing, first=0):
    """The lines of a file of that many wires, so many between the same two of names_of(), from that pair on."""
    return ['netns://%s:L%d=10.1.%d.1/32 netns://%s:L%d=10.1.%d.2/32\n' % (a, at, at, b, at, at)
            for a, b in names_of(prefix, first + pairs_of(count, sharing))[first:] for at in range(sharing)][:count]


def nine_commands(prefix, count):
    return _script('nine', ''.join(NINE.format(a=a, b=b) for a, b in names_of(prefix, count)))


def ip_batch(prefix, count):
    """The best of iproute2: every pair in one process, made in place, then a process for each namespace."""
    pairs = write('pairs', ''.join(PAIR.format(a=a, b=b) for a, b in names_of(prefix, count)))
    ends = dict((dev, write('end-' + dev, END.format(dev=dev, own=own, other=other)))
                for dev, own, other in (('A', '10.1.1.1', '10.1.1.2'), ('B', '10.1.1.2', '10.1.1.1')))
    return _script('batch', 'ip -batch %s\n' % pairs + ''.join(
        'ip -n %s -batch %s\nip -n %s -batch %s\n' % (a, ends['A'], b, ends['B']) for a, b in names_of(prefix, count)))


def quoted(word):
    return "'%s'" % word.replace("'", "'\\''")


def _script(name, text):
    path = write(name + '.sh', text)
    return lambda: run(['sh', '-e', path])


def cni_ptp(floor, prefix, count):
    """One side only, as the plugin does it: a veth from the namespace to the host, with addresses and a default
    route."""
    return _cni(floor, 'ptp', ['A' for _ in range(count)], [a for a, _ in names_of(prefix, count)])


def cni_bridge(floor, prefix, count):
    """Both sides, plugged into one bridge for each pair (a bridge has 1023 ports)."""
    return _cni(floor, 'bridge', ['A', 'B'] * count, [name for pair in names_of(prefix, count) for name in pair])


def netnsctl_as_cni(python, prefix, count):
    """The same by netnsctl's CNI plugin, with the same IPAM plugin."""
    text = 'import sys; sys.path[:1] = %r; from netnsctl.plugins.cni import main; main()' % (python.folders,)
    program = [python.argv[0], '-sES', '-c', text]
    names = [name for pair in names_of(prefix, count) for name in pair]
    return _cni(True, 'netnsctl', ['A', 'B'] * count, names, ' '.join(map(quoted, program)))


def _cni(floor, plugin, links, names, program=None):
    if floor is None:
        raise Skipped('what CNI plugins make is taken away by the C program, which there is none of')
    needed = plugin if program is None else 'static'
    folder = next((folder for folder in CNI_FOLDERS if os.path.exists('%s/%s' % (folder, needed))), None)
    if folder is None:
        raise Skipped('there is no CNI plugin %s (Debian: containernetworking-plugins)' % needed)
    lines = ['export CNI_COMMAND=ADD CNI_PATH=' + folder]
    for number, (link, name) in enumerate(zip(links, names)):
        config = {'cniVersion': '0.4.0', 'name': 'bench', 'type': plugin, 'ipMasq': False,
                  'ipam': {'type': 'static', 'addresses': [{'address': '10.1.1.%d/24' % (1 + number % 2)}]}}
        if plugin == 'bridge':
            config['bridge'] = 'br%d' % (number // 2)
        elif plugin == 'netnsctl':
            config['anchor'] = 'bridge://br%d' % (number // 2)
        else:
            config['ipam'] = {'type': 'host-local', 'dataDir': world.SCRATCH + '/ipam', 'subnet': '10.64.0.0/12',
                              'routes': [{'dst': '0.0.0.0/0'}]}
        path = write('cni-%s-%d.json' % (plugin, number), json.dumps(config))
        lines.append('CNI_CONTAINERID=c%d CNI_IFNAME=%s CNI_NETNS=/run/netns/%s %s <%s'
                     % (number, link, name, program or '%s/%s' % (folder, plugin), path))
    return _script('cni-' + plugin, '\n'.join(lines) + '\n')


def remove_cni(floor, prefix, count):
    """What both plugins left: links, bridges on the host, and the addresses that were noted down."""
    for dev, side in (('A', 'a'), ('B', 'b')):
        floor.unwire(prefix, count, dev=dev, side=side)
    # Not by /sys/class/net, which shows the network that it was mounted in. The first two lines are a heading.
    with open('/proc/net/dev') as source:
        names = [line.partition(':')[0].strip() for line in source.readlines()[2:]]
    bridges = [name for name in names if name.startswith('br')]
    if bridges:
        run(['ip', '-batch', write('group', ''.join('link set %s group 77\n' % name for name in bridges))])
        run(['ip', 'link', 'delete', 'group', '77'])
    run(['rm', '-rf', world.SCRATCH + '/ipam'])


def pyroute2_netns(python, prefix, count):
    """NetNS as pyroute2's documentation shows it."""
    argv = python.bare[:2] + [os.path.join(HERE, 'with_pyroute2.py'), prefix, str(count), python.folders[-1]]
    return lambda: run(argv)


def netnsctl(python, backend, prefix, count, words=()):
    """One wire by its two endpoints, many by a file of wires; each is checked by an echo both ways, unless the words
    say otherwise."""
    lines = ['netns://%s:A=10.1.1.1/32 netns://%s:B=10.1.1.2/32' % pair for pair in names_of(prefix, count)]
    if count == 1:
        ends = lines[0].split()
    else:
        ends = ['-f', write('wires', '\n'.join(lines) + '\n')]
    argv = python.argv + ['wire', '--backend', backend] + list(words) + ends
    return lambda: run(argv)


def delete_links(prefix, count):
    return _script('delete', ''.join('ip -n %s link delete A\n' % a for a, _ in names_of(prefix, count)))
