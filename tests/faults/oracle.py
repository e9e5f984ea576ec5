"""The oracle: all that a command may change on a host, as lists of lines that compare equal.

look() -> {what: sorted lines}. Left out is what moves by itself (lifetimes, carriers, link-local addresses), the lock
file, which the first run makes and which stays, and what netnsctl remembers of the host's `ip`.
"""

from __future__ import absolute_import, division, print_function

import hashlib
import json
import os
import re
import stat
import time

from support import process, snapshot

STATE = snapshot.STATE
CONFIG = ('/etc/sysconfig/netns', '/etc/netns', '/etc/netnsctl.conf', '/etc/yum.repos.d', '/etc/pki/rpm-gpg',
          '/etc/sysctl.d', '/var/lib/netnsctl', '/usr/local/sbin')
# Of a list that differs, so many lines are told.
MOST_LINES = 12
_LASTING = (STATE + '/lock', STATE + '/ip.json')
# Few processes a namespace. Sysctls of a link go with it, so those of what stays are enough.
_SCRIPT = r"""
cd /proc/sys/net
conf='ipv4/conf/all ipv4/conf/default ipv4/conf/lo ipv4/ip_forward ipv6/conf/all ipv6/conf/default ipv6/conf/lo'
for place in "$@"; do
    case $place in
        host) enter='' ;;
        [0-9]*) enter="nsenter -t $place -n" ;;
        *) enter="nsenter --net=/run/netns/$place" ;;
    esac
    echo "== $place"
    $enter ip -d -j -batch "$FOUR" 2>&1 || continue
    echo '--'
    $enter ip -6 -j -batch "$SIX" 2>&1
    echo '--'
    $enter grep -rs . $conf || :
    $enter grep -s . ipv6/conf/*/accept_ra || :
    echo '--'
    $enter tc qdisc show 2>&1
    echo '--'
    $enter bridge fdb show 2>&1
done
"""
_BATCHES = {'FOUR': 'address\nroute show table all\nrule\n', 'SIX': 'route show table all\nrule\n'}
# What is made by chance or by the order of things, and may be another after the next run.
_CHANCE = ('identity ', 'content ')


def look(pids=(), root=''):
    """The state now: of the host, every named namespace, those of these PIDs, and the files below `root`."""
    state = {'names': snapshot.namespace_names(), 'mounts': _mounts(), 'processes': _processes()}
    state['state'], state['content state'] = _files((STATE,), root)
    state['config'], content = _files(CONFIG, root)
    state['config'] += content
    state['rules'] = process.must(['nft', '-s', 'list', 'ruleset']).splitlines()
    state['sysctls'] = snapshot.listing('/run/sysctl.d')
    with open('/proc/sys/net/ipv4/ip_forward') as switch:
        state['forwarding'] = switch.read()
    if os.path.exists('/run/openvswitch/db.sock'):
        # What a killed ovs-vsctl left to do is done before it answers.
        words = ['ovs-vsctl', '--timeout=20', '--format=csv', '--columns=name,tag,external_ids', 'list', 'Port']
        state['ports'] = sorted(process.must(words).splitlines())
    for place, text in _inside(['host'] + snapshot.listing(snapshot.NAMES) + ['%d' % pid for pid in pids]):
        _note_inside(state, place, text)
    return state


def _inside(places):
    """[(place, what _SCRIPT prints of it)]"""
    environ = dict(os.environ, LC_ALL='C')
    for name, text in _BATCHES.items():
        environ[name] = os.path.join('/run', '.oracle-' + name)
        if not os.path.exists(environ[name]):
            with open(environ[name], 'w') as batch:
                batch.write(text)
    out = process.run(['sh', '-c', _SCRIPT, 'sh'] + places, environ=environ).out
    return [part.split('\n', 1) for part in ('\n' + out).split('\n== ')[1:]]


def _note_inside(state, place, text):
    parts = text.split('--\n')
    if len(parts) != 5:
        state['links ' + place] = ['cannot be entered']
        return
    documents = [_documents(part) for part in parts[:2]]
    links = documents[0][0] if documents[0] else []
    state['links ' + place] = sorted(_link(item) for item in links)
    state['identity ' + place] = sorted('%s %s %s' % (item.get('ifname'), item.get('ifindex'), item.get('address'))
                                        for item in links)
    routes = [item for found in (documents[0][1:2], documents[1][:1]) for item in (found[0] if found else [])]
    state['routes ' + place] = sorted(_route(item) for item in routes if not _is_by_itself(item))
    rules = [item for found in (documents[0][2:], documents[1][1:]) for item in (found[0] if found else [])]
    state['rules ' + place] = sorted(json.dumps(item, sort_keys=True) for item in rules)
    state['sysctls ' + place] = sorted(parts[2].splitlines())
    # What shapes; its handle is another each time, and tc counts a burst in whole microseconds: it may be a byte less.
    state['queues ' + place] = sorted(re.sub(' [0-9a-f]+:[0-9a-f]*| refcnt [0-9]+', '',
                                             re.sub('( burst [0-9]+)[0-9]b', r'\1', line))
                                      for line in parts[3].splitlines() if re.match('qdisc (tbf|netem) ', line))
    # What a VXLAN sends to all; what it has learned goes by itself.
    state['remotes ' + place] = sorted(line for line in parts[4].splitlines() if re.match('[0:]+ dev .* dst ', line))


def _documents(text):
    """The JSON documents that `ip -batch` prints, one after the other."""
    found = []
    decoder = json.JSONDecoder()
    text = text.strip()
    while text:
        try:
            document, end = decoder.raw_decode(text)
        except ValueError:
            return found + [[{'ifname': 'ip: ' + text}]]
        found.append(document)
        text = text[end:].strip()
    return found


def _link(item):
    addresses = sorted('%s/%s %s' % (one.get('local'), one.get('prefixlen'), one.get('scope'))
                       for one in item.get('addr_info', ()) if not str(one.get('local')).startswith('fe80:'))
    kind = (item.get('linkinfo') or {}).get('info_kind')
    return ' '.join(str(part) for part in (
        item.get('ifname'), kind, item.get('mtu'), 'up' if 'UP' in item.get('flags', ()) else 'down',
        item.get('master', '-'), item.get('ifalias', '-'), ','.join(addresses)))


def _is_by_itself(item):
    dst = str(item.get('dst'))
    # Those of IPv6 addresses come once nobody else has answered to them.
    return dst.startswith(('fe80:', 'ff00:', 'multicast')) or ':' in dst and item.get('type') in ('local', 'anycast')


def _route(item):
    kept = dict((key, value) for key, value in snapshot.steady(item).items() if key not in ('flags', 'pref'))
    return json.dumps(kept, sort_keys=True)


def _mount_rows():
    with open('/proc/self/mountinfo') as source:
        return [line.split() for line in source]


# What lies below the /run of a world, out of sight.
_BELOW = set(row[0] for row in _mount_rows())


def _mounts():
    rows = [row for row in _mount_rows() if row[0] not in _BELOW]
    found = sorted('%s %s' % (row[4], row[row.index('-') + 1]) for row in rows if row[4].startswith('/run/'))
    # The folder of names is mounted on itself by the first `add`, of iproute2's or ours, and stays so: once.
    itself = [line for line in found if line.startswith(snapshot.NAMES + ' ')]
    return [line for line in found if line not in itself] + itself[1:]


def _processes():
    """Every process of this world but this one and what has ended."""
    found = []
    for name in os.listdir('/proc'):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open('/proc/%s/stat' % name) as source:
                if source.read().rpartition(')')[2].split()[0] in ('Z', 'X'):
                    continue
            with open('/proc/%s/cmdline' % name) as source:
                words = source.read().replace('\0', ' ')
            # A client for addresses comes and goes with its wire.
            found.append('%s %s' % ('-' if '/run/netnsctl/dhcp/' in words else name, words[:120]))
        except (OSError, IOError):
            continue  # ended meanwhile
    return sorted(found)


def _files(places, root):
    """(lines of path, kind and mode; lines of path and content) of all below these places."""
    found, content = [], []
    for place in places:
        paths = [place]
        for folder, folders, names in os.walk(root + place):
            paths += [os.path.join(folder, name)[len(root):] for name in folders + names]
        for path in paths:
            if path in _LASTING:
                continue
            try:
                mode = os.lstat(root + path).st_mode
                # A journal's folders are made by the first run.
                # And an empty folder in /etc/netns, or of the tree, says nothing.
                if stat.S_ISDIR(mode) and path.startswith((STATE, '/etc/netns/', '/etc/sysconfig/netns/')):
                    continue
                # Who comes first writes a client's PID: we, or the client, by its own ways. Nobody else gets there.
                shown = '-' if path.startswith(STATE + '/dhcp/') else '%o' % stat.S_IMODE(mode)
                found.append('%s %s %s' % (path, snapshot.kind_of(mode), shown))
                if stat.S_ISLNK(mode):
                    content.append('%s -> %s' % (path, os.readlink(root + path)))
                elif stat.S_ISREG(mode):
                    with open(root + path, 'rb') as source:
                        content.append('%s = %s' % (path, _digest(source.read())))
            except (OSError, IOError):
                continue
    return sorted(found), sorted(content)


def _digest(data):
    text = process.native(data)
    return json.dumps(text) if len(text) < 300 else hashlib.sha256(data).hexdigest()


def same(one, other, by_chance=False):
    """Are two states equal? by_chance: also in what is made by chance."""
    return not difference(one, other, by_chance)


def difference(one, other, by_chance=False):
    """What differs, as a person reads it; '' where nothing does."""
    keys = [key for key in set(one) | set(other) if by_chance or not key.startswith(_CHANCE)]
    texts = [snapshot.difference({key: one.get(key, [])}, {key: other.get(key, [])}) for key in sorted(keys)]
    return '\n'.join('\n'.join(text.splitlines()[:MOST_LINES]) for text in texts if text)


def differ_in_old_files(wanted, state):
    """Is the state the one that is wanted, but for old files of the tree that a save has kept under temp names?"""
    cut = dict(state, config=[line for line in state['config'] if '.old.tmp ' not in line])
    return cut['config'] != state['config'] and same(wanted, cut)


def lost_identities(sides, state):
    """Links that are the same on all sides, and so are nobody's to touch, but are not in this state: lines."""
    sides = list(sides)
    found = []
    for key in sorted(sides[0]):
        if key.startswith('identity '):
            kept = [line for line in sides[0][key] if all(line in side.get(key, ()) for side in sides)]
            found += ['%s: %s' % (key, line) for line in kept if line not in state.get(key, ())]
    return found


def wait_for(states, pids=(), root='', seconds=4.0):
    """Looks until the state is one of these, or for some seconds (a namespace dies tens of milliseconds after its last
    user): (index or None, state)."""
    deadline = time.time() + seconds
    while True:
        now = look(pids, root)
        for index, state in enumerate(states):
            if same(state, now):
                return index, now
        if time.time() >= deadline:
            return None, now
        time.sleep(0.05)


def temporary(state):
    """Files of the state that no run but one that was killed leaves. (Those of the tree go with the next run that
    writes to it, those of the OCI hook with the next container that starts.)"""
    return [line for line in state['state'] if re.search(r'\.tmp |\.pending\.json |/groups/.', line)
            and not line.startswith(STATE + '/oci/')]
