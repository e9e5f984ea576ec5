"""Wires that wait to be confirmed, with a container that is in the way and a directory that somebody has damaged."""
from __future__ import absolute_import, division, print_function

import pytest

from support.aside import Aside
from support.inside import ip, links
from support.snapshot import STATE
from support.unconfirmed import LONG, Host

FOLDER = STATE + '/unconfirmed'


@pytest.fixture
def ends(netns):
    return netns('a'), netns('b')


@pytest.fixture
def host(run_netnsctl, ends):
    aside = Aside(run_netnsctl)
    made = Host(aside)
    made.token = ends[0] + ':A=10.1.1.1/24'
    yield made
    aside.close()


def test_a_link_in_the_place_of_the_former_wires_is_told_and_not_taken_for_it(host, ends):
    a, b = ends
    old = ['wire', '--no-check', '--name', 'w', host.token, b + ':B=10.1.1.2/24']
    host(*old)
    host('wire', '--no-check', '--replace', '--name', 'w', LONG, a + ':C=10.1.1.1/24', host.token.replace(
        a + ':A', b + ':D').replace('1/24', '2/24'))
    host.kill_waiter('10.1.1.2/24')
    ip(a, 'link', 'add', 'A', 'type', 'veth', 'peer', 'name', 'decoy')
    host.make_overdue()
    told = host('unwire', '--if-exists', 'other')
    assert 'undo the wire w, which was not confirmed in time: ' in told.err
    assert 'the name of its link is taken' in told.err
    assert links(a)['A']['addr_info'] == [] and 'C' not in links(a)
    ip(a, 'link', 'delete', 'A')
    told = host('unwire', '--if-exists', 'other')
    assert 'put back the wire w' in told.err and host.is_back('10.1.1.2/24')


@pytest.mark.parametrize('text', ['', '{}', '[]', 'null',
                                  '{"due": 0, "seconds": 1, "save": false, "run": "x", "wires": 5}',
                                  '{"due": Infinity, "seconds": 1, "save": false, "run": "x", "wires": []}',
                                  '{"due": "x", "seconds": 1, "save": false, "run": "x", "wires": []}',
                                  '{"due": 0, "seconds": 1, "save": 1, "run": 1, "wires": [[1, 2, 3]]}',
                                  '{"due": 0, "seconds": 1, "save": 1, "run": 1, "wires": [["../w", "x", {}]]}'])
def test_a_damaged_file_blocks_no_command(host, ends, text):
    host.sh("mkdir -p -m 0700 %s %s; printf '%%s' '%s' >%s/x.json; mkfifo %s/y.json" % (
        STATE, FOLDER, text, FOLDER, FOLDER))
    host('wire', '--no-check', '--name', 'w', host.token, ends[1] + ':B=10.1.1.2/24', LONG)
    assert 590 < host.wire()['seconds_left'] <= 600
    for words in (['show', 'w'], ['confirm', 'w'], ['unwire', 'w']):
        result = host(*words)
        assert 'Traceback' not in result.err


def test_a_directory_that_others_can_write_to_is_refused(host, ends):
    host.sh('mkdir -m 0700 -p %s; mkdir -m 0777 %s; chmod 0777 %s' % (STATE, FOLDER, FOLDER))
    result = host('wire', '--no-check', '--name', 'w', host.token, ends[1] + ':B=10.1.1.2/24', LONG, status=1)
    assert FOLDER in result.err and 'Traceback' not in result.err and 'A' not in links(ends[0])


@pytest.fixture
def full(run_netnsctl, ends):
    """As host; after fill() nothing can be written below the directory of state, after fill(False) it can again."""
    aside = Aside(run_netnsctl, 'mkdir -p %s && mount -t tmpfs -o size=512k,mode=0755 none %s' % (STATE, STATE))
    made = Host(aside)
    made.token = ends[0] + ':A=10.1.1.1/24'

    def fill(is_full=True):
        aside.sh('head -c 1M /dev/zero >%s/filler 2>/dev/null || true' % STATE if is_full else 'rm %s/filler' % STATE)
    made.fill = fill
    yield made
    aside.close()


def test_what_nobody_confirms_is_undone_though_nothing_can_be_written(full, ends):
    full('wire', '--no-check', '--name', 'w', full.token, ends[1] + ':B=10.1.1.2/24', LONG)
    full.kill_waiter()
    full.make_overdue()
    full.fill()
    full('unwire', '--if-exists', 'other')
    assert full.wire() is None and 'A' not in links(ends[0])


def test_what_cannot_come_back_while_nothing_can_be_written_comes_back_later(full, ends):
    a, b = ends
    full('wire', '--no-check', '--name', 'w', full.token, b + ':B=10.1.1.2/24')
    full('wire', '--no-check', '--replace', '--name', 'w', LONG, full.token, b + ':B=10.1.1.3/24')
    full.kill_waiter()
    full.make_overdue()
    full.fill()
    told = full('unwire', '--if-exists', 'other')
    assert 'undo the wire w' in told.err and full.wire()['ends'][1]['addresses'] == ['10.1.1.3/24'], told
    full.fill(False)
    full('unwire', '--if-exists', 'other')
    assert full.is_back('10.1.1.2/24')


def test_a_record_that_is_damaged_keeps_no_other_wire_from_being_confirmed(host, ends):
    a, b = ends
    host('wire', '--no-check', '--name', 'w', host.token, b + ':B=10.1.1.2/24', LONG)
    host('wire', '--no-check', '--name', 'v', a + ':C=10.2.2.1/24', b + ':D=10.2.2.2/24', LONG)
    host.sh("sed -i s/^./x/ %s/wires/w.json" % STATE)
    result = host('confirm', '--all', status=1)
    assert 'w.json' in result.err and 'confirmed v' in result.out, result
    assert 'nothing waits to be confirmed' in host('confirm', '--all').err
    host.sh('rm %s/wires/w.json' % STATE)
    assert host.wire('v')['seconds_left'] is None
