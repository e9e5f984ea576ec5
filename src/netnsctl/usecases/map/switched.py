"""What Open vSwitch says of links, and what it has that is no link: the bridge of a port and its VLANs, ports that lead
to another bridge or host, and what is in its database alone."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.survey import places
from netnsctl.edge.survey.more import ranges
from netnsctl.edge.switches import ovs
from netnsctl.errors import NetnsctlError

KIND, DAEMON = 'openvswitch', 'ovs-vswitchd'
NAMED = 10  # ports of the database that are not there
# {column of the options of a tunnel: word of a map}
_OPTIONS = (('remote_ip', 'remote'), ('local_ip', 'local'), ('key', 'id'))


def add(host, links):
    """Writes into the links of the host (parts of a map) what the database says, and adds what is no link. Returns
    notes: list of text.

    A database that does not answer is a note only where there is something of Open vSwitch's.
    """
    if not ovs.is_installed(host):
        return []
    try:
        database = ovs.read(host, with_interfaces=True)
    except NetnsctlError as error:
        saved = ovs.saved_switches(host)
        if saved:
            return ['%s; its bridges are not drawn: %s' % (error.message, _few(saved))]
        return [error.message] if any(link['kind'] == KIND for link in links) else []
    there, runs = dict((link['name'], link) for link in links), places.is_running(DAEMON)
    absent = sorted(database.switches.difference(there))
    for name in sorted(database.switches):
        if name not in there:
            there[name] = _link(name, KIND, False)
            links.append(there[name])
        there[name].setdefault('details', {})['datapath'] = database.datapaths.get(name, 'system')
    lost = _add_interfaces(database, there, links, runs)
    return ['Open vSwitch: ' + text for text in (
        database.switches and not runs and 'no %s runs, which its bridges need: %s' % (
            DAEMON, _few(sorted(database.switches))),
        absent and 'there is no link of its bridges %s' % _few(absent),
        lost and 'there is no link of its ports %s' % _few(lost)) if text]


def _add_interfaces(database, there, links, runs):
    """Joins links to their bridges, and adds tunnels and patch ports. Returns names of ports of which there is no
    link. runs: does the daemon?"""
    lost = []
    for one in sorted(database.interfaces, key=lambda one: one.name):
        port = database.ports.get(one.port)
        if port is None or one.name in database.switches:
            continue
        link = there.get(one.name)
        if link is None:
            if one.type in ('', 'system', 'internal'):
                lost.append(one.name)
                continue
            link = there[one.name] = _link(one.name, one.type, one.is_there and runs)
            links.append(link)
            link['details'] = _details(one.options)
        link['master'] = port.switch
        if port.name != one.name:
            link.setdefault('details', {})['bond'] = port.name
        if port.tag is not None or port.trunks:
            link['vlans'] = {'untagged': port.tag, 'tagged': ranges(number for number in port.trunks if number)}
    for one in database.interfaces:
        peer = one.type == 'patch' and one.options.get('peer')
        if peer in there:
            there[one.name]['peer'] = {'namespace': 'host', 'link': peer, 'index': there[peer]['index']}
    return lost


def _link(name, kind, is_there):
    """A part of a map of what the kernel does not know."""
    return {'index': 0, 'name': name, 'kind': kind, 'state': 'up' if is_there else 'notpresent', 'up': is_there,
            'carrier': is_there, 'mtu': 0, 'mac': '', 'addresses': []}


def _details(options):
    found = dict((word, options[key]) for key, word in _OPTIONS if key in options)
    if 'id' in found:
        if found['id'].isdigit():
            found['id'] = int(found['id'])
        else:
            del found['id']  # `flow`: each packet has its own
    return found


def _few(names):
    return ', '.join(names[:NAMED]) + (' and %d more' % (len(names) - NAMED) if len(names) > NAMED else '')
