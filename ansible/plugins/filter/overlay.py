# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""Filters of the role overlay: from the inventory to the wires of one host."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible.errors import AnsibleFilterError

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import overlay_plan


def overlay_members(hostvars, hosts):
    """What the inventory says of the hosts of an overlay: {host: {'underlay', 'mtu', 'containers'}}."""
    found = {}
    for host in hosts:
        known = hostvars[host]
        found[str(host)] = {
            'underlay': str(known.get('overlay_underlay') or known.get('ansible_host') or host),
            'mtu': known.get('overlay_underlay_mtu'),
            'containers': plain(known.get('overlay_containers') or []),
        }
    return found


def overlay(settings, members, host):
    """What one host has of an overlay: see overlay_plan.Plan.of(). settings: the arguments of overlay_plan.Settings;
    members: of overlay_members()."""
    try:
        return overlay_plan.Plan(overlay_plan.Settings(**plain(settings)), plain(members)).of(str(host))
    except overlay_plan.PlanError as error:
        raise AnsibleFilterError(str(error))


def plain(value):
    """The same without the types that Ansible marks values with."""
    if isinstance(value, dict):
        return dict((str(key), plain(value[key])) for key in value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


class FilterModule:
    """The filters, by name."""

    def filters(self):
        return {'overlay_members': overlay_members, 'overlay': overlay}
