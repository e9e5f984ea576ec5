"""The tree /etc/sysconfig/netns: read, rendered, saved, compared with what is wired."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import config_files
from netnsctl.errors import NetnsctlError
from netnsctl.model.ifcfg import spaces as names

PLACE = '/etc/sysconfig/netns'


def spaces(host):
    """Names of the tree's directories ('web', 'docker:web', 'host'): list. Never raises: what cannot be read has
    none."""
    try:
        return read_spaces(host)
    except NetnsctlError:
        return []


def read_spaces(host):
    """The same; UsageError or NetnsctlError as of config_files.list_folder()."""
    found = config_files.list_folder(host, PLACE)
    return [name for name in found if names.target_of_or_none(name) is not None
            and config_files.is_folder(host, '%s/%s' % (PLACE, name))]
