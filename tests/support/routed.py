"""Wires with routes that have attributes, and policy rules."""
from __future__ import absolute_import, division, print_function

import json


from support.work import Work
from netnsctl.model import endpoint
from netnsctl.model.routing import parse_route, parse_rule
from netnsctl.usecases.recorded import inventory
from netnsctl.usecases.wires import transaction
from netnsctl.usecases.wires.wiring import Options, Wiring, wire
from support.process import must


ROUTES = [
    parse_route(words.split(), 'A') for words in (
        'default via 10.1.1.2 metric 50 src 10.1.1.1', '10.9.0.0/16 via 10.1.1.2 table 100 mtu 1200',
        '10.8.0.0/16 scope global', '10.7.0.0/16 scope host metric 9', '10.6.0.0/16 via 10.77.0.1 onlink table 70000',
        'fd08::/16 via fd00::2 metric 7 table 100', 'fd07::/16 mtu 1300', '10.5/16 via inet6 fd00::2 metric 3',
        '10.4.0.0/16 nexthop via 10.1.1.2 weight 2 nexthop via 10.1.1.3 dev A', 'local 10.3.0.0/24 dev lo',
        'fd06::/16 nexthop via fd00::2 weight 3 nexthop via fd00::3 onlink', '10.2.0.0/16 congctl reno features ecn')]
RULES = [
    parse_rule(words.split(), family) for words, family in (
        ('from 10.1.1.0/24 table 100 priority 1000', 4), ('iif A fwmark 0x1/0xff table 70000', 4), ('table 70000', 4),
        ('to fd08::/16 oif A table 100 pref 1000', 6), ('iif A table 100', 6),
        ('not from 10.1.1.0/24 table 100 pref 2001', 4),
        ('from 10.1.1.9 goto 32766 pref 2002', 4), ('nop pref 2003', 4),
        ('table main suppress_prefixlength 0 pref 2004', 4), ('suppress_ifgroup 7 table main pref 2005', 4),
        ('ipproto tcp sport 80 dport 1000-2000 table 100 pref 2006', 4), ('uidrange 7-9 table 100 pref 2007', 6),
        ('from 10.1.2.0/24 realms 1/2 table 100 pref 2008', 4))]
FULL = {'routes': ROUTES, 'rules': RULES, 'scope': 'link'}


class Routed(Work):
    """A Work that wires A of a, with what `more` asks for beyond the grammar, and a plain B of b."""

    def ends(self, more):
        return (endpoint.Endpoint(endpoint.Target('netns', self.a), 'A', ['10.1.1.1/24', 'fd00::1/64'], **more),
                endpoint.Endpoint(endpoint.Target('netns', self.b), 'B', ['10.1.1.2/24', 'fd00::2/64']))

    def wire(self, more=FULL, **options):
        wiring = Wiring(self.session, *(self.ends(more) + (Options(**dict({'backend': 'netlink', 'check': False,
                                                                           'name': 'w'}, **options)),)))
        try:
            wiring.resolve()
            with self.session.state.locked():
                transaction.recover(self.session)
                return wire(self.session, wiring)
        finally:
            wiring.close()

    def content(self):
        return Work.content(self), self.rules(4), self.rules(6)

    def ip(self, *words):
        """Runs `ip` in a: what it prints."""
        return must(['ip', '-n', self.a] + ' '.join(words).split())

    def rules(self, family):
        return sorted(line.strip() for line in self.ip('-%d' % family, 'rule').splitlines())

    def remarks(self):
        return inventory.one(self.session, 'w').remarks


def route_of(work, dst, *words):
    """The one route to dst as `ip -j route` tells it."""
    rows = json.loads(work.ip('-j', '-d', 'route show', dst, *words))
    assert len(rows) == 1, rows
    return rows[0]
