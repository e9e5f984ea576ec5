"""What labels of a container may ask for, and what they may not."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model import own_wires
from netnsctl.model.endpoint import Target

WEB = Target('docker', 'web')
BRIDGE = 'self:eth1=10.0.0.2/24 bridge://br0=10.0.0.1/24'


def read(text, key='netnsctl.wire'):
    line = own_wires.parse(key, text, WEB)
    return str(line.a), str(line.b)


@pytest.mark.parametrize('text, ends', [
    (BRIDGE, ('docker://web:eth1=10.0.0.2/24', 'bridge://br0=10.0.0.1/24')),
    ('docker://db:eth1 self', ('docker://db:eth1', 'docker://web')),
    ('self=dhcp macvlan://eth0', ('docker://web=dhcp', 'macvlan://eth0')),
    ('self=10.0.0.2/24 host=10.0.0.1/24', ('docker://web=10.0.0.2/24', 'host=10.0.0.1/24')),
    ('self=10.0.0.2/24,publish=8080:80 bridge://br0=nat', None),
])
def test_self_is_the_container(text, ends):
    found = read(text)
    assert ends is None or found == ends
    assert sum('docker://web' in end for end in found) == 1


def test_a_line_takes_a_name_and_an_mtu():
    line = own_wires.parse('netnsctl.wire.a', '--name lan --mtu 1400 ' + BRIDGE, WEB)
    assert (line.name, line.mtu) == ('lan', 1400)


@pytest.mark.parametrize('text, cause', [
    ('', 'has 0'),
    ('self', 'has 1'),
    ('self self', 'one of its two ends must be self'),
    ('docker://db host', 'one of its two ends must be self'),
    ('self phys://eth0', 'phys://eth0 cannot be asked for'),
    ('self pid://1', 'pid://1 cannot be asked for'),
    ('self 1', '1 cannot be asked for'),
    ('self /proc/1/ns/net', 'cannot be asked for'),
    ('self path:///proc/1/ns/net', 'cannot be asked for'),
    ('self=10.0.0.2/24 host=10.0.0.1/24,route=0.0.0.0/0', 'routes of the host'),
    ('self=10.0.0.2/24 bridge://br0=10.0.0.1/24,gw=10.0.0.9', 'routes of the host'),
    ('self=10.0.0.2/24 bridge://br0=10.0.0.1/24,nat,open', 'open cannot be asked for'),
    ('self=10.0.0.1/24 docker://db:eth9=10.0.0.2/24,gw=10.0.0.1', 'routes of another container'),
    ('self=10.0.0.1/24 netns://db=10.0.0.2/24,route=8.8.8.8/32@10.0.0.1', 'routes of another container'),
    ('self=10.0.0.1/24 db=dhcp', 'routes of another container'),
    ('self=10.0.0.1/24 host=dhcp', 'dhcp cannot be given at host'),
    ('self=128.0.0.2/1 bridge://br9=128.0.0.1/1', 'a network as large as that of 128.0.0.1/1'),
    ('self host=2000::1/3', 'a network as large as that of 2000::1/3'),
    ('self=10.0.0.1/24 docker://db=10.0.0.2/24,publish=22:22', 'publish cannot be asked for'),
    ('self=10.0.0.1/24 macvlan://eth0=mode=passthru', 'mode=passthru cannot be asked for'),
    ('--force ' + BRIDGE, '--force: not an option'),
    (BRIDGE + '\nself host', 'control character'),
    ('self\x1b[2J host', 'control character'),
    ('self:eth0=' + 'x' * 2000 + ' host', 'longer than'),
    (None, 'not text'),
    ('"self host', 'cannot be split'),
])
def test_what_a_label_may_not_say_is_refused_with_its_name(text, cause):
    with pytest.raises(UsageError) as raised:
        read(text)
    assert raised.value.message.startswith('docker://web: label netnsctl.wire: ')
    assert cause in raised.value.message and '\n' not in raised.value.message and '\x1b' not in raised.value.message


@pytest.mark.parametrize('key', ['netnsctl.wire.', 'netnsctl.wire.a b', 'netnsctl.wire.' + 'a' * 65,
                                 'netnsctl.wire.\x1b[2J', 'netnsctl.wire./etc',
                                 'netnsctl.wires', 'netnsctl.Wire', 'netnsctl.'])
def test_a_label_with_an_odd_name_is_refused(key):
    with pytest.raises(UsageError) as raised:
        read(BRIDGE, key)
    assert '\x1b' not in raised.value.message


def test_labels_of_others_are_not_looked_at_and_one_that_is_wrong_affects_no_other():
    lines, errors = own_wires.of_labels({'netnsctl.wire': BRIDGE, 'netnsctl-wired': 'x', 'netnsctl.wire.b': 'x',
                                         'com.docker.compose.project': 'app'}, WEB)
    assert [key for key, _ in lines] == ['netnsctl.wire'] and len(errors) == 1


def test_the_number_of_wires_is_bounded():
    labels = dict(('netnsctl.wire.%02d' % at, BRIDGE) for at in range(100))
    lines, errors = own_wires.of_labels(labels, WEB)
    assert len(lines) == own_wires.MOST and len(errors) == 1 and '100' in errors[0].message
