"""Ports of Open vSwitch: their bridge and their VLANs, which the kernel does not know."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.survey.more import ranges
from netnsctl.edge.switches import ovs
from netnsctl.errors import NetnsctlError

KIND = 'openvswitch'


def add(host, links):
    """Writes into the links of the host (parts of a map) what the database says. Returns notes: list of text.

    A database that does not answer is a note only where the kernel has something of Open vSwitch's.
    """
    if not ovs.is_installed(host):
        return []
    try:
        database = ovs.read(host)
    except NetnsctlError as error:
        return [error.message] if any(link['kind'] == KIND for link in links) else []
    there = set(link['name'] for link in links)
    for link in links:
        port = database.ports.get(link['name'])
        if port is None:
            continue
        if port.switch != port.name and port.switch in there:
            link['master'] = port.switch
        if port.tag is not None or port.trunks:
            link['vlans'] = {'untagged': port.tag, 'tagged': ranges(number for number in port.trunks if number)}
    return []
