"""Checking a wire that has one link: that its gateways answer there, and that nobody else has its addresses.

Packets go to those gateways alone; of all others on the link only those are asked, by ARP and neighbour discovery, who
have the same addresses.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.netlink.reading import packed_address
from netnsctl.edge.packets import claims
from netnsctl.model import addressing
from netnsctl.usecases.check import gateways
from netnsctl.usecases.check.report import Report

# Where no gateway answers, whoever has the same address has this long to say so: behind a veth there is this host,
# behind another link a network.
_NEAR_SECONDS, _FAR_SECONDS = 0.02, 0.1


def check(host, home, lone, is_up, seconds):
    """Report on a gateways.Lone. home: netnsctl's own Netns. is_up: are its links up? seconds: as checking.check().

    A gateway that answers ARP or neighbour discovery, but no echo, is there: its echoes count as not tested, unless a
    reason is found on this side.
    """
    if not is_up:
        return _failed(host, home, lone)
    question = claims.Question(lone.end.netns, lone.end.dev, _askable(lone.end))
    try:
        probes, silent = gateways.probe(lone, seconds)
        taken = question.answers(0 if any(probe.ok for probe in probes) else _reach(home, lone))
    finally:
        question.close()
    taken = _others(lone.end, taken)
    if all(probe.ok for probe in probes) and not taken and _has_addresses(lone.end):
        return Report(True, probes, (), _untested(lone, silent))
    return _failed(host, home, lone, probes, taken, silent)


def _others(end, answers):
    """The answers without those of the namespace's own links: Linux answers for an address on each of them."""
    if not any(answers.values()):
        return {}
    own = set(link.mac for link in end.netns.rtnl().links())
    found = dict((address, [mac for mac in macs if mac not in own]) for address, macs in answers.items())
    return dict((address, macs) for address, macs in found.items() if macs)


def _reach(home, lone):
    nic = home.rtnl().link(name=lone.nic) if lone.nic else None
    return _NEAR_SECONDS if nic is not None and nic.kind == 'veth' and not lone.anchor.has_link else _FAR_SECONDS


def _failed(host, home, lone, probes=(), taken=(), silent=()):
    from netnsctl.usecases.check import diagnosis_alone
    there, failed = set(gateway for gateway in silent if silent[gateway]), [probe for probe in probes if not probe.ok]
    is_excused = bool(probes) and not taken and all(probe.address in there for probe in failed)
    found = diagnosis_alone.causes(host, home, lone, failed, dict(taken), there, is_excused)
    for probe in failed:
        if probe.address in there:
            probe.error = 'no answer, but it answers %s' % _question(probe.address)
    return Report(not found, probes, found, _untested(lone, dict(silent)))


def _askable(end):
    """The addresses of an End that others can be asked for: list of text. One that the kernel itself still looks for a
    duplicate of is not: should the question come back, it would be taken for that of another who wants the address."""
    texts = [addressing.bare(text) for text in end.addresses]
    tentative = _tentative(end) if any(':' in text for text in texts) else ()
    return [text for text in texts if packed_address(text) not in tentative]


def _tentative(end):
    return set(packed_address(item.address) for item in end.netns.rtnl().addresses()
               if item.tentative and not item.dadfailed)


def _has_addresses(end):
    """Has the link every address of an End, and was no duplicate of one found?"""
    rtnl = end.netns.rtnl()
    there = set((packed_address(item.address), item.prefixlen) for item in rtnl.addresses(rtnl.index_of(end.dev))
                if not item.dadfailed)
    return all((packed_address(address), int(length)) in there
               for address, _, length in (text.partition('/') for text in end.addresses))


def _question(address):
    return 'neighbour discovery' if ':' in address else 'ARP'


def _untested(lone, silent):
    """Addresses that no echo concerns or that are tentative, and gateways without an echo: list of text."""
    if not lone.end.addresses and not lone.gateways:
        return ['%s has no address to send an echo from' % lone.end.label]
    label, families = lone.end.label, set(':' in gateway for gateway in lone.gateways if lone.source_to(gateway))
    found = ['%s of %s: there is no gateway to send an echo to' % (text, label)
             for text in lone.end.addresses if (':' in text) not in families]
    found += ['the gateway %s of %s: there is no address of its family to send an echo from' % (gateway, label)
              for gateway in lone.gateways if lone.source_to(gateway) is None]
    tentative = _tentative(lone.end) if any(':' in text for text in lone.end.addresses) else ()
    found += ['%s of %s: duplicate address detection has not finished' % (text, label) for text in lone.end.addresses
              if packed_address(addressing.bare(text)) in tentative]
    return found + ['echoes to the gateway %s of %s: it answers %s only' % (gateway, label, _question(gateway))
                    for gateway in lone.gateways if silent.get(gateway)]
