"""Golden trees (tests/golden): rendered to the byte, and read back as the wires that they are made of."""
from __future__ import absolute_import, division, print_function

import os
import shutil

import pytest

from netnsctl.edge.host import Host
from netnsctl.model import wires_file
from netnsctl.model.names import default_name
from netnsctl.usecases.tree import PLACE, reading, rendering
from support.program import TOP

GOLDEN = os.path.join(TOP, 'tests', 'golden')
NAMES = sorted(name for name in os.listdir(GOLDEN) if os.path.isfile(os.path.join(GOLDEN, name, 'wires')))
# What the grammar of `wire` cannot say: the tree is written by hand, and `read` is what is read from it.
HAND_WRITTEN = sorted(name for name in os.listdir(GOLDEN) if os.path.isfile(os.path.join(GOLDEN, name, 'read')))


def wires_of(name):
    with open(os.path.join(GOLDEN, name, 'wires')) as source:
        parsed, errors = wires_file.parse(source.read(), name)
    assert errors == []
    return [(line.name or default_name(line.a, line.b), line.a, line.b) for line in parsed]


def files_below(top):
    found = {}
    for folder, _, names in os.walk(top):
        for name in names:
            with open(os.path.join(folder, name)) as source:
                found[os.path.join(folder, name)[len(top):]] = source.read()
    return found


@pytest.mark.parametrize('name', NAMES)
def test_wires_are_rendered_to_the_byte(name):
    rendered = rendering.render_wires(wires_of(name))
    top = os.path.join(GOLDEN, name, 'tree')
    if os.environ.get('NETNSCTL_TEST_RENEW'):
        shutil.rmtree(top, ignore_errors=True)
        for place, text in rendered.items():
            if not os.path.isdir(os.path.dirname(top + place)):
                os.makedirs(os.path.dirname(top + place))
            with open(top + place, 'w') as target:
                target.write(text)
    assert rendered == files_below(top)


def read(tmpdir, name):
    """The golden tree as it is read: copied, for a checkout's files may be writable by a group."""
    shutil.copytree(os.path.join(GOLDEN, name, 'tree'), str(tmpdir.join('root')))
    for folder, _, names in os.walk(str(tmpdir.join('root'))):
        os.chmod(folder, 0o755)
        for file_name in names:
            os.chmod(os.path.join(folder, file_name), 0o644)
    return reading.read(Host(root=str(tmpdir.join('root')), environ={}))


@pytest.mark.parametrize('name', NAMES)
def test_a_golden_tree_is_read_as_its_wires(tmpdir, name):
    tree = read(tmpdir, name)
    assert tree.problems == []
    # By IPv4 before IPv6, as the keys have them.
    wanted = sorted((wire, sorted(sorted_end(end) for end in ends)) for wire, ends in
                    [(wire, (a, b)) for wire, a, b in wires_of(name)])
    assert sorted((wire.name, sorted(sorted_end(end) for end in wire.ends)) for wire in tree.wires) == wanted


def sorted_end(end):
    return (end.place(), sorted(end.addresses), sorted(end.gateways), end.mac or '', end.mtu or 0,
            sorted(route.words() for route in end.routes))


@pytest.mark.parametrize('name', NAMES)
def test_what_was_read_rendered_again_is_the_same_bytes(tmpdir, name):
    tree = read(tmpdir, name)
    rendered = rendering.render_wires([(wire.name, wire.ends[0], wire.ends[1]) for wire in tree.wires])
    assert rendered == files_below(os.path.join(GOLDEN, name, 'tree'))
    assert all(place.startswith(PLACE) for place in rendered)


@pytest.mark.parametrize('name', NAMES + HAND_WRITTEN)
def test_a_save_over_a_golden_file_changes_no_byte(tmpdir, name):
    tree = read(tmpdir, name)
    golden = files_below(os.path.join(GOLDEN, name, 'tree'))
    texts = rendering.Texts(golden.get)
    for wire in tree.wires:
        texts.add_wire(rendering.describe(wire.name, *wire.ends))
    assert texts.changes() == []


@pytest.mark.parametrize('name', HAND_WRITTEN)
def test_a_golden_tree_written_by_hand_is_read_as_its_ends(tmpdir, name):
    tree = read(tmpdir, name)
    assert tree.problems == []
    found = ''.join('%s\n' % ' | '.join([wire.name or '-'] + [str(end) for end in wire.ends]) for wire in tree.wires)
    path = os.path.join(GOLDEN, name, 'read')
    if os.environ.get('NETNSCTL_TEST_RENEW'):
        with open(path, 'w') as target:
            target.write(found)
    with open(path) as source:
        assert found == source.read()


@pytest.mark.parametrize('name', HAND_WRITTEN)
def test_wires_of_a_hand_written_tree_rendered_anew_are_read_as_the_same(tmpdir, name):
    tree = read(tmpdir, name)
    rendered = rendering.render_wires([(wire.name, wire.ends[0], wire.ends[1]) for wire in tree.wires])
    for place, text in rendered.items():
        tmpdir.join('again' + place).write(text, ensure=True)
    again = reading.read(Host(root=str(tmpdir.join('again')), environ={}))
    assert again.problems == []
    assert [[ends_of(end) for end in wire.ends] for wire in again.wires] == [
        [ends_of(end) for end in wire.ends] for wire in tree.wires]


def ends_of(end):
    return sorted_end(end) + (sorted(rule.words() for rule in end.rules), end.scope)
