"""What several checks try in throwaway namespaces of one child."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge.host import Host
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.kernel import throwaway


def together(monkeypatch, *probes):
    """A host whose probes are tried together, and these."""
    monkeypatch.setattr(throwaway, '_PROBES', list(probes))
    host = Host()
    host.doctors_probes = {}
    return host


def where(report):
    report('pid', os.getpid())
    report('space', os.stat('/proc/self/ns/net').st_ino)


def test_probes_are_tried_by_one_child_each_in_a_namespace_of_its_own(monkeypatch):
    host = together(monkeypatch, ('a', where), ('b', where))
    one, two = throwaway.tried(host, 'a'), throwaway.tried(host, 'b')
    if not one['unshare'].errno:
        assert one['pid'].errno == two['pid'].errno != os.getpid()
        assert len(set([one['space'].errno, two['space'].errno, os.stat('/proc/self/ns/net').st_ino])) == 3


def test_what_is_asked_again_is_tried_again(monkeypatch):
    host = together(monkeypatch, ('a', where), ('b', where))
    one, two = throwaway.tried(host, 'a'), throwaway.tried(host, 'a')
    if not one['unshare'].errno:
        assert one['pid'].errno != two['pid'].errno


def test_a_probe_that_kills_its_child_takes_no_other_with_it(monkeypatch):
    host = together(monkeypatch, ('a', where), ('bad', lambda report: os.kill(os.getpid(), 9)), ('c', where))
    one, three = throwaway.tried(host, 'a'), throwaway.tried(host, 'c')
    if not one['unshare'].errno:
        assert one['space'].errno and three['space'].errno and one['pid'].errno != three['pid'].errno


def test_a_probe_that_raises_is_told_by_its_own_child_and_the_others_go_on(monkeypatch):
    def broken(report):
        report('pid', 1)
        raise KeyError('lost')
    host = together(monkeypatch, ('bad', broken), ('b', where))
    two = throwaway.tried(host, 'b')
    if not two['unshare'].errno:
        assert two['space'].errno and 'bad' not in host.doctors_probes


def test_one_check_tries_no_others(monkeypatch):
    asked = []
    monkeypatch.setattr(throwaway, '_try_together', lambda: asked.append(1) or {None: {}})
    host = Host()
    list(doctor.each(host, False, ['veth']))
    assert not asked
    list(doctor.each(host, False, ['veth', 'bridge', 'dummy']))
    assert asked == [1]


def test_what_one_child_saw_is_what_a_child_for_each_sees():
    names = ['netns', 'veth', 'veth-in-place', 'bridge', 'macvlan', 'vlan', 'dummy', 'phys', 'shaping']
    apart = [doctor.run(Host(), [name])[0] for name in names]
    at_once = list(doctor.each(Host(), True, names))
    assert sorted((finding.check, finding.status, finding.text, tuple(finding.evidence)) for finding in apart) == \
        sorted((finding.check, finding.status, finding.text, tuple(finding.evidence)) for finding in at_once)
