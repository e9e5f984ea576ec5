"""strace around a program, for a kernel that refuses something."""
from __future__ import absolute_import, division, print_function


def refused(call, error, when=None):
    """Words under which a system call fails, at each call or at its WHENth in a process."""
    return ['strace', '-f', '-o', '/dev/null', '-e', 'trace=%s' % call, '-e',
            'inject=%s:error=%s%s' % (call, error, ':when=%s' % when if when else '')]
