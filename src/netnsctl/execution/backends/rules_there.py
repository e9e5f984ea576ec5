"""The policy rules that a namespace has already, since adding and deleting must not affect a rule that is not ours."""
from __future__ import absolute_import, division, print_function

import errno
import os
import _socket as socket

from netnsctl.errors import KernelError, NetnsctlError
from netnsctl.execution.backends.refusals import attempt, refusal

_SAME = ('family', 'from_', 'to', 'iif', 'oif', 'fwmark', 'fwmask', 'table', 'priority', 'type',
         'tos')


def is_same(rule, operation):
    """Is an edge.netlink.reading.Rule exactly the rule of an add-rule or delete-rule?"""
    return (rule.plain and rule.more == operation.more()
            and all(getattr(rule, field) == getattr(operation, field) for field in _SAME))


def is_there(operation, netns):
    """Does a Netns have exactly the rule of an add-rule or delete-rule?"""
    family = socket.AF_INET6 if operation.family == 6 else socket.AF_INET
    return any(is_same(rule, operation) for rule in netns.rtnl().rules(family))


def add(operation, namespaces, send):
    """Makes the rule of an add-rule through a backend. send: function of one operation, which raises its refusal.

    ConflictError if the rule is there: kernels before 4.8 would make it a second time.
    """
    netns = namespaces[operation.ns]
    if is_there(operation, netns):
        raise refusal(operation, namespaces, errno.EEXIST)
    word, since = ('oif', '2.6.33') if operation.oif is not None else (None, None)
    word, since = operation.newest() or (word, since)
    unknown = NetnsctlError('%s: this kernel does not support %s in rules' % (attempt(operation, namespaces), word),
                            hint='It came with Linux %s: leave the rule out, or use a newer kernel.' % since)
    try:
        send(operation)
    except KernelError as error:
        # 2.6.32 refuses attributes above the highest that it knows (rtnetlink_rcv_msg): FRA_OIFNAME came with 2.6.33.
        if word is not None and error.errno == errno.EINVAL and error.words in (None, os.strerror(errno.EINVAL)):
            raise unknown
        raise
    # A kernel that ignores it makes a broader rule than requested, and ignores it in the deletion too.
    if word is not None and not is_there(operation, netns):
        send(operation.undo())
        raise unknown
