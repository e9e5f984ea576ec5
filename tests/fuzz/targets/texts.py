"""What people write: endpoints, files of wires, the tree, compose files, settings."""
from __future__ import absolute_import, division, print_function

import os

from fuzz.targets import Target, folder
from netnsctl.compat import native
from netnsctl.edge.files import settings
from netnsctl.edge.host import Host
from netnsctl.edge.packages import repo_files
from netnsctl.model import endpoint, own_wires, wires_file
from netnsctl.model.endpoint import Target as Place
from netnsctl.model.ifcfg import aliases, assignments, interface, lines, link, route_files
from netnsctl.model.ifcfg.fields import FIELDS
from netnsctl.model.routing import no_names
from netnsctl.usecases.asked import compose
from netnsctl.usecases.tree import reading

ITEMS = ('gw=', 'mac=', 'mtu=', 'route=', 'rate=', 'burst=', 'delay=', 'jitter=', 'loss=', 'publish=', 'tag=', 'mode=',
         'remote=', 'local=', 'dev=', 'port=', 'ttl=', 'trunks=', 'dhcp', 'nat', 'open', 'localhost', 'ipv6', 'host')
SCHEMES = tuple('%s://' % name for name in endpoint.SCHEMES)
ADDRESSES = ('10.1.1.1/32', '10.1.0.0/16', 'fd00::1/64', 'default', '0.0.0.0/0', '::', '02:00:00:00:00:01', '10mbit',
             '20ms', '1%', '80:80', '8000-8010:80', '[::1]:80:80', '/udp', '@10.1.1.2')


def _endpoint(data):
    found = endpoint.parse(native(data))
    if found.is_in_grammar():
        again = endpoint.parse(str(found))
        for name in found.__slots__ if hasattr(found, '__slots__') else found.__dict__:
            one, other = getattr(found, name), getattr(again, name)
            assert one == other, '%s: %s became %s' % (name, one, other)


def _wires_file(data):
    text = native(data)
    found, errors = wires_file.parse(text, 'f')
    assert len(found) + len(errors) <= text.count('\n') + 1
    assert not [error for error in errors if not error.message.startswith('f:%d: ' % error.number)]


def _label(data):
    key, _, value = native(data).partition('\n')
    own = Place('docker', 'web')
    for what in (key, own_wires.LABEL):
        found, errors = own_wires.of_labels({what: value}, own)
        assert len(found) + len(errors) <= 1


def _ifcfg(data):
    text = native(data)
    interface.peer_in(text)
    parsed = lines.parse(text, 'f')
    found = link.from_lines(parsed, 'f', 'eth0')
    assert lines.update(parsed, [], lambda key: False) == text or '\n' not in text[-1:]
    written = ''.join('%s=%s\n' % (key, lines.quote(value)) for key, value in assignments.to_items(found))
    again = link.from_lines(lines.parse(written, 'written'), 'written', 'eth0')
    assert found == again, '%r became %r by %r' % (found, again, written)


def _alias(data):
    first, _, second = native(data).partition('\0')
    parent = link.from_lines(lines.parse(first, 'f'), 'f', 'eth0')
    aliases.read(second, 'a', 'eth0:1', parent)


def _rows_of(prefix):
    def read(data):
        parse = reading.parser_of(prefix, 'eth0', no_names)
        for _, value in route_files.parse(native(data), 'f', parse):
            words = value.words('eth0') if prefix.startswith('route') else value.words()
            assert parse(words) == value, '%r became %r' % (value, parse(words))
    return read


def _tree(data):
    """Files, each headed by a line `== DIRECTORY/NAME`."""
    top = folder.emptied('tree')
    place = top + '/etc/sysconfig/netns'
    for part in data.split(b'== ')[1:9]:
        name, _, text = part.partition(b'\n')
        name = native(name).replace('\0', '')
        words = name.split('/')
        if len(name.encode('utf-8', 'replace') if not isinstance(name, bytes) else name) < 100 and len(words) <= 2 \
                and not set(('', '.', '..')) & set(words) and not os.path.isdir('%s/%s' % (place, name)) \
                and not os.path.isfile('%s/%s' % (place, words[0])):
            folder.written('%s/%s' % (place, name), text)
    if not os.path.isdir(place):
        os.makedirs(place, 0o755)
    found = reading.read(Host(top))
    for problem in found.problems:
        assert problem.message


def _compose(data):
    path = folder.written(folder.root() + '/project/compose.yaml', data)
    found = compose.read(Host(environ={}, path='/nowhere'), path)
    assert found.name


def _settings(data):
    settings.parse(native(data))


def _repositories(data):
    try:
        repo_files.parse(native(data), 'f')
    except ValueError as error:
        assert str(error)


_ROUTE_WORDS = ('via', 'dev', 'src', 'metric', 'table', 'scope', 'proto', 'onlink', 'mtu', 'advmss', 'lock', 'nexthop',
                'weight', 'blackhole', 'unreachable', 'tos', 'realm', 'congctl', 'default', 'to', 'eth0', 'ADDRESS0=',
                'NETMASK0=', 'GATEWAY0=')
_RULE_WORDS = ('from', 'to', 'table', 'lookup', 'priority', 'prio', 'fwmark', 'iif', 'oif', 'not', 'tos', 'goto', 'nop',
               'suppress_prefixlength', 'suppress_ifgroup', 'l3mdev', 'uidrange', 'ipproto', 'sport', 'dport', 'all',
               'blackhole', 'realms', 'main')
_KEYS = tuple('%s=' % field.key for field in FIELDS)
_VALUES = ('yes', 'no', 'dhcp', 'static', 'Bridge', 'OVSPort', '"', "'", '\\')

TARGETS = [
    Target('endpoint', _endpoint, SCHEMES + ITEMS + ADDRESSES),
    Target('wires-file', _wires_file, SCHEMES + ITEMS + ADDRESSES + ('--name', '--mtu', '#')),
    Target('label', _label, ('netnsctl.wire\n', 'self:eth1=') + SCHEMES + ITEMS + ADDRESSES),
    Target('ifcfg', _ifcfg, _KEYS + _VALUES + SCHEMES + ADDRESSES),
    Target('alias', _alias, _KEYS + _VALUES + ADDRESSES),
    Target('route', _rows_of('route-'), _ROUTE_WORDS + ADDRESSES),
    Target('route6', _rows_of('route6-'), _ROUTE_WORDS + ADDRESSES),
    Target('rule', _rows_of('rule-'), _RULE_WORDS + ADDRESSES),
    Target('rule6', _rows_of('rule6-'), _RULE_WORDS + ADDRESSES),
    Target('tree', _tree, ('== host/ifcfg-br0\n', '== a/ifcfg-eth0\n', '== a/route-eth0\n', '== b/rule6-eth0\n',
                           '== a/ifcfg-eth0:1\n', '== .saving\n') + _KEYS + _VALUES + ADDRESSES),
    Target('compose', _compose, ('x-netnsctl:', 'wires:', 'services:', 'labels:', 'netnsctl.wire', 'name:', 'extends:',
                                 '<<: *a', '&a', '- ', '{', '}', '[', ']', '!!int', '!!binary', '? ')),
    Target('settings', _settings, ('backend', 'netlink', 'firewall', 'nft', 'pod_annotations', 'obey')),
    Target('repositories', _repositories, ('[rdo]', 'baseurl=', 'gpgcheck=', '%(a)s', '$releasever')),
]
