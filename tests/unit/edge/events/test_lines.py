"""Lines of events as docker and podman print them."""
from __future__ import absolute_import, division, print_function

import random
import time

import pytest

from netnsctl.edge import events
from support.fake_events import ID, PODMAN, dumped

NEW = {'Type': 'container', 'Action': 'start', 'Actor': {'ID': ID, 'Attributes': {'image': 'x', 'name': 'web'}}}
OLD = {'status': 'start', 'id': ID, 'from': 'busybox:latest', 'time': 1441000000}


def parsed(line, scheme='docker'):
    event = events.parse_line(scheme, line)
    return event.kind, event.name, event.identity


@pytest.mark.parametrize('line,expected', [
    (dumped(NEW), (events.STARTED, 'web', ID)),
    (dumped(dict(NEW, status='start', id=ID)), (events.STARTED, 'web', ID)),
    (dumped(OLD), (events.STARTED, None, ID)),
    (dumped(dict(OLD, status='die')), (events.GONE, None, ID)),
    (dumped(dict(OLD, status='stop')), (events.GONE, None, ID)),
    (dumped(dict(OLD, status='restart')), (None, None, ID)),
    (dumped(PODMAN), (events.GONE, 'web', ID)),
    (dumped(dict(PODMAN, Status='start')), (events.STARTED, 'web', ID)),
    (dumped(dict(PODMAN, Status='restart')), (None, 'web', ID)),
    (dumped(dict(PODMAN, Status='start', Type='pod')), (None, 'web', ID)),
    (dumped(dict(NEW, Action='rename')), (events.RENAMED, 'web', ID)),
    (dumped(dict(NEW, Action='exec_start: sh')), (None, 'web', ID)),
    (dumped({'Type': 'network', 'Action': 'connect', 'Actor': {'ID': 'x'}}), (None, None, 'x')),
    (b'2026-11-24T17:00:38.468230624Z container start %s (image=bb, name=web)', (events.STARTED, 'web', ID)),
    (b'2026-11-24 17:05:58.799196272 +0000 UTC container died %s (image=, name=web)', (events.GONE, 'web', ID)),
    (b'2026-11-24 17:05:58 +0000 UTC container start %s (image=, name=web, a=b)', (events.STARTED, 'web', ID)),
    (b'2015-01-28T20:21:31.000000000-08:00 %s: (from whenry/testimage:latest) start', (events.STARTED, None, ID)),
    (b'2015-01-28T20:21:31.000000000-08:00 %s: die', (events.GONE, None, ID)),
], ids=lambda value: None)
def test_a_line_of_each_engine_is_read(line, expected):
    assert parsed(line.replace(b'%s', ID.encode('ascii'))) == expected
    assert parsed(line.replace(b'%s', ID.encode('ascii')) + b'\r') == expected


@pytest.mark.parametrize('line', [
    b'', b'json', b'{', b'{}', b'[]', b'42', b'null', b'\xff\xfe', b'{"status": 1}', b'{"status": "start"}', b'\x00',
    b'[' * 100000, b'{"a":' + b'[' * 100000, dumped(dict(OLD, status=['start'])), dumped(dict(OLD, id=7)),
    dumped(dict(NEW, Actor=[1])), dumped(dict(NEW, Actor={'ID': None, 'Attributes': 'x'})),
    b'Error: unknown flag: --format', b'time="x" level=warning msg="container start"',
], ids=lambda value: None)
def test_anything_else_is_refused_by_one_error(line):
    with pytest.raises(ValueError):
        events.parse_line('docker', line)


def test_no_damaged_line_leads_to_anything_but_an_event_or_a_refusal():
    dice = random.Random(5)
    for _ in range(3000):
        line = bytearray(dumped(dice.choice([NEW, OLD, PODMAN])))
        for _ in range(dice.choice([1, 2, 8])):
            line[dice.randrange(len(line))] = dice.randrange(256)
        try:
            kind, name, identity = parsed(bytes(line[:dice.choice([len(line), dice.randrange(len(line))])]))
        except ValueError:
            continue
        assert kind is None or isinstance(name or identity, str)


def test_a_long_plain_line_is_read_in_no_time():
    start = time.time()
    for text in (b'a container start ' * 60000, b'a b c d container ' + b'a' * (1 << 20), b'a (, name=' * 90000):
        with pytest.raises(ValueError):
            events.parse_line('docker', text)
    assert time.time() - start < 5


def test_lines_come_whole_whatever_the_pieces_and_a_long_one_is_told_and_not_kept():
    text = b'one\ntwo\r\n\n' + b'x' * 50 + b'\nthree\nhalf'
    for size in (1, 2, 3, 7, 100):
        lines = events.Lines(limit=10)
        found = []
        for at in range(0, len(text), size):
            found += lines.feed(text[at:at + size])
            assert len(lines._rest) <= 10 + size
        assert found == [b'one', b'two', b'', None, b'three']
    assert lines.feed(b' line\n') == [b'half line']
