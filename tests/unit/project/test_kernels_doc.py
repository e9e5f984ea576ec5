"""docs/kernels.md names every request, attribute, ioctl, option and file that the source asks a kernel for."""
from __future__ import absolute_import, division, print_function

import os
import re

from support.program import SOURCE, TOP

NAMES = re.compile(r'\b((?:RTM|IFLA|IFA|RTA|RTAX|FRA|NDTA|NLM_F|NLMSG|NLMSGERR|NETLINK|SO|CLONE|MS|MNT|UMOUNT|IN|PR)_'
                   r'[A-Z][A-Z0-9_]*[A-Z0-9]|SIOC[A-Z]+|RTN_(?:UNICAST|LOCAL)|RTNH_F_[A-Z]+|VETH_INFO_[A-Z]+|'
                   r'ICMP6?_FILTER|IP(?:V6)?_MTU_DISCOVER|AF_(?:NETLINK|PACKET|UNIX)|ETH_P_[A-Z0-9]+)\b')
# Keys of ifcfg files, which are none of the kernel's: model/ifcfg.
NOT_ASKED = ('MS_DNS1', 'MS_DNS2')
PATHS = re.compile(r"""['"](/(?:proc|sys)/[^'"\s]+)['"]""")
# Beginnings that a name is added to, patterns, and words of messages.
NOT_WHOLE = ('/proc/', '/proc/self', '/proc/thread-self', '/proc/sys/', '/proc/sys/net/', '/sys/class/net/')


def sources():
    for folder, _, names in os.walk(os.path.join(SOURCE, 'netnsctl')):
        for name in sorted(names):
            if name.endswith('.py'):
                with open(os.path.join(folder, name)) as source:
                    yield os.path.relpath(os.path.join(folder, name), SOURCE), source.read()


def document():
    with open(os.path.join(TOP, 'docs', 'kernels.md')) as source:
        return source.read()


def blurred(path):
    """A path with what differs from process to process, link to link taken out."""
    return re.sub(r'%[ds]|\b[A-Z]+\b', '*', path).rstrip('/')


def test_every_name_of_the_kernels_is_in_the_document():
    known = set(NAMES.findall(document()))
    missing = [(name, place) for place, text in sources() for name in NAMES.findall(text)
               if name not in known and name not in NOT_ASKED]
    assert not missing


def test_every_file_of_proc_and_sys_is_in_the_document():
    known = set(blurred(path) for path in re.findall(r'`(/(?:proc|sys)/[^`]+)`', document()))
    missing = [(path, place) for place, text in sources() for path in PATHS.findall(text)
               if path not in NOT_WHOLE and not re.search(r'[(\\\[]', path) and blurred(path) not in known]
    assert not missing
