"""An ifcfg file's values as assignments: the inverse of link.from_lines()."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError
from netnsctl.model.ifcfg import readers
from netnsctl.model.ifcfg.fields import FIELDS, find
from netnsctl.model.ifcfg.link import BRIDGE, DEFAULTS


def to_items(link, only=None):
    """The assignments of a Link, in the order of FIELDS: list of (key, value). only: of these attributes alone.

    UsageError if a value cannot be written to a file.
    """
    items, written = [], set()
    for field in FIELDS:
        if not field.acted or field.attribute in written or only is not None and field.attribute not in only:
            continue
        written.add(field.attribute)
        items += _WRITERS[field.attribute](link) if field.attribute in _WRITERS else _write(field, link)
    for key, value in items:
        known = find(key)
        if known[0].bare and not re.match(r'[A-Za-z0-9_.@+-]+\Z', value):
            raise UsageError('%s %s: cannot be saved: initscripts look for it without quotes' % (key, value))
    return items


def _write(field, link):
    value = getattr(link, field.attribute)
    if value is None or value == DEFAULTS.get(field.attribute, ()) and field.key not in ('ONBOOT', 'BOOTPROTO'):
        return []
    return [(field.key, ('yes' if value else 'no') if isinstance(value, bool) else '%s' % value)]


def _write_addresses(link):
    items = []
    for index, address in enumerate(link.addresses):
        suffix = '%d' % index if len(link.addresses) > 1 else ''
        ip, _, length = address.partition('/')
        items += [('IPADDR' + suffix, ip), ('PREFIX' + suffix, length)]
    return items


def _write_addresses6(link):
    if not link.addresses6:
        return []
    items = [('IPV6ADDR', link.addresses6[0])]
    return items + ([('IPV6ADDR_SECONDARIES', ' '.join(link.addresses6[1:]))] if link.addresses6[1:] else [])


def _write_ipv6(link):
    return [('IPV6INIT', 'yes')] if link.ipv6 or link.addresses6 else []


def _write_scope(link):
    return [('SCOPE', 'scope ' + link.scope)] if link.scope else []


def _write_dns(link):
    return [('DNS%d' % number, server) for number, server in enumerate(link.dns, 1)]


def _write_publish(link):
    return [('PUBLISH', ' '.join(link.publish))] if link.publish else []


def _write_tag(link):
    if not link.tag:
        return []
    return [('BRIDGE_VLANS' if link.type == BRIDGE else 'BRIDGE_PORT_VLANS', link.tag + ' pvid untagged')]


def _write_anchor(link):
    if link.type == readers.OVSPORT:
        from netnsctl.model.ifcfg import ovs_keys  # few links are a port
        return ovs_keys.items_of(link.anchor)
    return [('ANCHOR', link.anchor)] if link.anchor else []


_WRITERS = {'anchor': _write_anchor, 'addresses': _write_addresses, 'ipv6': _write_ipv6,
            'addresses6': _write_addresses6,
            'scope': _write_scope, 'dns': _write_dns, 'tag': _write_tag, 'publish': _write_publish}
