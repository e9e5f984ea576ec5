"""Parts of a map: netnsctl's wires alone, or the neighbourhood of one namespace."""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.errors import NotFoundError
from netnsctl.model.endpoint import RUNTIME_SCHEMES, split_scheme
from netnsctl.usecases.drawing import words


def wires_only(document):
    """The document with the ends of recorded wires alone, and what they hang on."""
    links = _Links(document)
    kept = set()
    for space in document['namespaces']:
        for link in space['links']:
            if 'wire' in link:
                _keep_upward(links, (space['id'], link['name']), kept)
    kept.update(_wire_anchors(document))
    return _of(document, kept, set())


def _wire_anchors(document):
    """Where an end has no link of its own: macvlan://eth0 is (host, eth0)."""
    for wire in document['wires']:
        for end in wire['ends']:
            name = words.anchor_of(end)
            if end['link'] is None and end['namespace'] and name:
                yield end['namespace'], name


def neighbourhood(document, name):
    """The document with one namespace, and of the others what it is joined to. NotFoundError if no namespace has that
    name: an id, the name of a container or of a namespace, or a PID."""
    meant = [space for space in document['namespaces'] if name in _names_of(space)]
    scheme, rest = split_scheme(name)
    if not meant and scheme is not None:  # docker:web
        name = '%s://%s' % (scheme, rest)
        meant = [space for space in document['namespaces'] if name in _names_of(space)]
    if not meant and re.match('(pid://)?[1-9][0-9]{0,9}\\Z', name):
        meant = _of_process(document, int(name.rpartition('/')[2]))
    if not meant:
        raise NotFoundError('map: no network namespace is called %s' % name, hint='To see all of them: netnsctl map')
    links = _Links(document)
    kept = set()
    for space in meant:
        for link in space['links']:
            _keep_around(links, (space['id'], link['name']), kept)
    home, ids = document['namespaces'][0], set(space['id'] for space in meant)
    if any(key[0] in ids and router[0] == home['id'] for key, router in words.routers_of(document).items()):
        # What they send elsewhere leaves the host there.
        kept.update((home['id'], gateway['link']) for gateway in home['gateways'])
    return _of(document, kept, ids)


def _of_process(document, pid):
    """The namespaces of the process with that PID, of which a document names only some: list."""
    try:
        place = os.stat('/proc/%d/ns/net' % pid)
    except OSError:
        return []
    return [space for space in document['namespaces'] if space['inode'] == place.st_ino]


def _names_of(space):
    """Everything that a namespace is called."""
    scheme, _, name = space['id'].partition('://')
    found = [space['id']] + ([name] if scheme in RUNTIME_SCHEMES else []) + space['names'] + space['mounts'] + [
        'netns://%s' % name for name in space['names']]
    for one in space['containers']:
        found += [one['name'], '%s://%s' % (one['runtime'], one['name']), one['id'], one['id'][:12],
                  '%s://%s' % (one['runtime'], one['id']), '%d' % one['pid'], 'pid://%d' % one['pid']]
    for one in space['processes']['first']:
        found += ['%d' % one['pid'], 'pid://%d' % one['pid']]
    return found


class _Links(object):
    """Looks up links by (id of the namespace, name)."""

    def __init__(self, document):
        self._links = dict(((space['id'], link['name']), link) for space in document['namespaces']
                           for link in space['links'])
        self._ports, self._children = {}, {}
        for (space, name), link in self._links.items():
            if 'master' in link:
                self._ports.setdefault((space, link['master']), []).append((space, name))
            if link.get('parent') and link['parent']['link']:
                parent = link['parent']['namespace'], link['parent']['link']
                self._children.setdefault(parent, []).append((space, name))

    def upward(self, key):
        """What a link needs to reach others: its peer, its parent, its master."""
        link = self._links.get(key, {})
        for word in ('peer', 'parent'):
            joint = link.get(word)
            if joint and joint['link']:
                yield joint['namespace'], joint['link']
        if 'master' in link:
            yield key[0], link['master']

    def below(self, key):
        """What hangs on it: the ports of a bridge, macvlans and vlans on a NIC."""
        return self._ports.get(key, []) + self._children.get(key, [])

    def peer(self, key):
        joint = self._links.get(key, {}).get('peer')
        return (joint['namespace'], joint['link']) if joint and joint['link'] else None


def _keep_upward(links, key, kept):
    waiting = [key]
    while waiting:
        one = waiting.pop()
        if one not in kept:
            kept.add(one)
            waiting.extend(links.upward(one))


def _keep_around(links, key, kept):
    """Also what shares a bridge or a NIC with it, and the peers of that."""
    before = set(kept)
    _keep_upward(links, key, kept)
    for one in kept - before:
        for other in links.below(one):
            kept.add(other)
            if links.peer(other):
                kept.add(links.peer(other))


def _of(document, kept, whole):
    """The document with the links that are kept, and namespaces that have any. whole: ids of those that stay as they
    are."""
    spaces = []
    for space in document['namespaces']:
        if space['id'] not in whole:
            links = [link for link in space['links'] if (space['id'], link['name']) in kept]
            if not links:
                continue
            names = set(link['name'] for link in links)
            space = dict(space, links=links, more_links=0, gateways=[
                gateway for gateway in space['gateways'] if gateway['link'] in names])
        spaces.append(space)
    ids = set(space['id'] for space in spaces)
    wires = [wire for wire in document['wires'] if not whole or ids.intersection(
        end['namespace'] for end in wire['ends'])]
    return dict(document, namespaces=spaces, wires=wires)
