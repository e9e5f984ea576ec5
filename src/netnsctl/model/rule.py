"""A policy rule as a value. No I/O; routing.py reads one, route_checks.py holds it to what the kernel takes."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import named_tuple
from netnsctl.model import rule_words

TABLES = {'default': 253, 'main': 254, 'local': 255}  # rtnetlink.h, RT_TABLE_*
MAIN = TABLES['main']


class Rule(named_tuple('Rule', 'family from_ to iif oif fwmark fwmask table priority type tos options')):
    """A policy rule that leads to a table, or nowhere, by the words of `ip rule add`; None is what it does not look at.

    family: 4 or 6. from_, to: networks ('10.0.0.0/8'). iif, oif: names of links. fwmark, fwmask: 32-bit numbers
    (fwmask None: all bits). table: its number (main where type is one). priority: 1..2^32-1; None: to be chosen as the
    kernel would. type: 'blackhole', 'unreachable' or 'prohibit', of one that leads nowhere. tos: 1..255 (IPv4 only).
    options: the other words, as rule_words.parse() gives them, in one text ('not goto 200').
    """
    __slots__ = ()

    def __new__(cls, family=4, from_=None, to=None, iif=None, oif=None, fwmark=None, fwmask=None, table=MAIN,
                priority=None, type=None, tos=None, options=None):
        return tuple.__new__(cls, (family, from_, to, iif, oif, fwmark, fwmask, table, priority, type, tos, options))

    def words(self):
        """The words after `ip rule add` (`ip -6 rule add` for family 6): list."""
        found = ['from', self.from_ or 'all']
        for key in ('to', 'iif', 'oif'):
            if getattr(self, key) is not None:
                found += [key, getattr(self, key)]
        if self.fwmark is not None:
            found += ['fwmark', '0x%x' % self.fwmark + ('' if self.fwmask is None else '/0x%x' % self.fwmask)]
        found += ['tos', '0x%02x' % self.tos] if self.tos else []
        found += (self.options or '').split()
        if not rule_words.tableless(self.options):
            # With a type, ip sends no table or main, depending on its version, so the table is given.
            found += ['table', str(self.table)] + ([self.type] if self.type else [])
        return found + (['priority', str(self.priority)] if self.priority is not None else [])

    def record(self):
        """Plain data that compares equal after a round through JSON, and that Rule(*data) takes."""
        data = list(self)
        while len(data) > 9 and data[-1] is None:  # that many earlier records have
            data.pop()
        return data

    @classmethod
    def of(cls, other):
        """An edge.netlink.reading.Rule as one of these."""
        return cls(*[getattr(other, field) for field in cls._fields[:-1]]
                   + [rule_words.options_of(other.more) if other.more else None])

    def fits(self, other):
        """Would the kernel, told to delete this rule, take `other` (a Rule or an edge.netlink.reading.Rule)?

        It compares only what is named (fib_nl_delrule() of fib_rules.c), and 2.6.32 no table over 255.
        """
        if (self.family, self.priority, self.type) != (other.family, other.priority, other.type):
            return False
        if self.table < 256 and self.table != other.table:
            return False
        return all(getattr(self, key) in (None, getattr(other, key))
                   for key in ('from_', 'to', 'iif', 'oif', 'fwmark', 'fwmask', 'tos'))
