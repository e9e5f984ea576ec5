"""Scenes that are played with each release and kept: wires, the records and files that they have, and what commands
print of them as JSON. Later releases play them again, and take the records and files for their own.

A scene is a folder of tests/releases/VERSION: scene.json (setup: shell; make: [[words, exit status]]; see: [words of
commands with --json]), seen.json ([[words, exit status, document]]), records and tree.
"""
from __future__ import absolute_import, division, print_function

import io
import json
import os
import re

from support.process import native
from support.program import TOP

FOLDER = os.path.join(TOP, 'tests', 'releases')
RECORDS, TREE = '/run/netnsctl/wires', '/etc/sysconfig/netns'
PLACES = 'for name in $(ls /run/netns | sort); do echo "# $name"; ip netns exec $name sh -c "%s"; done; %s'
# What a wire may change on a host, less counters, indexes and lifetimes.
LOOK = ('ip -o link | sed \'s/^[0-9]*: //; s/ link-netns.*//; s/@[^:]*//; s/ qdisc [a-z]*//\' | cut -d \\\\  -f 1; '
        'ip -4 -o addr | cut -d \' \' -f 2-9; ip -4 route; ip rule')
HOST = 'nft list ruleset 2>&1 || true; cat /proc/sys/net/ipv4/ip_forward'

# What differs each time that a scene is played, by key, and in text: MAC addresses, names that nobody gave.
BY_CHANCE = frozenset(('cookie', 'group', 'id', 'index', 'ino', 'inode', 'made', 'node', 'peer_index', 'seconds',
                       'since', 'time'))
BY_CHANCE_IN_TEXT = re.compile('([0-9a-f]{2}:){5}[0-9a-f]{2}|nw[0-9a-f]{10,}')


def canonical(document):
    """How a document is kept: text, with a line at the end."""
    return native(json.dumps(document, indent=1, sort_keys=True, separators=(',', ': '))) + '\n'


def load(path):
    with io.open(path, encoding='utf-8') as source:
        return json.load(source)


def versions():
    """The releases that are kept, the first one first."""
    found = [name for name in os.listdir(FOLDER) if os.path.isdir(os.path.join(FOLDER, name))]
    return sorted(found, key=lambda name: [int(part) for part in name.split('.')])


def kept():
    """[(version, name of a scene)] of all that are kept."""
    return [(version, name) for version in versions()
            for name in sorted(os.listdir(os.path.join(FOLDER, version, 'scenes')))]


class Scene(object):
    """A scene that was kept."""

    def __init__(self, version, name):
        self.folder = os.path.join(FOLDER, version, 'scenes', name)
        plan = load(os.path.join(self.folder, 'scene.json'))
        self.setup, self.make, self.see = plan['setup'], plan['make'], plan['see']
        seen = os.path.join(self.folder, 'seen.json')
        self.seen = load(seen) if os.path.exists(seen) else []

    def files(self, kind):
        """{path below the folder: text} of its 'records' or its 'tree'."""
        top = os.path.join(self.folder, kind)
        found = {}
        for folder, _, names in os.walk(top):
            for name in names:
                with io.open(os.path.join(folder, name), encoding='utf-8') as source:
                    found[os.path.relpath(os.path.join(folder, name), top)] = source.read()
        return found


def state(host):
    """Links, addresses, routes, rules of the host and its namespaces, and the firewall: text."""
    return host.sh('%s; %s; %s' % (PLACES % (LOOK.replace('"', '\\"').replace('$', '\\$'), 'true'), LOOK, HOST))


def made(host, make):
    """Runs the commands of a scene, each of which must end as it did."""
    for words, status in make:
        result = host(*words)
        assert result.status == status, (words, result)


def look(host, see):
    """What commands print as JSON: [[words, exit status, document]]; of `watch`, a list of documents;
    of what prints none, an empty one."""
    found = []
    for words in see:
        result = host(*words)
        lines = result.out.splitlines() if words[0] == 'watch' else [result.out] if result.out else []
        documents = [json.loads(line) for line in lines]
        found.append([words, result.status, documents if words[0] == 'watch' or not documents else documents[0]])
    return found


def records(host):
    """{wire: its record} as the host has them now."""
    return dict((name[:-len('.json')], json.loads(host.sh('cat %s/%s' % (RECORDS, quoted(name)))))
                for name in host.sh('ls %s' % RECORDS).split() if name.endswith('.json'))


def files_below(host, folder):
    """{path below it: text}"""
    names = host.sh('cd %s 2>/dev/null && find . -type f | sort || true' % folder).split('\n')
    return dict((name[2:], host.sh('cat %s/%s' % (folder, quoted(name)))) for name in names if name)


def quoted(text):
    return "'%s'" % text.replace("'", "'\\''")


def put(host, folder, files):
    """Writes files below a folder of the host."""
    for name, text in sorted(files.items()):
        path = '%s/%s' % (folder, name)
        host.sh('mkdir -p %s; cat >%s <<\\END\n%s\nEND' % (quoted(os.path.dirname(path)), quoted(path),
                                                          native(text).rstrip('\n')))


def grafted(old, now):
    """The record of an earlier release as if it had been written for the links and namespaces that there are now.

    old, now: of the same wire. Nothing but what the kernel or chance decided is taken from the record of now.
    """
    text = json.dumps(old)
    for before, after in chosen(old, now):
        text = text.replace(json.dumps(before), json.dumps(after))
    record = json.loads(text)
    for end, other in zip(record['ends'], now['ends']):
        for key in ('index', 'node'):
            if end.get(key) is not None:
                end[key] = other.get(key)
    labels = dict((identity['label'], identity) for identity in now['netns'].values())
    for identity in record['netns'].values():
        if identity['label'] in labels:
            identity.update((key, value) for key, value in labels[identity['label']].items() if key in identity)
    for step in record['undo']:
        for key, end in (('index', 0), ('peer_index', 1)):
            if step.get(key) is not None:
                step[key] = now['ends'][end]['index']
    return record


def chosen(old, now):
    """[(word of the old record, word of the new one)]: MAC addresses, and names of links that nobody gave."""
    found = []
    for end, other in zip(old['ends'], now['ends']):
        found += [(end[key], other[key]) for key in ('mac', 'dev') if end.get(key) and other.get(key)]
    macs = dict((step['dev'], step['mac']) for step in now['plan'] if step.get('mac'))
    for step in old['plan']:
        after = macs.get(dict(found).get(step.get('dev'), step.get('dev')))
        if after and step.get('mac') and step['mac'] not in dict(found):
            found.append((step['mac'], after))
        # vxlan:// is made under a name by chance, and moved.
        if re.match('nw[0-9a-f]{10}', step.get('dev') or '') and step['dev'] not in dict(found):
            found += [(step['dev'], other['dev']) for other in now['plan'] if other['verb'] == step['verb']
                      and re.match('nw[0-9a-f]{10}', other['dev'])]
    return [pair for pair in found if pair[0] != pair[1]]


def is_of_link(value):
    return kind_of(value) == 'text' and value is not None and value.startswith('fe80:')


def without_chance(value, key=''):
    """A document without what the kernel, the clock or chance decides: numbers of that kind, MAC addresses, names, and
    addresses of the link, which the kernel gives when it comes to it."""
    if isinstance(value, dict):
        return dict((name, without_chance(one, name)) for name, one in value.items())
    if isinstance(value, list):
        return [without_chance(one, key) for one in value if not is_of_link(one)]
    if key in BY_CHANCE and value is not None:
        return kind_of(value)
    return BY_CHANCE_IN_TEXT.sub('*', value) if kind_of(value) == 'text' and value is not None else value


def lacking_shape(old, new, where=''):
    """What of the fields of an old document, and of their types, a new one lacks: list of text. null is of any type."""
    if old is None or new is None:
        return []
    if kind_of(old) != kind_of(new):
        return ['%s: was %s, is %s' % (where, kind_of(old), kind_of(new))]
    if isinstance(old, dict):
        return sum([lacking_shape(value, new[key], '%s.%s' % (where, key)) if key in new
                    else ['%s.%s is gone' % (where, key)] for key, value in sorted(old.items())], [])
    if isinstance(old, list) and old and new:
        # Lists of one sort of thing: what each item of the old one has, some item of the new one has.
        faults = []
        for item in old:
            trials = [lacking_shape(item, other, where + '[]') for other in new]
            faults += min(trials, key=len)
        return faults
    return ['%s: nothing is in it' % where] if isinstance(old, list) and old else []


def kind_of(value):
    for kind, name in ((bool, 'true or false'), ((int, float), 'a number'), (dict, 'an object'), (list, 'a list')):
        if isinstance(value, kind):
            return name
    return 'text'
