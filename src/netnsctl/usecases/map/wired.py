"""The recorded wires, and which links of a map are theirs."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import netns
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.map import asked
from netnsctl.usecases.recorded import inventory


def wires(session, known):
    """Every recorded wire: list of {'name', 'state', 'remarks', 'ends', 'at'}.

    known: {Netns.key: (number, edge.survey.reading.Contents or None)}, of what has been read already. ends: two of
    {'target', 'link' (its name, or None of an anchor without one), 'namespace' (number, or None if it is gone)}. at:
    for each end ((number, index), or None; what the document says of the link there).
    """
    found, numbers = [], dict((key, number) for key, (number, _) in known.items())
    lists = dict((key, (contents.links, contents.told)) for key, (_, contents) in known.items()
                 if contents is not None and not contents.more)
    for wire, record in inventory.wires_and_records(session, known=lists):
        ends, at = [], []
        for end in record.ends:
            number = _number_of(record.identity(end), numbers, wire.state)
            ends.append({'target': end.target, 'link': end.dev, 'namespace': number})
            fields = {'wire': wire.name}
            published = asked.publishes(end.items) if record.has_uplink else []
            if published:
                fields['publishes'] = published
            at.append(((number, end.index) if number is not None and end.index is not None else None, fields))
        found.append({'name': wire.name, 'state': wire.state, 'remarks': wire.remarks, 'ends': ends, 'at': at})
    return found


def _number_of(identity, numbers, state):
    number = numbers.get(netns.key_of(identity))
    if number is None or state == inventory.WHOLE:
        return number
    # A new namespace may have got the inode number of one that is gone.
    try:
        opened = netns.open_again(identity)
    except NetnsctlError:
        return None
    if opened is None:
        return None
    opened.close()
    return number
