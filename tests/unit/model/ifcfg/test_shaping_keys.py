"""RATE, BURST, DELAY, JITTER and LOSS of an ifcfg file, two of which mean something else to others."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model.ifcfg import assignments, lines, link


def read(text):
    return link.from_lines(lines.parse(text, 'f'), 'f', 'eth0')


def test_they_are_read_and_written_in_one_spelling():
    found = read('RATE=10000kbit\nBURST=32k\nDELAY=20ms\nJITTER=1ms\nLOSS=0.5\n')
    assert found.shaping == (('rate', '10mbit'), ('burst', '32kb'), ('delay', '20ms'), ('jitter', '1ms'),
                             ('loss', '0.5%'))
    written = dict(assignments.to_items(found))
    assert [written[key] for key in ('RATE', 'BURST', 'DELAY', 'JITTER', 'LOSS')] == [
        '10mbit', '32kb', '20ms', '1ms', '0.5%']
    assert read(''.join('%s=%s\n' % (key, lines.quote(value)) for key, value in written.items())) == found


@pytest.mark.parametrize('text,remark', [
    ('TYPE=Bridge\nDELAY=0\n', 'DELAY has no effect here: bridges keep'),
    ('TYPE=Bridge\nDELAY=15\n', 'DELAY has no effect here: bridges keep'),
    ('DELAY=0\n', 'DELAY has no effect here: without a unit'), ('RATE=Auto\n', 'RATE has no effect here'),
    ('RATE="auto fixed"\n', 'RATE has no effect here'), ('RATE=54M\n', 'RATE has no effect here'),
])
def test_what_others_mean_by_them_has_no_effect_and_a_remark(text, remark):
    found = read(text)
    assert found.shaping == () and [said for _, said in found.remarks if said.startswith(remark)]


@pytest.mark.parametrize('text,why', [
    ('RATE=fast\n', 'f:1: RATE: rate=fast: not a number'), ('BURST=32kb\n', 'f:1: BURST: burst= needs rate='),
    ('RATE=1mbit\nJITTER=1ms\n', 'f:2: JITTER: jitter= needs delay='), ('LOSS=101%\n', 'f:1: LOSS: '),
    ('TYPE=Bridge\nRATE=1mbit\n', 'f:2: RATE: a bridge has none here'),
])
def test_what_is_wrong_is_refused_with_its_line(text, why):
    with pytest.raises(UsageError) as caught:
        read(text)
    assert caught.value.message.startswith(why)
